/*
 * The listing of a series, for scripts that compare it.
 *
 *   listing [-0] [-l] [-a NUMBER] STORE SERIES
 *
 * A path a line, quoted, or with -0 raw with a NUL. -l: in front "TYPE SIZE"
 * and whether it is there ("put") or "unseen"; without, what is unseen is left
 * out. -a: at this snapshot, by its number in the series.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/text.h"
#include "format/segment.h"
#include "store/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static _Noreturn void
die(const struct err *err)
{
	char text[2048];

	fprintf(stderr, "listing: %s\n", err_text(err, text, sizeof(text)));
	exit(2);
}

static void
print_item(const struct listing_item *item, bool raw, bool full)
{
	struct buf path = { 0 };
	const struct entry *e = &item->entry;

	if (full) {
		printf("%c ", e->type == '\0' ? '-' : e->type);
		if (e->fields & ENTRY_SIZE)
			printf("%llu ", (unsigned long long)e->size);
		else
			printf("- ");
		printf("%s ", item->kind == EVENT_PUT ? "put" : "unseen");
	} else if (item->kind != EVENT_PUT)
		return;
	if (raw)
		printf("%.*s%c", (int)item->len, item->path, '\0');
	else if (text_quote(&path, item->path, item->len) == 0)
		puts(buf_str(&path));
	buf_done(&path);
}

int
main(int argc, char **argv)
{
	const struct series_row *series;
	const struct snapshot_row *snaps;
	struct err err = ERR_INIT;
	struct listing_item item;
	struct listing *l;
	struct store *store;
	struct view *v;
	bool raw = false, full = false;
	uint64_t number = 0;
	uint32_t at = 0;
	size_t n;
	int c, rc;

	while ((c = getopt(argc, argv, "0la:")) != -1) {
		raw = raw || c == '0';
		full = full || c == 'l';
		if (c == 'a')
			number = strtoull(optarg, NULL, 10);
	}
	if (argc - optind != 2)
		return 2;
	if (store_open(&store, argv[optind], STORE_READ, &err) != 0 ||
	    view_open(&v, store, &err) != 0)
		die(&err);
	if ((series = catalog_series(&v->cat, argv[optind + 1])) == NULL)
		return 1;
	snaps = catalog_snaps(&v->cat, series->id, &n);
	for (size_t i = 0; i < n; i++)
		if (snaps[i].number == number)
			at = snaps[i].id;
	if (number != 0 && at == 0)
		return 1;
	if (listing_open(&l, v, series->id, at, &err) != 0)
		die(&err);
	while ((rc = listing_next(l, &item, &err)) == 0)
		print_item(&item, raw, full);
	if (rc < 0)
		die(&err);
	listing_close(l);
	view_close(v);
	store_close(store);
	return 0;
}
