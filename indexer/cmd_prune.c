/*
 * lindex prune: drop old snapshots, by date.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/when.h"
#include "base/command_options.h"
#include "upkeep.h"

static const char help[] =
    "usage: lindex prune [OPTION]...\n"
    "\n"
    "Drops snapshots that nothing keeps, each series by itself, and merges.\n"
    "Without --keep-*, server.conf says what to keep of hosts that push here,\n"
    "and [Local] of lindex.conf of what is recorded here. A retention without\n"
    "any rule keeps everything. The newest snapshot always stays, and where\n"
    "lindex.conf names a server, what that has not acknowledged.\n"
    "\n"
    "  --keep-last N       the newest N\n"
    "  --keep-daily N      the newest of each of the last N days with one\n"
    "  --keep-weekly N     ... ISO weeks\n"
    "  --keep-monthly N    ... months\n"
    "  --keep-yearly N     ... years; N may be \"unlimited\"\n"
    "  --keep-within TIME  all that are younger than the newest by less: 14d\n"
    "  --series GLOB       only series whose name matches\n"
    "  --dry-run           only say what would be dropped\n"
    "  --store DIR         the store; default: central, else local\n"
    "  --config FILE       instead of server.conf or lindex.conf\n"
    "  -h, --help          print this\n";

struct arguments {
	const char *store, *config, *glob;
	bool dry_run;
	bool given;
	struct retention keep;
};

#define KEEP_MAX 1000000

static int
parse_number(const char *name, const char *text, int *ret)
{
	long long n = -1;

	if (strcmp(text, "unlimited") != 0 &&
	    !text_int(text, 1, KEEP_MAX, &n)) {
		log_error("--%s: \"%s\" is neither a number from 1 to %d nor "
			  "\"unlimited\"",
		    name, text, KEEP_MAX);
		return 1;
	}
	*ret = (int)n;
	return 0;
}

static int
parse_within(const char *text, int64_t *ret)
{
	struct err err = ERR_INIT;

	if (duration_parse(text, ret, &err) == 0 && *ret > 0)
		return 0;
	if (err.code == 0)
		(void)err_set(&err, ERR_USAGE, "\"%s\" keeps nothing", text);
	(void)err_wrap(&err, "--keep-within");
	log_err(&err);
	return 1;
}

#define NUMBERS 5 /* of the rules; their options come first */

/* 0 to go on, else 1 with the exit status. */
static int
parse(struct arguments *a, int argc, char **argv, int *ret_status)
{
	int *const number[NUMBERS] = { &a->keep.keep_last, &a->keep.keep_daily,
		&a->keep.keep_weekly, &a->keep.keep_monthly,
		&a->keep.keep_yearly };
	const char *text[NUMBERS] = { NULL }, *within = NULL;
	const struct command_option options[] = {
		{ "keep-last", &text[0], NULL },
		{ "keep-daily", &text[1], NULL },
		{ "keep-weekly", &text[2], NULL },
		{ "keep-monthly", &text[3], NULL },
		{ "keep-yearly", &text[4], NULL },
		{ "keep-within", &within, NULL },
		{ "series", &a->glob, NULL },
		{ "dry-run", NULL, &a->dry_run },
		{ "store", &a->store, NULL },
		{ "config", &a->config, NULL },
		{ NULL, NULL, NULL },
	};

	if (command_options(options, help, argc, argv, NULL, ret_status) != 0)
		return 1;
	for (size_t i = 0; i < NUMBERS; i++) {
		if (text[i] == NULL)
			continue;
		if (parse_number(options[i].name, text[i], number[i]) != 0)
			return 1;
		a->given = true;
	}
	if (within != NULL) {
		if (parse_within(within, &a->keep.keep_within_ns) != 0)
			return 1;
		a->given = true;
	}
	return 0;
}

struct told {
	struct upkeep_rules rules; /* first: upkeep_rule's ctx */
	bool dry_run;
};

static void
tell(void *ctx, const struct series_row *series,
    const struct snapshot_row *snap, bool kept)
{
	const struct told *told = ctx;
	char when[WHEN_TEXT];

	if (!kept)
		(void)printf("%s %s  %s  snapshot %llu\n",
		    told->dry_run ? "would drop" : "dropped",
		    when_text(snap->date_ns, when), series->name,
		    (unsigned long long)snap->number);
}

static struct prune_rule
rule(void *ctx, const struct series_row *series,
    const struct snapshot_row *newest)
{
	struct told *told = ctx;

	return upkeep_rule(&told->rules, series, newest);
}

/* The exit status. */
static int
prune(const struct arguments *a, struct store *s, struct err *err)
{
	struct told told = { .dry_run = a->dry_run };
	const struct prune_request request = {
		.rule = rule,
		.seen = tell,
		.ctx = &told,
		.glob = a->glob,
		.dry_run = a->dry_run,
	};
	struct prune_result pruned;
	int rc;

	if (upkeep_rules_load(&told.rules, s, a->config, err) != 0)
		return LINDEX_ERROR;
	told.rules.given = a->given;
	told.rules.keep = a->keep;
	rc = store_prune(s, &request, &pruned, err);
	upkeep_rules_done(&told.rules);
	if (rc != 0) {
		(void)err_wrap(err, "store %s", store_dir(s));
		return LINDEX_ERROR;
	}
	(void)printf("%zu snapshots %s, %zu kept\n", pruned.dropped,
	    a->dry_run ? "would be dropped" : "dropped", pruned.kept);
	if (!a->dry_run && upkeep_merge(s, MERGE_TIERED, err) != 0)
		return LINDEX_PARTLY;
	return LINDEX_DONE;
}

int
cmd_prune(int argc, char **argv)
{
	struct arguments a = { 0 };
	struct err err = ERR_INIT;
	struct store *s;
	int status;

	if (parse(&a, argc, argv, &status) != 0)
		return status;
	status = LINDEX_ERROR;
	if (upkeep_open(&s, a.store, STORE_WRITE, &err) == 0) {
		status = prune(&a, s, &err);
		store_close(s);
	}
	if (err.code != 0)
		log_err(&err);
	return status;
}
