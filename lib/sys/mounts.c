/*
 * Which mounts a walk enters, read from mountinfo alone.
 *
 * Mounts form a tree: each stands on a directory of its parent. A path leads
 * through it from the top: of the mounts on one parent, one higher up hides
 * those below it, and a second one on the same point stands on the first.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/walk.h"

#include "base/buf.h"
#include "base/path.h"
#include "sys/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOUNTINFO_MAX ((size_t)64 << 20)
#define NONE SIZE_MAX

struct mount {
	unsigned long id, parent_id;
	const char *dev;		      /* "254:0" */
	char *root, *point, *fstype, *source; /* in the text */
	size_t point_len;
	size_t parent;	       /* index, or NONE */
	size_t child, sibling; /* the first on it, the next on the same */
	bool pruned;	       /* by type or path, or stands on such */
	bool bind;
	bool seen;
};

struct mounts {
	struct mount *m; /* owned; by id */
	size_t n;
	size_t top; /* the first without a parent here */
};

/* ---- reading ---- */

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

/* What follows `dir` in path, with its '/', or NULL where path is not at or
 * below it. */
static const char *
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

/* ---- what is pruned ---- */

static bool
is_pruned_type(const struct scope *s, const char *fstype)
{
	for (size_t i = 0; i < s->prunefs.n; i++)
		if (strcasecmp(s->prunefs.item[i], fstype) == 0)
			return true;
	return false;
}

/* Whether a setting prunes this path itself (`at`) or a directory above it,
 * below the scope's root. */
static bool
is_pruned_path(const struct scope *s, const char *path, size_t len, bool at)
{
	size_t root_len = strlen(s->root);
	size_t start = root_len == 1 ? 1 : root_len + 1;

	if (strlist_has(&s->prunepaths, s->root, root_len))
		return true;
	while (start < len) {
		const char *slash = memchr(path + start, '/', len - start);
		size_t end = slash == NULL ? len : (size_t)(slash - path);

		if (end == len && !at)
			break;
		if (strlist_has(&s->prunenames, path + start, end - start) ||
		    strlist_has(&s->prunepaths, path, end))
			return true;
		start = end + 1;
	}
	return false;
}

/* Whether m shows a directory where it is anyway: "mount --bind /a /a". */
static bool
is_on_itself(const struct mount *m, const struct mount *other, const char *rest)
{
	size_t n = strcmp(other->point, "/") == 0 ? 0 : other->point_len;

	return strncmp(m->point, other->point, n) == 0 &&
	    (strcmp(m->point + n, rest) == 0 ||
		(*rest == '\0' && strcmp(m->point, other->point) == 0));
}

/* A mount of what is mounted elsewhere as well: of a directory of another
 * mount, or of the same as one made before. The whole of PRUNE_BIND_MOUNTS as
 * plocate's updatedb has it, but for the exception that its manual names and
 * the code lacks: a directory on itself is no bind mount, its content would
 * be seen nowhere else. And where it takes "/@home" for a part of "/@", this
 * compares whole names. */
static bool
is_bind(const struct mounts *all, const struct mount *m)
{
	bool bind = false;

	for (size_t i = 0; i < all->n; i++) {
		const struct mount *o = &all->m[i];
		const char *rest;

		if (o == m || o->pruned || strcmp(o->dev, m->dev) != 0 ||
		    (rest = rest_below(m->root, o->root)) == NULL)
			continue;
		if (is_on_itself(m, o, rest))
			return false;
		bind = bind || *rest != '\0' || m->id > o->id;
	}
	return bind;
}

/* ---- where the walk begins ---- */

static size_t
first_on(const struct mounts *all, size_t i)
{
	return i == NONE ? all->top : all->m[i].child;
}

/* The mount that holds the scope's root; NONE where mountinfo does not tell,
 * as in a chroot. */
static size_t
holder(struct mounts *all, const char *root)
{
	size_t at = NONE, len = strlen(root);

	for (;;) {
		size_t next = NONE;

		for (size_t i = first_on(all, at); i != NONE;
		     i = all->m[i].sibling) {
			const struct mount *m = &all->m[i];

			if (m->seen ||
			    (strcmp(m->point, root) != 0 &&
				!path_below(root, len, m->point, m->point_len)))
				continue;
			if (next == NONE ||
			    m->point_len < all->m[next].point_len)
				next = i;
		}
		if (next == NONE)
			return at;
		all->m[next].seen = true;
		at = next;
	}
}

/* ---- judging ---- */

/* Mounts that no walk will see must not make others look like binds. Those that
 * lead to the root are walked whatever they are. */
static void
judge(struct mounts *all, const struct scope *s)
{
	size_t root_len = strlen(s->root);
	bool more = true;

	for (size_t i = 0; i < all->n; i++) {
		struct mount *m = &all->m[i];

		m->pruned = !m->seen &&
		    (is_pruned_type(s, m->fstype) ||
			(path_below(
			     m->point, m->point_len, s->root, root_len) &&
			    is_pruned_path(s, m->point, m->point_len, true)));
	}
	while (more) {
		more = false;
		for (size_t i = 0; i < all->n; i++) {
			struct mount *m = &all->m[i];

			if (!m->pruned && !m->seen && m->parent != NONE &&
			    all->m[m->parent].pruned)
				m->pruned = more = true;
		}
	}
	for (size_t i = 0; s->prune_bind_mounts && i < all->n; i++)
		all->m[i].bind = is_bind(all, &all->m[i]);
}

/* ---- what is walked ---- */

/* Whether another mount on the same parent stands higher up on its way; or, of
 * which kernels tell nothing, one on its very point. */
static bool
is_hidden(const struct mounts *all, const struct mount *m)
{
	for (size_t i = first_on(all, m->parent); i != NONE;
	     i = all->m[i].sibling) {
		const struct mount *o = &all->m[i];

		if (path_below(
			m->point, m->point_len, o->point, o->point_len) ||
		    (o > m && strcmp(o->point, m->point) == 0))
			return true;
	}
	return false;
}

/* The one that stands on m's very point, or NONE. */
static size_t
cover(const struct mounts *all, const struct mount *m)
{
	for (size_t i = m->child; i != NONE; i = all->m[i].sibling)
		if (strcmp(all->m[i].point, m->point) == 0)
			return i;
	return NONE;
}

/* Follow a mount to the one that is seen on its point: NONE where none of them
 * is walked, and then that point is among the scope's pruned ones. */
static size_t
follow(struct mounts *all, struct scope *s, size_t i, struct err *err)
{
	while (!all->m[i].seen) {
		struct mount *m = &all->m[i];
		size_t on = cover(all, m);

		m->seen = true;
		if (!m->pruned && !m->bind && on != NONE) {
			i = on;
			continue;
		}
		/* An automount point is not touched while nothing is on it. */
		if (!m->pruned && !m->bind && strcmp(m->fstype, "autofs") != 0)
			return i;
		if (strlist_add(&s->pruned_mounts, m->point, m->point_len) != 0)
			(void)err_nomem(err);
		break;
	}
	return NONE;
}

static int
mount_cmp(const void *x, const void *y)
{
	const struct scope_mount *a = x, *b = y;

	return path_cmp(a->point, strlen(a->point), b->point, strlen(b->point));
}

static int
point_cmp(const void *x, const void *y)
{
	const char *const *a = x, *const *b = y;

	return path_cmp(*a, strlen(*a), *b, strlen(*b));
}

static int
choose(struct mounts *all, size_t first, struct scope *s, struct err *err)
{
	size_t root_len = strlen(s->root), n = 0, own;
	size_t *todo = calloc(all->n + 1, sizeof(*todo));

	if (todo == NULL)
		return err_nomem(err);
	todo[n++] = first;
	while (n > 0 && err->code == 0) {
		size_t at = todo[--n];
		const struct mount *m;

		if (at != NONE) {
			m = &all->m[at];
			if (scope_add_mount(s, m->point, m->fstype, m->source,
				m->root) != 0)
				(void)err_nomem(err);
		}
		for (size_t i = first_on(all, at); i != NONE;
		     i = all->m[i].sibling) {
			size_t to;

			m = &all->m[i];
			if (m->seen ||
			    !path_below(
				m->point, m->point_len, s->root, root_len) ||
			    is_hidden(all, m) ||
			    is_pruned_path(s, m->point, m->point_len, false))
				continue;
			if ((to = follow(all, s, i, err)) != NONE)
				todo[n++] = to;
		}
	}
	free(todo);
	/* The same mounts make the same scope, in whatever order they came. */
	own = first != NONE;
	if (s->n_mounts > own)
		qsort(s->mounts + own, s->n_mounts - own, sizeof(*s->mounts),
		    mount_cmp);
	if (s->pruned_mounts.n > 0)
		qsort(s->pruned_mounts.item, s->pruned_mounts.n, sizeof(char *),
		    point_cmp);
	return err->code;
}

int
scope_from_mountinfo(struct scope *s, const char *mountinfo, struct err *err)
{
	struct mounts all = { 0 };
	struct buf text = { 0 };
	size_t first;
	int rc;

	err_clear(err);
	rc = file_read_all(AT_FDCWD, mountinfo, MOUNTINFO_MAX, &text, err);
	if (rc == 0 &&
	    (buf_add_byte(&text, 0) != 0 ||
		parse(&all, (char *)text.data) != 0))
		rc = err_nomem(err);
	if (rc == 0) {
		make_tree(&all);
		first = holder(&all, s->root);
		judge(&all, s);
		rc = choose(&all, first, s, err);
	}
	free(all.m);
	buf_done(&text);
	return rc;
}
