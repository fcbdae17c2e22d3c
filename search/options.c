/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/version.h"
#include "base/when.h"

static const char help[] =
    "usage: lsearch [OPTION]... PATTERN...\n"
    "\n"
    "Find files by name on every host and every date, deleted ones too. A\n"
    "pattern is a substring, or with one of *?[ a glob over the whole path;\n"
    "several patterns must all match.\n"
    "\n"
    "  -b, --basename     match only what is behind the last slash\n"
    "  -w, --wholename    match the whole path (the default)\n"
    "  -i, --ignore-case  a to z match A to Z\n"
    "  -r, --regexp       patterns are POSIX basic regular expressions\n"
    "      --regex        patterns are POSIX extended regular expressions\n"
    "  -A, --all          every pattern must match (always so)\n"
    "\n"
    "  -H, --host GLOB    only hosts of this name; may be repeated\n"
    "      --series GLOB  only series of this name; may be repeated\n"
    "      --at TIME      what was there at that time\n"
    "      --since TIME   versions that lived at or after that time\n"
    "      --until TIME   versions that lived at or before that time\n"
    "  -e, --existing     only what is still there\n"
    "  -E, --deleted      only what was deleted\n"
    "\n"
    "  -c, --count        print only the number of lines\n"
    "  -l, -n, --limit N  stop after N lines\n"
    "  -N, --paths-only   print only SERIES:/PATH\n"
    "  -0, --null         end lines with a NUL byte\n"
    "      --jsonl        print JSON Lines\n"
    "      --where        print where each can come from: live, an archive "
    "...\n"
    "  -q, --quiet        no messages about damage, age and pruning\n"
    "      --strict       status 3 when a host's last snapshot is too old\n"
    "      --max-age AGE  what is too old; default: 8 days\n"
    "  -d, --database DIR, --store DIR\n"
    "                     the store; default: the central one, else the local\n"
    "      --help         print this\n"
    "  -V, --version      print the version\n";

enum {
	OPT_AT = 256,
	OPT_HELP,
	OPT_JSONL,
	OPT_MAX_AGE,
	OPT_REGEX,
	OPT_SERIES,
	OPT_SINCE,
	OPT_STRICT,
	OPT_UNTIL,
	OPT_WHERE,
};

static const struct option long_options[] = {
	{ "all", no_argument, NULL, 'A' },
	{ "at", required_argument, NULL, OPT_AT },
	{ "basename", no_argument, NULL, 'b' },
	{ "count", no_argument, NULL, 'c' },
	{ "database", required_argument, NULL, 'd' },
	{ "deleted", no_argument, NULL, 'E' },
	{ "existing", no_argument, NULL, 'e' },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "host", required_argument, NULL, 'H' },
	{ "ignore-case", no_argument, NULL, 'i' },
	{ "jsonl", no_argument, NULL, OPT_JSONL },
	{ "limit", required_argument, NULL, 'l' },
	{ "max-age", required_argument, NULL, OPT_MAX_AGE },
	{ "null", no_argument, NULL, '0' },
	{ "paths-only", no_argument, NULL, 'N' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "regex", no_argument, NULL, OPT_REGEX },
	{ "regexp", no_argument, NULL, 'r' },
	{ "series", required_argument, NULL, OPT_SERIES },
	{ "since", required_argument, NULL, OPT_SINCE },
	{ "store", required_argument, NULL, 'd' },
	{ "strict", no_argument, NULL, OPT_STRICT },
	{ "until", required_argument, NULL, OPT_UNTIL },
	{ "version", no_argument, NULL, 'V' },
	{ "where", no_argument, NULL, OPT_WHERE },
	{ "wholename", no_argument, NULL, 'w' },
	{ NULL, 0, NULL, 0 },
};

static int
glob_add(const char *const **list, size_t *n, const char *glob)
{
	const char **more;

	/* The list is ours; only its readers see it const. */
	more = malloc((*n + 1) * sizeof(*more));
	if (more == NULL) {
		log_error("out of memory");
		return -1;
	}
	if (*n > 0)
		memcpy(more, *list, *n * sizeof(*more));
	free((void *)(uintptr_t)*list);
	more[(*n)++] = glob;
	*list = more;
	return 0;
}

static int
time_of(const char *option, const char *text, int64_t now, enum when_edge edge,
    int64_t *ret)
{
	struct err err = ERR_INIT;

	if (when_parse(text, now, edge, ret, &err) == 0)
		return 0;
	(void)err_wrap(&err, "%s", option);
	log_err(&err);
	return -1;
}

/* An option that only says yes; false when it is another. */
static bool
take_flag(struct options *o, int c)
{
	switch (c) {
	case '0':
		o->null = true;
		return true;
	case 'A':
		return true;
	case 'b':
		o->pattern.basename = true;
		return true;
	case 'c':
		o->count = true;
		return true;
	case 'i':
		o->pattern.ignore_case = true;
		return true;
	case 'N':
		o->paths_only = true;
		return true;
	case 'q':
		o->quiet = true;
		return true;
	case 'r':
		o->pattern.syntax = PATTERN_BASIC;
		return true;
	case 'w':
		o->pattern.basename = false;
		return true;
	case OPT_JSONL:
		o->jsonl = true;
		return true;
	case OPT_REGEX:
		o->pattern.syntax = PATTERN_EXTENDED;
		return true;
	case OPT_STRICT:
		o->strict = true;
		return true;
	case OPT_WHERE:
		o->where = true;
		return true;
	default:
		return false;
	}
}

static int
take_store(struct options *o, const char *dir)
{
	if (o->store != NULL) {
		log_error("one store at a time: '%s' or '%s'", o->store, dir);
		return -1;
	}
	o->store = dir;
	return 0;
}

static int
take_states(struct selection *sel, enum hit_states states)
{
	if (sel->states != HITS_ALL && sel->states != states) {
		log_error("-e and -E leave nothing to be found");
		return -1;
	}
	sel->states = states;
	return 0;
}

static int
take_limit(struct options *o, const char *arg)
{
	if (text_int(arg, 1, INT64_MAX, &o->limit))
		return 0;
	log_error("--limit: '%s' is not a number from 1", arg);
	return -1;
}

static int
take_max_age(struct options *o, const char *arg)
{
	struct err err = ERR_INIT;

	o->has_max_age = true;
	if (duration_parse(arg, &o->max_age_ns, &err) == 0)
		return 0;
	(void)err_wrap(&err, "--max-age");
	log_err(&err);
	return -1;
}

/* One option: 0, 1 when that was all, -1 told. */
static int
take(struct options *o, int c, const char *arg, int64_t now)
{
	struct selection *sel = &o->selection;

	if (take_flag(o, c))
		return 0;
	switch (c) {
	case 'd':
		return take_store(o, arg);
	case 'E':
		return take_states(sel, HITS_DELETED);
	case 'e':
		return take_states(sel, HITS_EXISTING);
	case 'H':
		return glob_add(&sel->hosts, &sel->n_hosts, arg);
	case 'l':
	case 'n':
		return take_limit(o, arg);
	case OPT_AT:
		sel->has_at = true;
		return time_of("--at", arg, now, WHEN_END, &sel->at_ns);
	case OPT_MAX_AGE:
		return take_max_age(o, arg);
	case OPT_SERIES:
		return glob_add(&sel->series, &sel->n_series, arg);
	case OPT_SINCE:
		return time_of(
		    "--since", arg, now, WHEN_START, &sel->window.since_ns);
	case OPT_UNTIL:
		return time_of(
		    "--until", arg, now, WHEN_END, &sel->window.until_ns);
	case 'V':
		(void)puts("lsearch (Lookback) " LOOKBACK_VERSION);
		return 1;
	case OPT_HELP:
		(void)fputs(help, stdout);
		return 1;
	default:
		log_note("try 'lsearch --help'");
		return -1;
	}
}

/* What no single option shows. */
static int
check(const struct options *o)
{
	const struct selection *sel = &o->selection;
	const struct window *w = &sel->window;
	const char *what = NULL;
	char since[WHEN_TEXT], until[WHEN_TEXT];

	if (sel->has_at &&
	    (w->since_ns != INT64_MIN || w->until_ns != INT64_MAX))
		what = "--at is one moment: --since and --until do not go "
		       "with it";
	else if (o->jsonl && (o->count || o->paths_only || o->null))
		what = "--jsonl does not go with -c, -N and -0";
	else if (o->n_patterns == 0)
		what = "no pattern given; try 'lsearch --help'";
	if (what == NULL && w->since_ns <= w->until_ns)
		return 0;
	if (what != NULL)
		log_error("%s", what);
	else
		log_error("the time range is impossible: it begins %s and "
			  "ends before that, %s",
		    when_text(w->since_ns, since),
		    when_text(w->until_ns, until));
	return -1;
}

enum options_result
search_options(struct options *ret, int argc, char **argv, int64_t now)
{
	struct options o = { .limit = -1,
		.max_age_ns = STALE_DAYS * INT64_C(86400) * NS_PER_S,
		.selection.window = { INT64_MIN, INT64_MAX } };
	int c, rc;

	while ((c = getopt_long(argc, argv, "0AbcEd:eH:il:Nn:qrVw",
		    long_options, NULL)) != -1) {
		if ((rc = take(&o, c, optarg, now)) != 0) {
			search_options_done(&o);
			return rc > 0 ? OPTIONS_TOLD : OPTIONS_WRONG;
		}
	}
	o.patterns = argv + optind;
	o.n_patterns = (size_t)(argc - optind);
	if (check(&o) != 0) {
		search_options_done(&o);
		return OPTIONS_WRONG;
	}
	*ret = o;
	return OPTIONS_SEARCH;
}

void
search_options_done(struct options *o)
{
	free((void *)(uintptr_t)o->selection.hosts);
	free((void *)(uintptr_t)o->selection.series);
	o->selection.hosts = NULL;
	o->selection.series = NULL;
}
