/*
 * lindex snapshots: every snapshot of every series.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/when.h"
#include "base/table.h"
#include "upkeep.h"

static const char help[] =
    "usage: lindex snapshots [OPTION]...\n"
    "\n"
    "One line for each snapshot: series, number, date, entries, what was\n"
    "observed (all, or names), how many files and directories could not be\n"
    "read, origin.\n"
    "\n"
    "  --host GLOB  only hosts whose name matches\n"
    "  --jsonl      as JSON Lines\n"
    "  --store DIR  the store; default: the central one, else the local\n"
    "  -h, --help   print this\n";

#define ORIGIN_SHOWN 200 /* bytes of it in the table */

static const struct {
	uint8_t field;
	const char *name;
} fields[] = {
	{ ENTRY_TYPE, "type" },
	{ ENTRY_MODE, "mode" },
	{ ENTRY_OWNER, "owner" },
	{ ENTRY_SIZE, "size" },
	{ ENTRY_MTIME, "mtime" },
	{ ENTRY_TARGET, "target" },
};

/* What is not in its row. */
struct detail {
	struct buf origin;
	uint32_t unread; /* the row that was counted last */
	size_t n_unread;
};

/* 1 when the snapshot was dropped meanwhile. */
static int
detail_read(struct detail *d, struct store *s, const struct snapshot_row *snap,
    struct err *err)
{
	struct unread_list list = { 0 };
	int rc;

	buf_clear(&d->origin);
	rc = snapshot_origin(&d->origin, s, snap, err);
	if (rc == 0 && snap->unread != d->unread &&
	    (rc = snapshot_unread(&list, s, snap, err)) == 0) {
		d->unread = snap->unread;
		d->n_unread = list.n;
		unread_list_done(&list);
	}
	if (rc != ERR_NOTFOUND)
		return rc;
	err_clear(err);
	return 1;
}

static void
print_row(struct table *t, const char *series, const struct snapshot_row *snap,
    struct detail *d)
{
	char when[WHEN_TEXT];
	struct buf origin = { 0 };
	/* Behind the question mark is how big and old it was. */
	size_t len = strcspn(buf_str(&d->origin), "?");
	bool long_one = len > ORIGIN_SHOWN;

	table_cell(t, "%s", series);
	table_cell(t, "%" PRIu64, snap->number);
	table_cell(t, "%s", when_text(snap->date_ns, when));
	table_cell(t, "%" PRIu64, snap->entries);
	table_cell(t, "%s",
	    snap->fields == ENTRY_ALL				? "all" :
		snap->fields == ENTRY_TYPE || snap->fields == 0 ? "names" :
								  "some");
	if (snap->complete)
		table_cell(t, "-");
	else
		table_cell(t, "%zu", d->n_unread);
	/* The table is held whole, and a peer says how long this is. */
	if (text_quote(&origin, buf_str(&d->origin),
		long_one ? ORIGIN_SHOWN : len) != 0)
		t->failed = true;
	table_cell(t, "%s%s", buf_str(&origin), long_one ? "..." : "");
	buf_done(&origin);
}

static void
json_observed(struct json *j, const struct snapshot_row *snap)
{
	json_open(j, "observed");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		json_bool(j, fields[i].name, snap->fields & fields[i].field);
	json_close(j);
}

static int
print_json(
    const char *series, const struct snapshot_row *snap, struct detail *d)
{
	char when[WHEN_TEXT], digest[DIGEST_HEX];
	struct buf b = { 0 };
	struct json j = json_begin(&b);
	int rc;

	json_int(&j, "v", 1);
	json_string(&j, "type", "snapshot");
	json_string(&j, "series", series);
	json_text(&j, "host", series, strcspn(series, "/"));
	json_uint(&j, "number", snap->number);
	json_string(&j, "date", when_rfc3339(snap->date_ns, when));
	json_string(&j, "clock", when_rfc3339(snap->clock_ns, when));
	json_string(&j, "received", when_rfc3339(snap->received_ns, when));
	json_uint(&j, "entries", snap->entries);
	json_bool(&j, "complete", snap->complete);
	json_uint(&j, "unread", d->n_unread);
	json_observed(&j, snap);
	/* A peer's origin may be any bytes. */
	if (text_is_utf8(buf_str(&d->origin), d->origin.len))
		json_string(&j, "origin", buf_str(&d->origin));
	else
		json_null(&j, "origin");
	json_string(&j, "digest", digest_hex(&snap->digest, digest));
	rc = json_end(&j);
	if (rc == 0)
		(void)fwrite(b.data, 1, b.len, stdout);
	buf_done(&b);
	return rc;
}

static int
show(const struct upkeep_shown *o, struct store *s, const struct catalog *cat,
    struct err *err)
{
	struct table t = { 0 };
	struct detail d = { 0 };
	int rc = 0;

	table_cell(&t, "SERIES");
	table_cell(&t, "NUMBER");
	table_cell(&t, "DATE");
	table_cell(&t, "ENTRIES");
	table_cell(&t, "OBSERVED");
	table_cell(&t, "UNREAD");
	table_cell(&t, "ORIGIN");
	table_heading_done(&t);
	for (size_t i = 0; rc >= 0 && i < cat->n_series; i++) {
		const char *name = cat->series[i].name;
		const struct snapshot_row *snap;
		size_t n;

		if (!upkeep_wants(name, o->host))
			continue;
		snap = catalog_snaps(cat, cat->series[i].id, &n);
		for (size_t k = 0; rc >= 0 && k < n; k++) {
			rc = detail_read(&d, s, &snap[k], err);
			if (rc == 0 && !o->jsonl)
				print_row(&t, name, &snap[k], &d);
			else if (rc == 0 && print_json(name, &snap[k], &d) != 0)
				rc = err_nomem(err);
		}
	}
	buf_done(&d.origin);
	if (rc < 0 || o->jsonl)
		buf_done(&t.text);
	else if (table_print(&t, stdout, "bdf") != 0)
		rc = err_nomem(err);
	return rc < 0 ? rc : 0;
}

int
cmd_snapshots(int argc, char **argv)
{
	return upkeep_show(UPKEEP_HOSTS, help, argc, argv, show);
}
