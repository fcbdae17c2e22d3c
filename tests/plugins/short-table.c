/*
 * A table that ends before its operations.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#define SIZE offsetof(struct lookback_plugin, ops)
#include "tests/plugins/usual.h"
