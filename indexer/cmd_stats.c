/*
 * lindex stats: a store as a whole.
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
#include "upkeep.h"

static const char help[] =
    "usage: lindex stats [OPTION]...\n"
    "\n"
    "Hosts, series, snapshots, entries and bytes of a store.\n"
    "\n"
    "  --jsonl      as one JSON line\n"
    "  --store DIR  the store; default: the central one, else the local\n"
    "  -h, --help   print this\n";

struct stats {
	size_t hosts, incomplete;
	uint64_t entries;	       /* of each series' newest snapshot */
	uint64_t listed;	       /* of all snapshots */
	uint64_t bytes, paths, events; /* of the segments */
	const struct snapshot_row *oldest, *newest;
};

/* Whether no series before this one is the same host's. They are sorted by
 * name, but "web-2" stands between "web" and "web/import". */
static bool
is_new_host(const struct catalog *cat, size_t i)
{
	const char *name = cat->series[i].name;
	size_t len = strcspn(name, "/");

	for (size_t k = i; k-- > 0;) {
		const char *before = cat->series[k].name;

		if (strncmp(before, name, len) != 0)
			return true;
		if (strcspn(before, "/") == len)
			return false;
	}
	return true;
}

static struct stats
count(const struct catalog *cat)
{
	struct stats st = { 0 };

	for (size_t i = 0; i < cat->n_series; i++)
		st.hosts += is_new_host(cat, i);
	for (size_t i = 0; i < cat->n_snaps; i++) {
		const struct snapshot_row *snap = &cat->snaps[i];

		st.incomplete += !snap->complete;
		st.listed += snap->entries;
		if (i + 1 == cat->n_snaps || snap[1].series != snap->series)
			st.entries += snap->entries;
		if (st.oldest == NULL || snap->date_ns < st.oldest->date_ns)
			st.oldest = snap;
		if (st.newest == NULL || snap->date_ns > st.newest->date_ns)
			st.newest = snap;
	}
	for (size_t i = 0; i < cat->n_segments; i++) {
		st.bytes += cat->segments[i].bytes;
		st.paths += cat->segments[i].paths;
		st.events += cat->segments[i].events;
	}
	return st;
}

static void
print_text(struct store *s, const struct catalog *cat, const struct stats *st)
{
	char text[WHEN_TEXT], size[TEXT_SIZE];

	(void)printf("store      %s\n", store_dir(s));
	(void)printf("hosts      %zu\n", st->hosts);
	(void)printf("series     %zu\n", cat->n_series);
	(void)printf("snapshots  %zu, %zu of them incomplete\n", cat->n_snaps,
	    st->incomplete);
	if (st->oldest != NULL) {
		(void)printf(
		    "oldest     %s\n", when_text(st->oldest->date_ns, text));
		(void)printf(
		    "newest     %s\n", when_text(st->newest->date_ns, text));
	}
	(void)printf("entries    %" PRIu64 " now, %" PRIu64
		     " listed in all snapshots\n",
	    st->entries, st->listed);
	(void)printf("segments   %zu, %s (%" PRIu64 " bytes)\n",
	    cat->n_segments, text_size(st->bytes, size), st->bytes);
	(void)printf("paths      %" PRIu64 "\n", st->paths);
	(void)printf("events     %" PRIu64 "\n", st->events);
}

static int
print_json(struct store *s, const struct catalog *cat, const struct stats *st)
{
	char text[WHEN_TEXT], id[2 * STORE_ID_SIZE + 1];
	struct buf b = { 0 };
	struct json j = json_begin(&b);
	int rc;

	for (size_t i = 0; i < STORE_ID_SIZE; i++)
		(void)snprintf(id + 2 * i, 3, "%02x", store_id(s)[i]);
	json_int(&j, "v", 1);
	json_string(&j, "type", "store");
	json_string(&j, "id", id);
	json_uint(&j, "hosts", st->hosts);
	json_uint(&j, "series", cat->n_series);
	json_uint(&j, "snapshots", cat->n_snaps);
	json_uint(&j, "incomplete_snapshots", st->incomplete);
	if (st->oldest != NULL) {
		json_string(
		    &j, "oldest", when_rfc3339(st->oldest->date_ns, text));
		json_string(
		    &j, "newest", when_rfc3339(st->newest->date_ns, text));
	} else {
		json_null(&j, "oldest");
		json_null(&j, "newest");
	}
	json_uint(&j, "entries", st->entries);
	json_uint(&j, "listed", st->listed);
	json_uint(&j, "segments", cat->n_segments);
	json_uint(&j, "bytes", st->bytes);
	json_uint(&j, "paths", st->paths);
	json_uint(&j, "events", st->events);
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
	struct stats st = count(cat);

	if (!o->jsonl)
		print_text(s, cat, &st);
	else if (print_json(s, cat, &st) != 0)
		return err_nomem(err);
	return 0;
}

int
cmd_stats(int argc, char **argv)
{
	return upkeep_show(UPKEEP_STORE, help, argc, argv, show);
}
