/*
 * Read a file of settings.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_SETTINGS_FILE_H
#define INDEXER_SETTINGS_FILE_H

#include "base/setting.h"

/* Read and parse `file`; with may_be_missing, one that is not there is empty. */
int settings_read(const struct settings_table *, void *ctx, const char *file,
    bool may_be_missing, struct err *);

#endif
