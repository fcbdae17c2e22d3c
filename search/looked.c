/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/looked.h"

#include <stdlib.h>
#include <string.h>

/* Lists that are kept; the one that is needed now may be more. */
#define KEPT_BYTES ((size_t)32 * 1024 * 1024)

struct kept {
	uint32_t id; /* snapshot_row.unread */
	uint64_t used;
	struct unread_list list;
};

struct looked {
	struct store *store;
	struct kept *kept; /* by id; owned */
	size_t n, cap;
	size_t bytes;
	uint64_t clock;
};

int
looked_new(struct looked **ret, struct store *s, struct err *err)
{
	struct looked *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return err_nomem(err);
	l->store = s;
	*ret = l;
	return 0;
}

void
looked_free(struct looked *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->n; i++)
		unread_list_done(&l->kept[i].list);
	free(l->kept);
	free(l);
}

/* The index of the first list whose id is not below this. */
static size_t
index_of(const struct looked *l, uint32_t id)
{
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->kept[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void
drop_oldest(struct looked *l)
{
	struct kept *old = l->kept;

	for (size_t i = 1; i < l->n; i++)
		if (l->kept[i].used < old->used)
			old = &l->kept[i];
	l->bytes -= old->list.bytes;
	unread_list_done(&old->list);
	l->n--;
	memmove(
	    old, old + 1, (size_t)(l->kept + l->n - old) * sizeof(*l->kept));
}

static int
load(struct looked *l, const struct snapshot_row *snap, struct kept **ret,
    struct err *err)
{
	struct kept now = { .id = snap->unread };
	size_t i;
	int rc;

	if ((rc = snapshot_unread(&now.list, l->store, snap, err)) != 0)
		return rc;
	while (l->n > 0 && l->bytes + now.list.bytes > KEPT_BYTES)
		drop_oldest(l);
	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? 16 : 2 * l->cap;
		struct kept *more;

		more = reallocarray(l->kept, cap, sizeof(*more));
		if (more == NULL) {
			unread_list_done(&now.list);
			return err_nomem(err);
		}
		l->kept = more;
		l->cap = cap;
	}
	i = index_of(l, now.id);
	memmove(&l->kept[i + 1], &l->kept[i], (l->n - i) * sizeof(*l->kept));
	l->kept[i] = now;
	l->bytes += now.list.bytes;
	l->n++;
	*ret = &l->kept[i];
	return 0;
}

int
looked_at(struct looked *l, const struct snapshot_row *snap, const char *path,
    size_t len, struct err *err)
{
	struct kept *k = NULL;
	size_t i;
	int rc;

	if (snap->unread == 0)
		return 1;
	i = index_of(l, snap->unread);
	if (i < l->n && l->kept[i].id == snap->unread) {
		k = &l->kept[i];
	} else if ((rc = load(l, snap, &k, err)) != 0) {
		if (rc != ERR_NOTFOUND)
			return rc;
		err_clear(err);
		return 0;
	}
	k->used = ++l->clock;
	return !unread_list_hides(&k->list, path, len);
}
