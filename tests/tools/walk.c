/*
 * A walk alone: prints what it gives, a line each.
 *
 *   walk [-n] [-q] [-c CACHE -t TAG] [-p PRUNEPATH]... [-N PRUNENAME]... ROOT
 *
 * -n names only, -q only counts, -c with this scan cache, written for TAG.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/text.h"
#include "sys/walk.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
die(const struct err *err)
{
	char text[2048];

	fprintf(stderr, "walk: %s\n", err_text(err, text, sizeof(text)));
	return 2;
}

static void
print_item(const struct walk_item *item)
{
	static const char *const kinds[] = { "entry", "unread", "unstatted",
		"unchanged" };
	const struct entry *e = &item->entry;
	struct buf path = { 0 };

	(void)text_quote(&path, item->path, item->len);
	printf("%s %c %s%s", kinds[item->kind], e->type == '\0' ? '-' : e->type,
	    buf_str(&path), item->pruned ? " (pruned)" : "");
	if (e->fields & ENTRY_SIZE)
		printf(" %llu", (unsigned long long)e->size);
	if (e->fields & ENTRY_TARGET)
		printf(" -> %.*s", (int)e->target_len, e->target);
	if (item->error != 0)
		printf(" %s", strerrorname_np(item->error));
	putchar('\n');
	buf_done(&path);
}

int
main(int argc, char **argv)
{
	struct scope scope = { 0 };
	struct walk_options o = { .scope = &scope, .tmpdir = "/tmp" };
	struct err err = ERR_INIT;
	struct walk_item item;
	struct walk *w;
	unsigned long count[4] = { 0 };
	bool quiet = false;
	int c, rc;

	while ((c = getopt(argc, argv, "nqc:t:p:N:")) != -1) {
		switch (c) {
		case 'n':
			o.names_only = true;
			break;
		case 'q':
			quiet = true;
			break;
		case 'c':
			o.cache = optarg;
			break;
		case 't':
			o.cache_tag = optarg;
			break;
		case 'p':
			(void)strlist_add(
			    &scope.prunepaths, optarg, strlen(optarg));
			break;
		case 'N':
			(void)strlist_add(
			    &scope.prunenames, optarg, strlen(optarg));
			break;
		default:
			return 2;
		}
	}
	if (optind != argc - 1)
		return 2;
	(void)scope_set_root(&scope, argv[optind]);
	if (scope_from_mountinfo(&scope, "/proc/self/mountinfo", &err) != 0 ||
	    walk_open(&w, &o, &err) != 0)
		return die(&err);
	while ((rc = walk_next(w, &item, &err)) == 0) {
		count[item.kind]++;
		if (!quiet)
			print_item(&item);
	}
	if (rc < 0)
		return die(&err);
	if (o.cache_tag != NULL && walk_commit_cache(w, o.cache_tag, &err) != 0)
		return die(&err);
	walk_close(w);
	scope_done(&scope);
	if (quiet)
		printf(
		    "%lu entries, %lu unread, %lu unstatted, %lu unchanged\n",
		    count[0], count[1], count[2], count[3]);
	return 0;
}
