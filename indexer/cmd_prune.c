/*
 * lindex prune: drop old snapshots, by date.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/when.h"
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

enum option_id {
	OPT_LAST = 256,
	OPT_DAILY,
	OPT_WEEKLY,
	OPT_MONTHLY,
	OPT_YEARLY,
	OPT_WITHIN,
	OPT_SERIES,
	OPT_DRY_RUN,
	OPT_STORE,
	OPT_CONFIG,
};

static const struct option options[] = {
	{ "keep-last", required_argument, NULL, OPT_LAST },
	{ "keep-daily", required_argument, NULL, OPT_DAILY },
	{ "keep-weekly", required_argument, NULL, OPT_WEEKLY },
	{ "keep-monthly", required_argument, NULL, OPT_MONTHLY },
	{ "keep-yearly", required_argument, NULL, OPT_YEARLY },
	{ "keep-within", required_argument, NULL, OPT_WITHIN },
	{ "series", required_argument, NULL, OPT_SERIES },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "store", required_argument, NULL, OPT_STORE },
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct arguments {
	const char *store, *config, *glob;
	bool dry_run;
	bool given;
	struct retention keep;
};

static int
parse_number(const char *name, int *ret)
{
	long long n = -1;

	if (strcmp(optarg, "unlimited") != 0 &&
	    !text_int(optarg, 1, 1000000, &n)) {
		log_error("--%s: \"%s\" is not a number above 0 or "
			  "\"unlimited\"",
		    name, optarg);
		return -1;
	}
	*ret = (int)n;
	return 0;
}

static int
parse_within(int64_t *ret)
{
	struct err err = ERR_INIT;

	if (duration_parse(optarg, ret, &err) == 0 && *ret > 0)
		return 0;
	if (err.code == 0)
		(void)err_set(&err, ERR_USAGE, "\"%s\" is no time", optarg);
	(void)err_wrap(&err, "--keep-within");
	log_err(&err);
	return -1;
}

/* 0, 1 when all is done (--help), or -1 with a message. */
static int
parse(struct arguments *a, int argc, char **argv)
{
	int c, index = 0;

	while ((c = getopt_long(argc, argv, "h", options, &index)) != -1) {
		const char *name = options[index].name;
		int rc = 0;

		a->given = a->given || (c >= OPT_LAST && c <= OPT_WITHIN);
		switch (c) {
		case OPT_LAST:
			rc = parse_number(name, &a->keep.keep_last);
			break;
		case OPT_DAILY:
			rc = parse_number(name, &a->keep.keep_daily);
			break;
		case OPT_WEEKLY:
			rc = parse_number(name, &a->keep.keep_weekly);
			break;
		case OPT_MONTHLY:
			rc = parse_number(name, &a->keep.keep_monthly);
			break;
		case OPT_YEARLY:
			rc = parse_number(name, &a->keep.keep_yearly);
			break;
		case OPT_WITHIN:
			rc = parse_within(&a->keep.keep_within_ns);
			break;
		case OPT_SERIES:
			a->glob = optarg;
			break;
		case OPT_DRY_RUN:
			a->dry_run = true;
			break;
		case OPT_STORE:
			a->store = optarg;
			break;
		case OPT_CONFIG:
			a->config = optarg;
			break;
		case 'h':
			(void)fputs(help, stdout);
			return 1;
		default:
			return -1;
		}
		if (rc != 0)
			return rc;
	}
	if (optind < argc) {
		log_error("\"%s\" is not an option", argv[optind]);
		return -1;
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
	if (rc != 0)
		return LINDEX_ERROR;
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
	int rc;

	if ((rc = parse(&a, argc, argv)) != 0)
		return rc > 0 ? LINDEX_DONE : LINDEX_ERROR;
	rc = LINDEX_ERROR;
	if (upkeep_open(&s, a.store, STORE_WRITE, &err) == 0) {
		rc = prune(&a, s, &err);
		store_close(s);
	}
	if (err.code != 0)
		log_err(&err);
	return rc;
}
