/*
 * Its file is not called as it is.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/plugins/usual.h"
