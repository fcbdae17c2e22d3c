/*
 * lindex hosts: how each series stands.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/when.h"
#include "base/table.h"
#include "upkeep.h"

static const char help[] =
    "usage: lindex hosts [OPTION]...\n"
    "\n"
    "One line for each series of each host: its snapshots, the first and the\n"
    "last date, the age of the last, its entries, how many snapshots are\n"
    "incomplete (\"!\": the last one is), and in a store that is pushed from,\n"
    "how many snapshots the server has not acknowledged.\n"
    "\n"
    "  --host GLOB  only hosts whose name matches\n"
    "  --jsonl      as JSON Lines\n"
    "  --store DIR  the store; default: the central one, else the local\n"
    "  -h, --help   print this\n";

/* What is told of one series. */
struct standing {
	const char *name;
	size_t n; /* snapshots */
	const struct snapshot_row *first, *last;
	size_t incomplete, waiting;
	uint64_t acked; /* number; 0: none */
};

static int
stand(struct standing *ret, struct store *s, const struct catalog *cat,
    const struct series_row *series, struct err *err)
{
	const struct snapshot_row *snap;
	struct standing st = { .name = series->name };
	int rc;

	snap = catalog_snaps(cat, series->id, &st.n);
	if ((rc = store_acked(s, series->name, &st.acked, err)) != 0)
		return rc;
	for (size_t i = 0; i < st.n; i++) {
		st.incomplete += !snap[i].complete;
		st.waiting += snap[i].number > st.acked;
	}
	if (st.n > 0) {
		st.first = &snap[0];
		st.last = &snap[st.n - 1];
	}
	*ret = st;
	return 0;
}

static void
print_row(struct table *t, const struct standing *st, bool pushes)
{
	char when[WHEN_TEXT];

	table_cell(t, "%s", st->name);
	table_cell(t, "%zu", st->n);
	table_cell(t, "%s", when_text_min(st->first->date_ns, when));
	table_cell(t, "%s", when_text_min(st->last->date_ns, when));
	table_cell(
	    t, "%s", when_age(when_now() - snapshot_age_from(st->last), when));
	table_cell(t, "%" PRIu64, st->last->entries);
	table_cell(t, "%zu%s", st->incomplete, st->last->complete ? "" : "!");
	if (pushes)
		table_cell(t, "%zu", st->waiting);
}

static int
print_table(const struct standing *st, size_t n)
{
	struct table t = { 0 };
	bool pushes = false;

	for (size_t i = 0; i < n; i++)
		pushes = pushes || st[i].acked > 0;
	table_cell(&t, "SERIES");
	table_cell(&t, "SNAPSHOTS");
	table_cell(&t, "FIRST");
	table_cell(&t, "LAST");
	table_cell(&t, "AGE");
	table_cell(&t, "ENTRIES");
	table_cell(&t, "INCOMPLETE");
	if (pushes)
		table_cell(&t, "WAITING");
	table_heading_done(&t);
	for (size_t i = 0; i < n; i++)
		print_row(&t, &st[i], pushes);
	return table_print(&t, stdout, "befgh");
}

static int
print_json(const struct standing *st, size_t n)
{
	struct buf b = { 0 };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct json j = json_begin(&b);
		char when[WHEN_TEXT];

		json_int(&j, "v", 1);
		json_string(&j, "type", "series");
		json_string(&j, "series", st[i].name);
		json_text(&j, "host", st[i].name, strcspn(st[i].name, "/"));
		json_uint(&j, "snapshots", st[i].n);
		json_string(
		    &j, "first", when_rfc3339(st[i].first->date_ns, when));
		json_string(
		    &j, "last", when_rfc3339(st[i].last->date_ns, when));
		json_int(&j, "age_s",
		    (when_now() - snapshot_age_from(st[i].last)) / NS_PER_S);
		json_uint(&j, "entries", st[i].last->entries);
		json_bool(&j, "complete", st[i].last->complete);
		json_uint(&j, "incomplete_snapshots", st[i].incomplete);
		/* What came by a push is not pushed on. */
		if (st[i].last->has_peer) {
			json_null(&j, "acked");
			json_null(&j, "waiting");
		} else {
			json_uint(&j, "acked", st[i].acked);
			json_uint(&j, "waiting", st[i].waiting);
		}
		rc = json_end(&j);
	}
	if (rc == 0)
		(void)fwrite(b.data, 1, b.len, stdout);
	buf_done(&b);
	return rc;
}

static int
show(const struct upkeep_shown *o, struct store *s, const struct catalog *cat,
    struct err *err)
{
	struct standing *st = calloc(cat->n_series + 1, sizeof(*st));
	size_t n = 0;
	int rc = 0;

	if (st == NULL)
		return err_nomem(err);
	for (size_t i = 0; rc == 0 && i < cat->n_series; i++) {
		if (!upkeep_wants(cat->series[i].name, o->host))
			continue;
		rc = stand(&st[n], s, cat, &cat->series[i], err);
		n += st[n].n > 0;
	}
	if (rc == 0 && (o->jsonl ? print_json(st, n) : print_table(st, n)) != 0)
		rc = err_nomem(err);
	free(st);
	return rc;
}

int
cmd_hosts(int argc, char **argv)
{
	return upkeep_show(UPKEEP_HOSTS, help, argc, argv, show);
}
