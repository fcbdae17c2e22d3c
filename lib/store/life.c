/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/life.h"

/* The index of the first snapshot whose id is not below this. */
static size_t
index_of(const struct horizon *h, uint32_t id)
{
	size_t lo = 0, hi = h->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (h->snaps[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int
life_last_seen(struct life *life, const struct horizon *h,
    int (*looked)(void *, const struct snapshot_row *), void *ctx)
{
	const struct version *v = &life->version[life->n - 1];
	size_t i = v->end == NULL ? h->n : index_of(h, v->end->id);
	uint32_t asked = 0; /* the list of what was not read */
	int rc = 0;

	for (; i > 0 && h->snaps[i - 1].id > v->put->id; i--) {
		const struct snapshot_row *snap = &h->snaps[i - 1];

		/* Night after night it is mostly the same. */
		if (snap->unread != 0 && snap->unread == asked)
			continue;
		if ((rc = looked(ctx, snap)) != 0)
			break;
		asked = snap->unread;
	}
	if (rc < 0)
		return rc;
	life->last = rc == 1 ? &h->snaps[i - 1] : v->put;
	return 0;
}

/* Add the fields that only the later entry observed. */
static void
entry_add(struct entry *e, const struct entry *later)
{
	uint8_t more = later->fields & (uint8_t)~e->fields;

	e->fields |= more;
	if (more & ENTRY_TYPE)
		e->type = later->type;
	if (more & ENTRY_MODE)
		e->mode = later->mode;
	if (more & ENTRY_OWNER) {
		e->uid = later->uid;
		e->gid = later->gid;
	}
	if (more & ENTRY_SIZE)
		e->size = later->size;
	if (more & ENTRY_MTIME) {
		e->mtime = later->mtime;
		e->mtime_ns = later->mtime_ns;
	}
	if (more & ENTRY_TARGET) {
		e->target = later->target;
		e->target_len = later->target_len;
	}
}

static bool
overlaps(const struct version *v, const struct window *w)
{
	return v->put->date_ns <= w->until_ns &&
	    (v->end == NULL || v->end->date_ns > w->since_ns);
}

bool
life_tell(struct life *ret, struct version *version, const struct change *c,
    size_t n, const struct horizon *h, const struct window *w)
{
	struct life life = { .version = version, .state = EVENT_GONE };
	struct version *v = NULL;
	size_t all = 0;

	for (size_t i = 0; i < n; i++) {
		if (h->n == 0 || c[i].snap->id > h->snaps[h->n - 1].id)
			break;
		if (life.state != c[i].kind) {
			life.state = c[i].kind;
			life.since = c[i].snap;
		}
		if (c[i].kind == EVENT_PUT && v != NULL && v->end == NULL &&
		    entry_agrees(&v->entry, &c[i].entry)) {
			entry_add(&v->entry, &c[i].entry);
			continue;
		}
		if (v != NULL && v->end == NULL)
			v->end = c[i].snap;
		if (c[i].kind != EVENT_PUT)
			continue;
		v = &version[all++];
		*v = (struct version){ .entry = c[i].entry, .put = c[i].snap };
	}
	for (size_t i = 0; i < all; i++)
		if (overlaps(&version[i], w))
			version[life.n++] = version[i];
	if (life.n == 0)
		return false;
	*ret = life;
	return true;
}
