/*
 * Put lists of files into a store, as snapshots of one series a day apart.
 *
 *   feed --store DIR --series NAME [--now] FILE...
 *
 * With --now they are of the time at which they are put there.
 * A FILE named *.tsv is a whole listing, TYPE SIZE MTIME_NS PATH a line, tab
 * separated; one named dN.delta is what changed on day N, "+" or "~" and such a
 * line, or "- PATH". Lines come in any order. A *.list holds paths alone.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/log.h"
#include "base/path.h"
#include "base/when.h"
#include "store/recorder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_NS (INT64_C(86400) * 1000000000)
#define FIRST_NS (INT64_C(1704067200) * 1000000000)

struct line {
	const char *path;
	size_t len;
	uint8_t kind;
	struct entry entry;
};

struct lines {
	struct line *line; /* owned */
	size_t n, cap;
};

_Noreturn static void
failed(const struct err *err)
{
	log_err(err);
	exit(2);
}

static int
line_cmp(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return path_cmp(x->path, x->len, y->path, y->len);
}

static const char *
field(const char **p, const char *end)
{
	const char *f = *p, *tab = memchr(f, '\t', (size_t)(end - f));

	if (tab == NULL) {
		log_error("a line without its tabs");
		exit(2);
	}
	*p = tab + 1;
	return f;
}

static struct line
parse_line(const char *p, const char *end, bool delta, bool list)
{
	struct line l = { .kind = EVENT_PUT };
	long long mtime;
	char sign = delta ? field(&p, end)[0] : '+';

	if (sign == '-')
		l.kind = EVENT_GONE;
	else if (list)
		l.entry = (struct entry){ .fields = ENTRY_TYPE, .type = 'f' };
	else {
		l.entry.fields = ENTRY_ALL & ~ENTRY_TARGET;
		l.entry.type = field(&p, end)[0];
		l.entry.mode = l.entry.type == 'd' ? 0755 : 0644;
		l.entry.size = strtoull(field(&p, end), NULL, 10);
		mtime = strtoll(field(&p, end), NULL, 10);
		l.entry.mtime = mtime / 1000000000;
		l.entry.mtime_ns = (uint32_t)(mtime % 1000000000);
	}
	l.path = p;
	l.len = (size_t)(end - p);
	return l;
}

static void
parse(struct lines *ls, const char *text, size_t len, bool delta, bool list)
{
	const char *end = text + len, *nl;

	ls->n = 0;
	for (; text != end; text = nl + 1) {
		if ((nl = memchr(text, '\n', (size_t)(end - text))) == NULL)
			break;
		if (ls->n == ls->cap) {
			ls->cap = ls->cap == 0 ? 4096 : 2 * ls->cap;
			ls->line = reallocarray(
			    ls->line, ls->cap, sizeof(*ls->line));
			if (ls->line == NULL)
				abort();
		}
		ls->line[ls->n++] = parse_line(text, nl, delta, list);
	}
	if (ls->n > 0)
		qsort(ls->line, ls->n, sizeof(*ls->line), line_cmp);
}

static void
record(struct store *s, const char *series, int64_t date, bool delta, bool list,
    const struct lines *ls)
{
	struct scope scope = { 0 };
	struct record_head head = { .series = series,
		.origin = "file:///",
		.scope = &scope,
		.fields = list ? ENTRY_TYPE : ENTRY_ALL,
		.clock_ns = date,
		.date_ns = date,
		.events = delta };
	struct record_result result;
	struct recorder *r;
	struct err err = ERR_INIT;

	if (scope_set_root(&scope, "/") != 0)
		abort();
	if (recorder_begin(&r, s, &head, &err) != 0)
		failed(&err);
	for (size_t i = 0; i < ls->n; i++) {
		const struct line *l = &ls->line[i];

		if ((delta ? recorder_event(
				 r, l->path, l->len, l->kind, &l->entry, &err) :
			     recorder_observe(
				 r, l->path, l->len, &l->entry, &err)) != 0)
			failed(&err);
	}
	if (recorder_finish(r, &result, &err) != 0)
		failed(&err);
	recorder_free(r);
	scope_done(&scope);
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct lines ls = { 0 };
	struct series_lock *lock;
	struct store *s;
	bool now;

	log_program("feed");
	if (argc < 6 || strcmp(argv[1], "--store") != 0 ||
	    strcmp(argv[3], "--series") != 0) {
		log_error("usage: feed --store DIR --series NAME [--now] "
			  "FILE...");
		return 2;
	}
	if (store_open(&s, argv[2], STORE_CREATE, &err) != 0 ||
	    series_lock_take(&lock, s, argv[4], "feed", 0, &err) != 0)
		failed(&err);
	now = strcmp(argv[5], "--now") == 0;
	for (int i = now ? 6 : 5; i < argc; i++) {
		const char *name = strrchr(argv[i], '/');
		bool delta = strstr(argv[i], ".delta") != NULL;
		bool list = strstr(argv[i], ".list") != NULL;
		long day = 0;
		struct stat st;
		char *text;
		int fd;

		name = name == NULL ? argv[i] : name + 1;
		if (delta && name[0] == 'd')
			day = strtol(name + 1, NULL, 10);
		if ((fd = open(argv[i], O_RDONLY | O_CLOEXEC)) < 0 ||
		    fstat(fd, &st) != 0 ||
		    (text = mmap(NULL, (size_t)st.st_size, PROT_READ,
			 MAP_PRIVATE, fd, 0)) == MAP_FAILED) {
			(void)err_sys(&err, "%s", argv[i]);
			failed(&err);
		}
		parse(&ls, text, (size_t)st.st_size, delta, list);
		record(s, argv[4], now ? when_now() : FIRST_NS + day * DAY_NS,
		    delta, list, &ls);
		(void)munmap(text, (size_t)st.st_size);
		(void)close(fd);
	}
	free(ls.line);
	series_lock_release(lock);
	store_close(s);
	return 0;
}
