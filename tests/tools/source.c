/*
 * What a source says, for scripts that compare it.
 *
 *   source [-o KEY=VALUE]... about URI
 *   source [-0] [-o KEY=VALUE]... list URI
 *   source [-o KEY=VALUE]... cat URI PATH...
 *
 * about: "FORMAT FIELDS", and "ordered", "additive", the date where it has them.
 * list: an item a line (with -0 NUL in place of the newline), bytes as they are;
 * an entry as find -printf '%y %m %U %G %s %T@ %p' has it, " -> TARGET" behind a
 * link's, "-" for what is not observed; another one as "unread: PATH: WHY".
 * cat: the content of these paths, in path order, also where the source fails in
 * the end. What is not there or cannot be read goes to stderr, and the status is
 * 1; 2 where the source fails.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/path.h"
#include "plugin/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char line_end = '\n';

static _Noreturn void
die(const struct err *err)
{
	char text[2048];

	(void)fflush(stdout);
	fprintf(stderr, "source: %s\n", err_text(err, text, sizeof(text)));
	exit(2);
}

static _Noreturn void
usage(void)
{
	fputs("usage: source [-0] [-o KEY=VALUE]... about|list|cat URI "
	      "[PATH...]\n",
	    stderr);
	exit(2);
}

/* ---- about, list ---- */

static void
print_about(const struct lookback_about *about)
{
	printf("%s 0x%x", about->format != NULL ? about->format : "-",
	    about->fields);
	if (about->ordered)
		fputs(" ordered", stdout);
	if (about->additive)
		fputs(" additive", stdout);
	if (about->has_date)
		printf(" date %" PRId64, about->date_ns);
	putchar('\n');
}

static void
print_entry(const struct source_item *item)
{
	const struct entry *e = &item->entry;

	printf("%c ", e->fields & ENTRY_TYPE ? e->type : '-');
	if (e->fields & ENTRY_MODE)
		printf("%o ", e->mode);
	else
		fputs("- ", stdout);
	if (e->fields & ENTRY_OWNER)
		printf("%u %u ", e->uid, e->gid);
	else
		fputs("- - ", stdout);
	if (e->fields & ENTRY_SIZE)
		printf("%" PRIu64 " ", e->size);
	else
		fputs("- ", stdout);
	if (e->fields & ENTRY_MTIME)
		printf("%" PRId64 ".%09u0 ", e->mtime, e->mtime_ns);
	else
		fputs("- ", stdout);
	(void)fwrite(item->path, 1, item->len, stdout);
	if (e->fields & ENTRY_TARGET) {
		fputs(" -> ", stdout);
		(void)fwrite(e->target, 1, e->target_len, stdout);
	}
}

static void
print_item(const struct source_item *item)
{
	switch ((enum lookback_item_kind)item->kind) {
	case LOOKBACK_ENTRY:
		print_entry(item);
		putchar(line_end);
		return;
	case LOOKBACK_UNREAD:
		fputs("unread", stdout);
		break;
	case LOOKBACK_UNLOOKED:
		fputs("unlooked", stdout);
		break;
	case LOOKBACK_OUTSIDE:
		fputs("outside", stdout);
		break;
	}
	fputs(": ", stdout);
	(void)fwrite(item->path, 1, item->len, stdout);
	printf(": %s%c",
	    item->why[0] == '\0' && item->error != 0 ? strerror(item->error) :
						       item->why,
	    line_end);
}

static int
tell(const struct source_options *o, bool items)
{
	struct err err = ERR_INIT;
	struct source_item item;
	struct source *source;
	int rc;

	if (source_open(&source, o, &err) != 0)
		die(&err);
	if (!items)
		print_about(source_about(source));
	else {
		while ((rc = source_next(source, &item, &err)) == 0)
			print_item(&item);
		if (rc < 0)
			die(&err);
	}
	source_close(source);
	return 0;
}

/* ---- cat ---- */

struct copy {
	FILE *file; /* NULL: no piece yet */
	uint64_t end;
	bool whole;
	char why[512];
};

static int
take_piece(
    void *ctx, size_t i, const struct lookback_piece *piece, struct err *err)
{
	struct copy *copy = (struct copy *)ctx + i;

	if (copy->file == NULL && (copy->file = tmpfile()) == NULL)
		return err_sys(err, "temporary file");
	copy->why[0] = '\0';
	copy->whole = piece->last;
	copy->end = piece->offset + piece->len;
	if (piece->why != NULL)
		(void)snprintf(copy->why, sizeof(copy->why), "%s", piece->why);
	if (piece->offset == 0 && ftruncate(fileno(copy->file), 0) != 0)
		return err_sys(err, "temporary file");
	if (pwrite(fileno(copy->file), piece->data, piece->len,
		(off_t)piece->offset) != (ssize_t)piece->len)
		return err_sys(err, "temporary file");
	return 0;
}

/* Whether it came whole. */
static bool
put_copy(const char *path, struct copy *copy)
{
	static char bytes[64 * 1024];
	size_t n;

	if (copy->file == NULL || !copy->whole) {
		fprintf(stderr, "source: %s: %s\n", path,
		    copy->file == NULL	     ? "no content" :
			copy->why[0] != '\0' ? copy->why :
					       "not whole");
		return false;
	}
	if (ftruncate(fileno(copy->file), (off_t)copy->end) != 0) {
		fprintf(stderr, "source: %s: temporary file\n", path);
		return false;
	}
	while ((n = fread(bytes, 1, sizeof(bytes), copy->file)) > 0)
		(void)fwrite(bytes, 1, n, stdout);
	return true;
}

static int
by_path(const void *a, const void *b)
{
	const struct lookback_want *x = a, *y = b;

	return path_cmp(x->path, x->len, y->path, y->len);
}

static int
cat(const struct source_options *o, char **paths, size_t n)
{
	struct lookback_want *want = calloc(n, sizeof(*want));
	struct copy *copies = calloc(n, sizeof(*copies));
	struct err err = ERR_INIT;
	int status = 0, rc;

	if (want == NULL || copies == NULL) {
		(void)err_nomem(&err);
		die(&err);
	}
	for (size_t i = 0; i < n; i++) {
		want[i].path = paths[i];
		want[i].len = strlen(paths[i]);
	}
	qsort(want, n, sizeof(*want), by_path);
	rc = source_read(o, want, n, take_piece, copies, &err);
	for (size_t i = 0; i < n; i++) {
		if (!put_copy(want[i].path, &copies[i]))
			status = 1;
		if (copies[i].file != NULL)
			(void)fclose(copies[i].file);
	}
	free(want);
	free(copies);
	if (rc != 0)
		die(&err);
	return status;
}

int
main(int argc, char **argv)
{
	struct lookback_setting settings[8] = { 0 };
	struct source_options o = { .settings = settings };
	struct err err = ERR_INIT;
	struct uri uri;
	size_t n = 0;
	int opt, status;
	char *eq;

	while ((opt = getopt(argc, argv, "0o:")) != -1)
		switch (opt) {
		case '0':
			line_end = '\0';
			break;
		case 'o':
			if ((eq = strchr(optarg, '=')) == NULL || n == 7)
				usage();
			*eq = '\0';
			settings[n].key = optarg;
			settings[n++].value = eq + 1;
			break;
		default:
			usage();
		}
	argv += optind;
	argc -= optind;
	if (argc < 2)
		usage();
	if (uri_parse(&uri, argv[1], &err) != 0)
		die(&err);
	o.uri = &uri;
	if (strcmp(argv[0], "cat") == 0 && argc > 2)
		status = cat(&o, argv + 2, (size_t)argc - 2);
	else if (strcmp(argv[0], "list") == 0 && argc == 2)
		status = tell(&o, true);
	else if (strcmp(argv[0], "about") == 0 && argc == 2)
		status = tell(&o, false);
	else
		usage();
	uri_done(&uri);
	return fflush(stdout) != 0 ? 2 : status;
}
