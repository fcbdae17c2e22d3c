/*
 * Make an mlocate.db of lists of files, as mlocate.db(5) says it.
 *
 *   mlocatedb [-r ROOT] OUT FILE...
 *
 * FILEs are as feed takes them: lines TYPE, two that count for nothing, PATH, with
 * tabs between them; in one named *.delta "+" or "~" and a tab before that, or
 * "-", a tab and a PATH that is gone. What comes later counts. Where a FILE holds
 * a NUL, lines end with one. TYPE d is a directory, x one without a list, all
 * others are none. ROOT, "/" by default, is where the walk began; what lies
 * outside is left out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/buf.h"
#include "base/path.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct line {
	const char *path;
	size_t len, up; /* up: of the parent */
	char type;	/* '-': gone */
	size_t number;
};

static struct line *lines;
static size_t n_lines, cap;

static void
must(int bad)
{
	if (bad != 0)
		errx(2, "out of memory");
}

static const char *
field(const char **p, const char *end)
{
	const char *f = *p, *tab = memchr(f, '\t', (size_t)(end - f));

	if (tab == NULL)
		errx(2, "a line without its tabs: %.*s", (int)(end - f), f);
	*p = tab + 1;
	return f;
}

static void
add_line(const char *p, const char *end, bool delta)
{
	char sign = delta ? field(&p, end)[0] : '+';
	struct line l = { .type = '-', .number = n_lines };

	if (sign != '-') {
		l.type = field(&p, end)[0];
		(void)field(&p, end);
		(void)field(&p, end);
	}
	l.path = p;
	l.len = (size_t)(end - p);
	l.up = path_parent_len(l.path, l.len);
	if (n_lines == cap) {
		cap = cap == 0 ? 4096 : 2 * cap;
		lines = reallocarray(lines, cap, sizeof(*lines));
		must(lines == NULL);
	}
	lines[n_lines++] = l;
}

static void
read_lines(const char *name)
{
	bool delta = strstr(name, ".delta") != NULL;
	struct stat st;
	const char *p, *end, *stop;
	int fd, sep;

	if ((fd = open(name, O_RDONLY | O_CLOEXEC)) < 0 || fstat(fd, &st) != 0)
		err(2, "%s", name);
	if (st.st_size == 0)
		return;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		err(2, "%s", name);
	end = p + st.st_size;
	sep = memchr(p, '\0', (size_t)st.st_size) != NULL ? '\0' : '\n';
	for (; p < end; p = stop + 1) {
		if ((stop = memchr(p, sep, (size_t)(end - p))) == NULL)
			errx(2, "%s: a line without its end", name);
		add_line(p, stop, delta);
	}
}

/* In the order of mlocate's lists: by parent, then by name. */
static int
line_cmp(const void *va, const void *vb)
{
	const struct line *a = va, *b = vb;
	int c = path_cmp(a->path, a->up, b->path, b->up);

	if (c == 0)
		c = path_cmp(a->path, a->len, b->path, b->len);
	return c != 0 ? c : (a->number > b->number) - (a->number < b->number);
}

static size_t
drop_old(void)
{
	size_t n = 0;

	for (size_t i = 0; i < n_lines; i++) {
		const struct line *l = &lines[i], *next = l + 1;

		if (i + 1 < n_lines && l->len == next->len &&
		    memcmp(l->path, next->path, l->len) == 0)
			continue;
		if (l->type != '-')
			lines[n++] = *l;
	}
	return n;
}

/* ---- writing ---- */

static void
put_be32(struct buf *b, uint32_t v)
{
	v = htobe32(v);
	must(buf_add(b, &v, sizeof(v)));
}

static void
put_header(struct buf *b, const char *root)
{
	static const char settings[] =
	    "prune_bind_mounts\0000\0\0prunefs\0\0prunenames\0\0prunepaths\0";

	must(buf_add(b, "\0mlocate", 8));
	put_be32(b, sizeof(settings));
	must(buf_add(b, "\0\1\0\0", 4) || buf_add(b, root, strlen(root) + 1) ||
	    buf_add(b, settings, sizeof(settings)));
}

static void
put_list(struct buf *b, const char *dir, size_t len, size_t *at, size_t n)
{
	put_be32(b, 0);
	put_be32(b, 1700000000);
	put_be32(b, 5);
	put_be32(b, 0);
	must(buf_add(b, dir, len) || buf_add_byte(b, '\0'));
	/* Names whose parent is no directory of the list have no place. */
	while (
	    *at < n && path_cmp(lines[*at].path, lines[*at].up, dir, len) < 0)
		(*at)++;
	for (; *at < n && lines[*at].up == len &&
	     memcmp(lines[*at].path, dir, len) == 0;
	     (*at)++) {
		const struct line *l = &lines[*at];
		size_t name = len == 1 ? 1 : len + 1;

		must(buf_add_byte(b, l->type == 'd' || l->type == 'x') ||
		    buf_add(b, l->path + name, l->len - name) ||
		    buf_add_byte(b, '\0'));
	}
	must(buf_add_byte(b, 2));
}

static int
path_order(const void *va, const void *vb)
{
	const struct line *a = va, *b = vb;

	return path_cmp(a->path, a->len, b->path, b->len);
}

static void
put_lists(struct buf *b, const char *root, size_t n)
{
	struct line *dirs = calloc(n + 1, sizeof(*dirs));
	size_t n_dirs = 0, at = 0, len = strlen(root);

	must(dirs == NULL);
	for (size_t i = 0; i < n; i++)
		if (lines[i].type == 'd' &&
		    path_below(lines[i].path, lines[i].len, root, len))
			dirs[n_dirs++] = lines[i];
	qsort(dirs, n_dirs, sizeof(*dirs), path_order);
	put_list(b, root, len, &at, n);
	for (size_t i = 0; i < n_dirs; i++)
		put_list(b, dirs[i].path, dirs[i].len, &at, n);
	free(dirs);
}

int
main(int argc, char **argv)
{
	const char *root = "/";
	struct buf b = { 0 };
	size_t n;
	FILE *f;
	int opt;

	while ((opt = getopt(argc, argv, "r:")) != -1)
		if (opt == 'r')
			root = optarg;
	if (argc - optind < 2)
		errx(2, "usage: mlocatedb [-r ROOT] OUT FILE...");
	for (int i = optind + 1; i < argc; i++)
		read_lines(argv[i]);
	if (n_lines > 0)
		qsort(lines, n_lines, sizeof(*lines), line_cmp);
	n = drop_old();
	put_header(&b, root);
	put_lists(&b, root, n);
	if ((f = fopen(argv[optind], "we")) == NULL ||
	    fwrite(b.data, 1, b.len, f) != b.len || fclose(f) != 0)
		err(2, "%s", argv[optind]);
	buf_done(&b);
	free(lines);
	return 0;
}
