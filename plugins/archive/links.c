/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "links.h"

#include <stdlib.h>
#include <string.h>

#include "base/sum.h"

/* Sizes are below it. In `what` of what is no file: its type, in place of a size.
 */
#define NO_FILE (UINT64_C(1) << 63)

void
links_done(struct links *l)
{
	for (size_t i = 0; i < l->n_waiting; i++)
		free(l->waiting[i].path);
	free(l->waiting);
	free(l->member);
	*l = (struct links){ 0 };
}

uint64_t
links_hash(const struct links *l, const char *path, size_t len)
{
	struct sum sum = { .h = l->seed };
	uint64_t h;

	sum_add(&sum, path, len);
	h = sum_end(&sum);
	return h != 0 ? h : 1;
}

/* Where it is, or where it would be. There is always a free place. */
static struct link_member *
place_of(struct link_member *member, size_t cap, uint64_t hash)
{
	size_t i = (size_t)(hash >> 7) & (cap - 1);

	while (member[i].hash != 0 && member[i].hash != hash)
		i = (i + 1) & (cap - 1);
	return &member[i];
}

/* Make it a table, or a larger one. Of one path the last stays. */
static bool
make_table(struct links *l, size_t cap)
{
	struct link_member *member = calloc(cap, sizeof(*member));
	size_t n = 0;

	if (member == NULL)
		return false;
	for (size_t i = 0; i < (l->hashed ? l->cap : l->n); i++) {
		struct link_member *m;

		if (l->member[i].hash == 0)
			continue;
		m = place_of(member, cap, l->member[i].hash);
		n += m->hash == 0;
		*m = l->member[i];
	}
	free(l->member);
	l->member = member;
	l->n = n;
	l->cap = cap;
	l->hashed = true;
	return true;
}

/* Room for one more in the table, at most three quarters full. */
static bool
has_room(struct links *l)
{
	return l->n < l->cap / 4 * 3 ||
	    (l->n < LINKS_MAX && make_table(l, l->cap * 2));
}

/* Behind the others. */
static bool
append(struct links *l, const struct link_member *m)
{
	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? 1024 : l->cap * 2;
		void *p;

		if (cap > LINKS_MAX ||
		    (p = reallocarray(l->member, cap, sizeof(*m))) == NULL)
			return false;
		l->member = p;
		l->cap = cap;
	}
	l->member[l->n++] = *m;
	return true;
}

void
links_add(struct links *l, uint64_t hash, char type, uint64_t size)
{
	const struct link_member added = { hash,
		type == 'f' ? size : NO_FILE | (unsigned char)type };
	struct link_member *m;
	bool room;

	if (!l->hashed &&
	    (append(l, &added) || l->cap == 0 || !make_table(l, l->cap * 2)))
		return;
	room = has_room(l);
	m = place_of(l->member, l->cap, hash);
	if (m->hash == 0) {
		if (!room)
			return;
		l->n++;
	}
	*m = added;
}

bool
links_find(struct links *l, uint64_t hash, char *ret_type, uint64_t *ret_size)
{
	const struct link_member *m;

	if (l->cap == 0 || (!l->hashed && !make_table(l, l->cap * 2)))
		return false;
	m = place_of(l->member, l->cap, hash);
	if (m->hash == 0)
		return false;
	*ret_type = m->what & NO_FILE ? (char)(m->what & 0x7f) : 'f';
	*ret_size = m->what & NO_FILE ? 0 : m->what;
	return true;
}

bool
links_wait(struct links *l, uint64_t hash, const struct lookback_item *item)
{
	struct link_waiting *w;

	if (l->n_waiting == LINKS_WAITING_MAX)
		return false;
	if (l->n_waiting == l->cap_waiting) {
		size_t cap = l->cap_waiting == 0 ? 16 : l->cap_waiting * 2;

		w = reallocarray(l->waiting, cap, sizeof(*w));
		if (w == NULL)
			return false;
		l->waiting = w;
		l->cap_waiting = cap;
	}
	w = &l->waiting[l->n_waiting];
	if ((w->path = malloc(item->len + 1)) == NULL)
		return false;
	memcpy(w->path, item->path, item->len);
	w->path[item->len] = '\0';
	w->hash = hash;
	w->item = *item;
	l->n_waiting++;
	return true;
}

bool
links_take(struct links *l, uint64_t hash, bool any, struct lookback_item *item,
    char **ret_path)
{
	for (size_t i = 0; i < l->n_waiting; i++) {
		struct link_waiting *w = &l->waiting[i];

		if (!any && w->hash != hash)
			continue;
		*item = w->item;
		item->path = *ret_path = w->path;
		*w = l->waiting[--l->n_waiting];
		return true;
	}
	return false;
}
