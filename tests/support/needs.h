/*
 * What a formula of trigrams says of a path, straight from its definition.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_NEEDS_H
#define SUPPORT_NEEDS_H

#include "format/triquery.h"

#include <stdbool.h>

bool needs_hold(const struct triquery *, const char *path);

#endif
