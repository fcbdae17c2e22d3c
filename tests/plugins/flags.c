/*
 * Needs what this host does not have.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#define FLAGS 0x10
#define NAME "flags"
#include "tests/plugins/usual.h"
