/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/block.h"

#include <stdlib.h>
#include <string.h>

#define ATTRS_MAX ((size_t)1 << 24)

static bool
attr_equal(const struct attr *a, const struct attr *b)
{
	return a->fields == b->fields && a->type == b->type &&
	    a->mode == b->mode && a->uid == b->uid && a->gid == b->gid;
}

static size_t
attr_hash(const struct attr *a)
{
	uint64_t h = a->fields | (uint64_t)(uint8_t)a->type << 8 |
	    (uint64_t)a->mode << 16 | (uint64_t)a->uid << 32;

	h = (h ^ ((uint64_t)a->gid << 7)) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(h >> 20);
}

static void
slot_put(struct attr_table *t, uint32_t index)
{
	size_t i = attr_hash(&t->attr[index]) & (t->n_slots - 1);

	while (t->slot[i] != 0)
		i = (i + 1) & (t->n_slots - 1);
	t->slot[i] = index + 1;
}

/* Room for one more, the hash table at most half full. 0, -1 */
static int
grow(struct attr_table *t)
{
	size_t n = t->n_slots == 0 ? 64 : t->n_slots * 2;
	struct attr *attr;
	uint32_t *slot;

	if (t->n_slots > 0 && t->n < t->n_slots / 2)
		return 0;
	if (t->n >= ATTRS_MAX ||
	    (attr = realloc(t->attr, n / 2 * sizeof(*attr))) == NULL)
		return -1;
	t->attr = attr;
	if ((slot = calloc(n, sizeof(*slot))) == NULL)
		return -1;
	free(t->slot);
	t->slot = slot;
	t->n_slots = n;
	for (size_t i = 0; i < t->n; i++)
		slot_put(t, (uint32_t)i);
	return 0;
}

int
attr_table_index(struct attr_table *t, const struct entry *e, uint32_t *ret)
{
	struct attr a = { e->fields, e->type, e->mode, e->uid, e->gid };

	if (grow(t) != 0)
		return -1;
	for (size_t i = attr_hash(&a) & (t->n_slots - 1); t->slot[i] != 0;
	     i = (i + 1) & (t->n_slots - 1)) {
		if (attr_equal(&t->attr[t->slot[i] - 1], &a)) {
			*ret = t->slot[i] - 1;
			return 0;
		}
	}
	t->attr[t->n] = a;
	slot_put(t, (uint32_t)t->n);
	*ret = (uint32_t)t->n++;
	return 0;
}

void
attr_table_done(struct attr_table *t)
{
	free(t->attr);
	free(t->slot);
	*t = (struct attr_table){ 0 };
}

int
attr_table_write(const struct attr_table *t, struct buf *b)
{
	if (buf_add_varint(b, t->n) != 0)
		return -1;
	for (size_t i = 0; i < t->n; i++) {
		const struct attr *a = &t->attr[i];

		if (buf_add_byte(b, a->fields) != 0 ||
		    buf_add_byte(b, (uint8_t)a->type) != 0 ||
		    buf_add_varint(b, a->mode) != 0 ||
		    buf_add_varint(b, a->uid) != 0 ||
		    buf_add_varint(b, a->gid) != 0)
			return -1;
	}
	return 0;
}

int
attr_table_read(struct attr_table *t, struct reader *r)
{
	uint64_t n = reader_varint(r);

	/* Each takes five bytes at least. */
	if (r->bad || n > reader_left(r) / 5) {
		r->bad = true;
		return 0;
	}
	if (n > 0 && (t->attr = calloc(n, sizeof(*t->attr))) == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct entry e = { 0 };
		uint64_t mode, uid, gid;

		e.fields = reader_byte(r);
		e.type = (char)reader_byte(r);
		mode = reader_varint(r);
		uid = reader_varint(r);
		gid = reader_varint(r);
		e.mode = (uint16_t)mode;
		e.uid = (uint32_t)uid;
		e.gid = (uint32_t)gid;
		if (mode > UINT16_MAX || uid > UINT32_MAX || gid > UINT32_MAX ||
		    !entry_is_valid(&e)) {
			r->bad = true;
			return 0;
		}
		t->attr[i] = (struct attr){ e.fields, e.type, e.mode, e.uid,
			e.gid };
	}
	t->n = n;
	return 0;
}
