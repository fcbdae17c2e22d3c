/*
 * Which mounts a walk enters, read from mountinfo alone.
 *
 * A path leads through the tree of mounts from the top: of the mounts on one
 * parent, one higher up hides those below it, and a second one on the same
 * point stands on the first.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/mountinfo.h"
#include "sys/walk.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

/* The mount that holds the scope's root; NONE where mountinfo does not tell,
 * as in a chroot. */
static size_t
holder(struct mounts *all, const char *root)
{
	size_t at = NONE, len = strlen(root);

	for (;;) {
		size_t next = NONE;

		for (size_t i = mounts_first_on(all, at); i != NONE;
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
	for (size_t i = mounts_first_on(all, m->parent); i != NONE;
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
		for (size_t i = mounts_first_on(all, at); i != NONE;
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

static int
scope_from_mounts(struct scope *s, struct mounts *all, struct err *err)
{
	size_t first = holder(all, s->root);
	int rc;

	judge(all, s);
	rc = choose(all, first, s, err);
	mounts_done(all);
	return rc;
}

int
scope_from_mountinfo(struct scope *s, const char *mountinfo, struct err *err)
{
	struct mounts all;
	int rc;

	err_clear(err);
	if ((rc = mounts_read(&all, mountinfo, err)) != 0)
		return rc;
	return scope_from_mounts(s, &all, err);
}

int
scope_from_mountinfo_text(struct scope *s, struct buf *text, struct err *err)
{
	struct mounts all;
	int rc;

	err_clear(err);
	if ((rc = mounts_parse(&all, text, err)) != 0)
		return rc;
	return scope_from_mounts(s, &all, err);
}
