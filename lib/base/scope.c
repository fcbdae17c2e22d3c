/*
 * What a scope looks at, and what it means that a path is not there.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/scope.h"
#include "base/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
mount_done(struct scope_mount *m)
{
	free(m->point);
	free(m->fstype);
	free(m->source);
	free(m->root);
}

void
scope_done(struct scope *s)
{
	free(s->root);
	strlist_done(&s->prunefs);
	strlist_done(&s->prunenames);
	strlist_done(&s->prunepaths);
	for (size_t i = 0; i < s->n_mounts; i++)
		mount_done(&s->mounts[i]);
	free(s->mounts);
	strlist_done(&s->pruned_mounts);
	*s = (struct scope){ 0 };
}

int
scope_set_root(struct scope *s, const char *root)
{
	char *copy = strdup(root);

	if (copy == NULL)
		return -1;
	free(s->root);
	s->root = copy;
	return 0;
}

int
scope_add_prunefs(struct scope *s, const char *type, size_t len)
{
	if (strlist_add(&s->prunefs, type, len) != 0)
		return -1;
	for (char *p = s->prunefs.item[s->prunefs.n - 1]; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return 0;
}

int
scope_add_mount(struct scope *s, const char *point, const char *fstype,
    const char *source, const char *root)
{
	struct scope_mount m = { strdup(point), strdup(fstype), strdup(source),
		strdup(root) };

	if (m.point == NULL || m.fstype == NULL || m.source == NULL ||
	    m.root == NULL)
		goto fail;
	/* The capacity is the next power of two. */
	if ((s->n_mounts & (s->n_mounts - 1)) == 0) {
		struct scope_mount *mounts = reallocarray(s->mounts,
		    s->n_mounts == 0 ? 1 : s->n_mounts, 2 * sizeof(m));

		if (mounts == NULL)
			goto fail;
		s->mounts = mounts;
	}
	s->mounts[s->n_mounts++] = m;
	return 0;
fail:
	mount_done(&m);
	return -1;
}

static const char *
root_of(const struct scope *s)
{
	return s->root == NULL ? "/" : s->root;
}

/* The shortest of `dirs` that is the root or below it and strictly above path,
 * if it is shorter than *best; *best becomes its length. */
static const char *
shortest_above(const struct strlist *dirs, size_t root_len, const char *path,
    size_t len, size_t *best)
{
	const char *found = NULL;

	for (size_t i = 0; i < dirs->n; i++) {
		const char *dir = dirs->item[i];
		size_t dlen = strlen(dir);

		if (dlen >= *best || !path_below(path, len, dir, dlen))
			continue;
		/* Both are above path, so their lengths say which is higher. */
		if (dlen < root_len)
			continue;
		found = dir;
		*best = dlen;
	}
	return found;
}

/* The name of the outermost directory strictly above path and below the root
 * that has one of these names; *ret_len becomes the length of its path. */
static const char *
name_above(const struct strlist *names, size_t root_len, const char *path,
    size_t len, size_t *ret_len)
{
	size_t start = root_len == 1 ? 1 : root_len + 1;

	for (size_t i = start; names->n > 0 && i < len; i++) {
		if (path[i] != '/')
			continue;
		for (size_t k = 0; k < names->n; k++) {
			const char *name = names->item[k];

			if (strlen(name) == i - start &&
			    memcmp(path + start, name, i - start) == 0) {
				*ret_len = i;
				return name;
			}
		}
		start = i + 1;
	}
	return NULL;
}

const char *
scope_prunes(const struct scope *s, const char *path, size_t len, char *text,
    size_t size)
{
	const char *root = root_of(s), *what = "", *why = NULL, *hit;
	size_t root_len = strlen(root), best = SIZE_MAX;

	if ((len != root_len || memcmp(path, root, len) != 0) &&
	    !path_below(path, len, root, root_len)) {
		what = "outside ";
		why = root;
	}
	/* The outermost setting is the one that kept the walk away; the root
	 * itself is not asked for its name, as in updatedb. */
	if (why == NULL) {
		if ((hit = name_above(
			 &s->prunenames, root_len, path, len, &best)) != NULL) {
			what = "PRUNENAMES ";
			why = hit;
		}
		if ((hit = shortest_above(&s->pruned_mounts, root_len, path,
			 len, &best)) != NULL) {
			what = s->prune_bind_mounts ?
			    "PRUNEFS or PRUNE_BIND_MOUNTS: mount " :
			    "PRUNEFS: mount ";
			why = hit;
		}
		if ((hit = shortest_above(
			 &s->prunepaths, root_len, path, len, &best)) != NULL) {
			what = "PRUNEPATHS ";
			why = hit;
		}
	}
	if (why == NULL)
		return NULL;
	(void)snprintf(text, size, "%s%s", what, why);
	return text;
}

/* The mount that holds path: what is mounted on path itself is seen through
 * it, but its name belongs to the directory above. Of mounts on one point the
 * last covers the others. NULL when none is known. */
static const struct scope_mount *
mount_of(const struct scope *s, const char *path, size_t len)
{
	const struct scope_mount *best = NULL;
	size_t best_len = 0;

	for (size_t i = 0; i < s->n_mounts; i++) {
		const char *point = s->mounts[i].point;
		size_t plen = strlen(point);

		if (plen < best_len ||
		    (!path_below(path, len, point, plen) &&
			strcmp(point, "/") != 0))
			continue;
		best = &s->mounts[i];
		best_len = plen;
	}
	return best;
}

static bool
mount_equal(const struct scope_mount *a, const struct scope_mount *b)
{
	return strcmp(a->point, b->point) == 0 &&
	    strcmp(a->fstype, b->fstype) == 0 &&
	    strcmp(a->source, b->source) == 0 && strcmp(a->root, b->root) == 0;
}

bool
scope_absence_is_gone(const struct scope *was, const struct scope *now,
    const char *path, size_t len)
{
	const struct scope_mount *before, *after;
	char text[64];

	if (scope_prunes(now, path, len, text, sizeof(text)) != NULL)
		return false;
	/* Sources without mounts (archives, old databases) tell of none. */
	if (was == NULL || (before = mount_of(was, path, len)) == NULL)
		return true;
	after = mount_of(now, path, len);
	return after != NULL && mount_equal(before, after);
}
