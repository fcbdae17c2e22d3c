/*
 * Items in memory, until they are too many.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/itemsort_private.h"

#include "base/path.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD 8

int
itemsort_open(
    struct itemsort **ret, const char *tmpdir, size_t memory, struct err *err)
{
	struct itemsort *s = calloc(1, sizeof(*s));

	assert(memory <= UINT32_MAX / 2);
	if (s == NULL || (s->tmpdir = strdup(tmpdir)) == NULL) {
		free(s);
		return err_nomem(err);
	}
	s->memory = memory;
	s->in_order = true;
	s->runs.fd = -1;
	*ret = s;
	return 0;
}

void
itemsort_close(struct itemsort *s)
{
	if (s == NULL)
		return;
	item_runs_done(&s->runs);
	buf_done(&s->bytes);
	free(s->ref);
	free(s->tmpdir);
	free(s);
}

void
item_at(
    const struct item_ref *ref, const uint8_t *bytes, struct itemsort_item *ret)
{
	const uint8_t *p = bytes + ref->off;

	ret->kind = p[0];
	ret->size = load_u32(p + 1);
	ret->path = (const char *)p + ITEM_HEAD;
	ret->len = ref->len;
	ret->data = p + ITEM_HEAD + ref->len;
}

static void
sort(struct itemsort *s)
{
	if (!s->in_order)
		s->n = item_refs_sort(s->ref, s->n, s->bytes.data);
}

static int
spill(struct itemsort *s, struct err *err)
{
	int rc;

	sort(s);
	rc = item_runs_add(
	    &s->runs, s->tmpdir, s->ref, s->n, s->bytes.data, err);
	if (rc != 0)
		return rc;
	s->n = 0;
	s->in_order = true;
	buf_clear(&s->bytes);
	return 0;
}

/* Whether the item belongs behind the last one. */
static bool
rises(const struct itemsort *s, const struct itemsort_item *item)
{
	struct itemsort_item last;
	int cmp;

	if (s->n == 0)
		return true;
	item_at(&s->ref[s->n - 1], s->bytes.data, &last);
	cmp = path_cmp(item->path, item->len, last.path, last.len);
	return cmp > 0 || (cmp == 0 && item->kind > last.kind);
}

static int
ref_reserve(struct itemsort *s)
{
	size_t cap = s->cap == 0 ? 256 : 2 * s->cap;
	struct item_ref *p;

	if (s->n < s->cap)
		return 0;
	if ((p = reallocarray(s->ref, cap, sizeof(*p))) == NULL)
		return -1;
	s->ref = p;
	s->cap = cap;
	return 0;
}

int
itemsort_add(
    struct itemsort *s, const struct itemsort_item *item, struct err *err)
{
	size_t need = ITEM_HEAD + item->len + item->size;
	int rc;

	assert(!s->sorted && item->len + item->size <= ITEMSORT_ITEM_MAX);
	if (s->n > 0 &&
	    s->bytes.len + need + (s->n + 1) * sizeof(*s->ref) > s->memory &&
	    (rc = spill(s, err)) != 0)
		return rc;
	if (buf_reserve(&s->bytes, need) != 0 || ref_reserve(s) != 0)
		return err_nomem(err);
	s->in_order = s->in_order && rises(s, item);
	s->ref[s->n++] = (struct item_ref){ .off = (uint32_t)s->bytes.len,
		.len = (uint32_t)item->len };
	(void)buf_add_byte(&s->bytes, item->kind);
	(void)buf_add_u32(&s->bytes, (uint32_t)item->size);
	(void)buf_add(&s->bytes, item->path, item->len);
	(void)buf_add(&s->bytes, item->data, item->size);
	return 0;
}

int
itemsort_next(struct itemsort *s, struct itemsort_item *ret, struct err *err)
{
	int rc;

	if (!s->sorted) {
		if (s->runs.n > 0 && (rc = spill(s, err)) != 0)
			return rc;
		sort(s);
		s->sorted = true;
	}
	if (s->runs.n > 0)
		return item_runs_next(&s->runs, ret, err);
	if (s->next == s->n)
		return 1;
	/* They lie anywhere: memory is asked for one some items ahead. */
	if (s->n - s->next > AHEAD)
		__builtin_prefetch(s->bytes.data + s->ref[s->next + AHEAD].off);
	item_at(&s->ref[s->next++], s->bytes.data, ret);
	return 0;
}
