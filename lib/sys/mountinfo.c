/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/mountinfo.h"
#include "sys/file.h"

#include "base/path.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define MOUNTINFO_MAX ((size_t)64 << 20)

/* "\040" is a space. In place. */
static void
unescape(char *s)
{
	char *to = s;

	while (*s != '\0') {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' &&
		    s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
			    (s[3] - '0'));
			s += 4;
		} else
			*to++ = *s++;
	}
	*to = '\0';
}

/* "36 35 98:0 /root /point opts [optional...] - type source opts" */
static bool
parse_line(char *line, struct mount *m)
{
	char *save = NULL, *word[6], *end;

	for (size_t i = 0; i < 6; i++)
		if ((word[i] = strtok_r(i == 0 ? line : NULL, " ", &save)) ==
		    NULL)
			return false;
	*m = (struct mount){
		.dev = word[2], .root = word[3], .point = word[4]
	};
	m->id = strtoul(word[0], &end, 10);
	if (*end != '\0')
		return false;
	m->parent_id = strtoul(word[1], &end, 10);
	if (*end != '\0')
		return false;
	do {
		if ((end = strtok_r(NULL, " ", &save)) == NULL)
			return false;
	} while (strcmp(end, "-") != 0);
	if ((m->fstype = strtok_r(NULL, " ", &save)) == NULL)
		return false;
	/* A source may be empty, and its options say nothing to us. */
	m->source = strtok_r(NULL, " ", &save);
	if (m->source == NULL)
		m->source = strchr(m->fstype, '\0');
	unescape(m->root);
	unescape(m->point);
	unescape(m->fstype);
	unescape(m->source);
	m->point_len = strlen(m->point);
	return path_is_valid(m->point, m->point_len);
}

/* Lines that are none of a mount are passed over. */
static int
parse(struct mounts *all, char *text)
{
	char *save = NULL, *line;

	for (line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		struct mount *m;

		if ((all->n & (all->n - 1)) == 0) {
			m = reallocarray(
			    all->m, all->n == 0 ? 1 : all->n, 2 * sizeof(*m));
			if (m == NULL)
				return -1;
			all->m = m;
		}
		all->n += parse_line(line, &all->m[all->n]);
	}
	return 0;
}

const char *
rest_below(const char *path, const char *dir)
{
	size_t n = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	if (strncmp(path, dir, n) != 0 || (path[n] != '/' && path[n] != '\0'))
		return NULL;
	return strcmp(path + n, "/") == 0 ? "" : path + n;
}

static int
id_cmp(const void *x, const void *y)
{
	const struct mount *a = x, *b = y;

	return (a->id > b->id) - (a->id < b->id);
}

static void
make_tree(struct mounts *all)
{
	if (all->n > 0)
		qsort(all->m, all->n, sizeof(*all->m), id_cmp);
	all->top = NONE;
	for (size_t i = 0; i < all->n; i++)
		all->m[i].child = NONE;
	for (size_t i = all->n; i-- > 0;) {
		struct mount *m = &all->m[i], *up;
		size_t *first = &all->top;

		up = bsearch(&(struct mount){ .id = m->parent_id }, all->m,
		    all->n, sizeof(*m), id_cmp);
		m->parent = NONE;
		if (up != NULL && up != m) {
			m->parent = (size_t)(up - all->m);
			first = &up->child;
		}
		m->sibling = NONE;
		/* Nothing stands outside of what it stands on. */
		if (up == NULL || rest_below(m->point, up->point) != NULL) {
			m->sibling = *first;
			*first = i;
		}
	}
}

size_t
mounts_first_on(const struct mounts *all, size_t i)
{
	return i == NONE ? all->top : all->m[i].child;
}

int
mounts_parse(struct mounts *ret, struct buf *text, struct err *err)
{
	struct mounts all = { .text = *text };

	*text = (struct buf){ 0 };
	if (buf_add_byte(&all.text, 0) != 0 ||
	    parse(&all, (char *)all.text.data) != 0) {
		mounts_done(&all);
		return err_nomem(err);
	}
	make_tree(&all);
	*ret = all;
	return 0;
}

int
mounts_read(struct mounts *ret, const char *mountinfo, struct err *err)
{
	struct buf text = { 0 };
	int rc;

	rc = file_read_all(AT_FDCWD, mountinfo, MOUNTINFO_MAX, &text, err);
	if (rc == 0)
		rc = mounts_parse(ret, &text, err);
	buf_done(&text);
	return rc;
}

void
mounts_done(struct mounts *all)
{
	free(all->m);
	buf_done(&all->text);
	*all = (struct mounts){ 0 };
}
