/*
 * One search, from its options to its last line.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_SEARCH_H
#define SEARCH_SEARCH_H

#include "search/options.h"

enum lsearch_status {
	LSEARCH_FOUND = 0,
	LSEARCH_NOTHING = 1,
	LSEARCH_ERROR = 2,
	LSEARCH_PARTLY = 3, /* a part was damaged, or is too old */
};

/* Print what is found on stdout, and on stderr what is to be told, errors
 * among it. `now_ns` is what ages are counted from. */
enum lsearch_status search_run(const struct options *, int64_t now_ns);

#endif
