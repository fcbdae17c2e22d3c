/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/walk_private.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

static int
point_cmp(const void *x, const void *y)
{
	const struct prune_point *a = x, *b = y;
	int c = path_cmp(a->path, a->len, b->path, b->len);

	/* Of two on one path the stricter comes first, and stays. */
	return c != 0 ? c : (int)b->mount - (int)a->mount;
}

static void
points_add(
    struct prune *p, const struct strlist *list, const char *root, bool mount)
{
	size_t root_len = strlen(root);

	for (size_t i = 0; i < list->n; i++) {
		const char *path = list->item[i];
		size_t len = strlen(path);

		/* The root's own mount is walked whatever it is. */
		if (path_below(path, len, root, root_len) ||
		    (!mount && strcmp(path, root) == 0))
			p->point[p->n++] = (struct prune_point){ path, len,
				mount };
	}
}

int
prune_init(struct prune *p, const struct scope *scope)
{
	size_t n = scope->prunepaths.n + scope->pruned_mounts.n, kept = 0;

	*p = (struct prune){ .names = &scope->prunenames };
	if ((p->point = calloc(n + 1, sizeof(*p->point))) == NULL)
		return -1;
	points_add(p, &scope->prunepaths, scope->root, false);
	points_add(p, &scope->pruned_mounts, scope->root, true);
	qsort(p->point, p->n, sizeof(*p->point), point_cmp);
	for (size_t i = 0; i < p->n; i++) {
		struct prune_point *a = &p->point[i], *b;

		if (kept > 0) {
			b = &p->point[kept - 1];
			if (path_below(a->path, a->len, b->path, b->len) ||
			    (a->len == b->len &&
				memcmp(a->path, b->path, a->len) == 0))
				continue;
		}
		p->point[kept++] = *a;
	}
	p->n = kept;
	return 0;
}

void
prune_done(struct prune *p)
{
	free(p->point);
	*p = (struct prune){ 0 };
}

enum prune_verdict
prune_path(const struct prune *p, const char *path, size_t len,
    struct prune_range *ret_below)
{
	size_t lo = 0, hi = p->n;
	const struct prune_point *q;

	*ret_below = (struct prune_range){ 0, 0 };
	/* The first point after path; the one before it may be at or above. */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		q = &p->point[mid];
		if (path_cmp(q->path, q->len, path, len) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo > 0) {
		q = &p->point[lo - 1];
		if (q->len == len && memcmp(q->path, path, len) == 0)
			return q->mount ? PRUNE_NOT_TOUCH : PRUNE_NOT_ENTER;
		if (path_below(path, len, q->path, q->len))
			return PRUNE_BELOW;
	}
	ret_below->lo = (uint32_t)lo;
	for (hi = lo; hi < p->n; hi++) {
		q = &p->point[hi];
		if (!path_below(q->path, q->len, path, len))
			break;
	}
	ret_below->hi = (uint32_t)hi;
	return PRUNE_ENTER;
}

enum prune_verdict
prune_child(const struct prune *p, struct prune_range range, size_t dir_len,
    const char *name, size_t len, struct prune_range *ret_below)
{
	size_t at = dir_len == 1 ? 1 : dir_len + 1;
	uint32_t i = range.lo;

	*ret_below = (struct prune_range){ 0, 0 };
	for (; i < range.hi; i++) {
		const struct prune_point *q = &p->point[i];

		if (q->len < at + len || memcmp(q->path + at, name, len) != 0)
			continue;
		if (q->len == at + len)
			return q->mount ? PRUNE_NOT_TOUCH : PRUNE_NOT_ENTER;
		if (q->path[at + len] == '/')
			break;
	}
	ret_below->lo = i;
	for (; i < range.hi; i++) {
		const struct prune_point *q = &p->point[i];

		if (q->len <= at + len || q->path[at + len] != '/' ||
		    memcmp(q->path + at, name, len) != 0)
			break;
	}
	ret_below->hi = i;
	return PRUNE_ENTER;
}

bool
prune_name(const struct prune *p, const char *name, size_t len)
{
	for (size_t i = 0; i < p->names->n; i++) {
		const char *pruned = p->names->item[i];

		if (strncmp(pruned, name, len) == 0 && pruned[len] == '\0')
			return true;
	}
	return false;
}
