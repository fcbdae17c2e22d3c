/*
 * The command line of lsearch.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_OPTIONS_H
#define SEARCH_OPTIONS_H

#include "search/hits.h"

/* A snapshot older than this makes its host stale, where nothing else is
 * said: what locate(1) finds too old. */
#define STALE_DAYS 8

struct options {
	const char *store; /* NULL: the default */
	struct pattern_options pattern;
	struct selection selection; /* its lists are owned */
	bool count, null, quiet, paths_only, jsonl, strict, where;
	bool has_max_age;
	int64_t max_age_ns;
	long long limit; /* -1: none */
	char **patterns; /* borrowed from argv */
	size_t n_patterns;
};

enum options_result {
	OPTIONS_SEARCH,
	OPTIONS_TOLD,  /* --help or --version, printed */
	OPTIONS_WRONG, /* told on stderr */
};

/* `now_ns` is what "yesterday" goes by. */
enum options_result search_options(
    struct options *ret, int argc, char **argv, int64_t now_ns);
void search_options_done(struct options *);

#endif
