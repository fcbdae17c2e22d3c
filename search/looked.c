/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/looked.h"

#include <stdlib.h>
#include <string.h>

/* Lists that are kept; the one that is needed now may be more. */
#define KEPT_BYTES ((size_t)32 * 1024 * 1024)
/* Lists that were not kept and are read again: a second or so of it. */
#define AGAIN_BYTES ((size_t)256 * 1024 * 1024)

struct known {
	uint32_t id;		 /* snapshot_row.unread */
	struct unread_list list; /* empty: it is not kept */
};

struct looked {
	struct store *store;
	struct known *known; /* each list that was read, by id; owned */
	size_t n, cap;
	size_t bytes, again;
	uint32_t gave_up;
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
		unread_list_done(&l->known[i].list);
	free(l->known);
	free(l);
}

/* The index of the first list whose id is not below this. */
static size_t
index_of(const struct looked *l, uint32_t id)
{
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->known[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The longest one goes: a host whose lists are long does not drive out those
 * of others. */
static void
make_room(struct looked *l, size_t bytes)
{
	while (l->bytes > 0 && l->bytes + bytes > KEPT_BYTES) {
		struct known *longest = l->known;

		for (size_t i = 1; i < l->n; i++)
			if (l->known[i].list.bytes > longest->list.bytes)
				longest = &l->known[i];
		l->bytes -= longest->list.bytes;
		unread_list_done(&longest->list);
	}
}

/* Have an entry for this list at index i. */
static int
add(struct looked *l, size_t i, uint32_t id, struct err *err)
{
	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? 16 : 2 * l->cap;
		struct known *more;

		more = reallocarray(l->known, cap, sizeof(*more));
		if (more == NULL)
			return err_nomem(err);
		l->known = more;
		l->cap = cap;
	}
	memmove(&l->known[i + 1], &l->known[i], (l->n - i) * sizeof(*l->known));
	l->known[i] = (struct known){ .id = id };
	l->n++;
	return 0;
}

/* The list of this snapshot: 0, or 1 when it is not read again. */
static int
find(struct looked *l, const struct snapshot_row *snap,
    const struct unread_list **ret, struct err *err)
{
	size_t i = index_of(l, snap->unread);
	bool known = i < l->n && l->known[i].id == snap->unread;
	struct unread_list list;
	int rc;

	if (known && l->known[i].list.n > 0) {
		*ret = &l->known[i].list;
		return 0;
	}
	if (known && l->again > AGAIN_BYTES) {
		l->gave_up = snap->series;
		return 1;
	}
	if ((rc = snapshot_unread(&list, l->store, snap, err)) != 0)
		return rc;
	if (!known && (rc = add(l, i, snap->unread, err)) != 0) {
		unread_list_done(&list);
		return rc;
	}
	l->again += known ? list.bytes : 0;
	make_room(l, list.bytes);
	l->bytes += list.bytes;
	l->known[i].list = list;
	*ret = &l->known[i].list;
	return 0;
}

int
looked_at(struct looked *l, const struct snapshot_row *snap, const char *path,
    size_t len, struct err *err)
{
	const struct unread_list *list;
	int rc;

	if (snap->unread == 0)
		return 1;
	rc = find(l, snap, &list, err);
	if (rc == 0)
		return !unread_list_hides(list, path, len);
	if (rc != 1 && rc != ERR_NOTFOUND)
		return rc;
	err_clear(err);
	return 0;
}

uint32_t
looked_gave_up(const struct looked *l)
{
	return l->gave_up;
}
