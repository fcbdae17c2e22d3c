/*
 * Pushing to the configured server: for lindex push and lindex run.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_PUSH_H
#define INDEXER_PUSH_H

#include "settings.h"

/* Push what the server lacks of this host's series in the store. Prints what
 * went wrong and returns the exit status: LINDEX_PARTLY for everything that a
 * later push may heal. */
int push_to_server(
    const struct settings *, const char *store_dir, const char *host);

#endif
