/*
 * lsearch: find files by name on every host and every date.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/query.h"

int
main(void)
{
	return 2;
}
