/*
 * A plugin without fault.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/plugins/usual.h"
