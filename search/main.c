/*
 * lsearch: find files by name on every host and every date.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>

#include "base/log.h"
#include "base/when.h"
#include "search/search.h"

int
main(int argc, char **argv)
{
	enum lsearch_status status;
	struct options options;
	int64_t now = when_now();

	log_program("lsearch");
	switch (search_options(&options, argc, argv, now)) {
	case OPTIONS_WRONG:
		return LSEARCH_ERROR;
	case OPTIONS_TOLD:
		return fflush(stdout) == 0 ? LSEARCH_FOUND : LSEARCH_ERROR;
	case OPTIONS_SEARCH:
		break;
	}
	status = search_run(&options, now);
	search_options_done(&options);
	return (int)status;
}
