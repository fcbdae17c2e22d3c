/*
 * A plugin of another kind.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#define KIND LOOKBACK_SOURCE
#define NAME "source"
#include "tests/plugins/usual.h"
