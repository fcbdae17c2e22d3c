/*
 * What the files of the model share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_MODEL_PRIVATE_H
#define SUPPORT_MODEL_PRIVATE_H

#include "tests/support/model.h"

bool model_is_below(const struct model *, size_t i, size_t dir);
/* Any entry, of a directory or of what is none. */
struct entry model_entry(struct dice *, bool dir);

#endif
