/*
 * Built against another ABI, whose table may be anything.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#define ABI (LOOKBACK_PLUGIN_ABI + 1)
#define SIZE 8
#include "tests/plugins/usual.h"
