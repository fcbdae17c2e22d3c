/*
 * A lab plugin that lacks an operation it must have.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#define APPLY NULL
#define NAME "no-apply"
#include "tests/plugins/usual.h"
