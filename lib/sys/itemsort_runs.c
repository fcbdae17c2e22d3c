/*
 * Sorted runs in an unlinked file, and their merge through a heap. An item in
 * the file, front-coded against the one before it in its run:
 *
 *   u8 kind, varint bytes in common, varint bytes more, varint size of the data,
 *   the bytes more, the data
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/path.h"
#include "sys/file.h"
#include "sys/itemsort_private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES ((size_t)32 * 1024)
#define HEAD_MAX 31u /* bytes of an item before its path */

struct run {
	uint64_t off, end; /* of what is not in `in` yet */
	struct buf in;
	size_t pos;	 /* in `in` */
	struct buf path; /* of the item at hand ... */
	uint8_t kind;
	size_t data, size; /* ... and where its data lie in `in` */
};

void
item_runs_done(struct item_runs *r)
{
	for (size_t i = 0; i < r->n; i++) {
		buf_done(&r->run[i].in);
		buf_done(&r->run[i].path);
	}
	free(r->run);
	free(r->heap);
	buf_done(&r->out);
	if (r->fd >= 0)
		(void)close(r->fd);
	*r = (struct item_runs){ .fd = -1 };
}

/* ---- writing ---- */

static int
flush(struct item_runs *r, struct err *err)
{
	int rc = file_write(
	    r->fd, r->out.data, r->out.len, "sorted items", err);

	r->len += r->out.len;
	buf_clear(&r->out);
	return rc;
}

static int
encode(struct buf *to, const struct itemsort_item *item,
    const struct itemsort_item *last)
{
	size_t common = last->path == NULL ?
	    0 :
	    path_common(item->path, item->len, last->path, last->len);
	size_t rest = item->len - common;

	if (buf_reserve(to, HEAD_MAX + rest + item->size) != 0)
		return -1;
	(void)buf_add_byte(to, item->kind);
	(void)buf_add_varint(to, common);
	(void)buf_add_varint(to, rest);
	(void)buf_add_varint(to, item->size);
	(void)buf_add(to, item->path + common, rest);
	return buf_add(to, item->data, item->size);
}

int
item_runs_add(struct item_runs *r, const char *tmpdir,
    const struct item_ref *ref, size_t n, const uint8_t *bytes, struct err *err)
{
	struct itemsort_item item, last = { 0 };
	struct run *run;
	int rc;

	if (r->fd < 0 && (r->fd = file_unnamed(tmpdir, err)) < 0)
		return err->code;
	run = reallocarray(r->run, r->n + 1, sizeof(*run));
	if (run == NULL)
		return err_nomem(err);
	r->run = run;
	run += r->n++;
	*run = (struct run){ .off = r->len };
	for (size_t i = 0; i < n; i++, last = item) {
		item_at(&ref[i], bytes, &item);
		if (encode(&r->out, &item, &last) != 0)
			return err_nomem(err);
		if (r->out.len >= 2 * READ_BYTES && (rc = flush(r, err)) != 0)
			return rc;
	}
	if ((rc = flush(r, err)) != 0)
		return rc;
	run->end = r->len;
	return 0;
}

/* ---- reading ---- */

/* Try for n bytes from pos on; fewer only where the run ends. */
static int
fill(struct item_runs *r, struct run *run, size_t n, struct err *err)
{
	size_t left = run->in.len - run->pos, want;

	if (left >= n || run->off == run->end)
		return 0;
	if (left > 0)
		memmove(run->in.data, run->in.data + run->pos, left);
	run->in.len = left;
	run->pos = 0;
	want = n > READ_BYTES ? n - left : READ_BYTES;
	if (want > run->end - run->off)
		want = (size_t)(run->end - run->off);
	if (buf_reserve(&run->in, want) != 0)
		return err_nomem(err);
	run->in.len += want;
	run->off += want;
	return file_read_at(r->fd, run->in.data + left, want, run->off - want,
	    "sorted items", err);
}

/* 0 with the next item at hand, 1 at the end. */
static int
step(struct item_runs *r, struct run *run, struct err *err)
{
	struct reader head;
	size_t common, rest;
	int rc;

	if ((rc = fill(r, run, HEAD_MAX, err)) != 0)
		return rc;
	if (run->pos == run->in.len)
		return 1;
	head = reader_of(run->in.data + run->pos, run->in.len - run->pos);
	run->kind = reader_byte(&head);
	common = reader_varint(&head);
	rest = reader_varint(&head);
	run->size = reader_varint(&head);
	run->pos = run->in.len - reader_left(&head);
	/* Our own file; but disks lie. */
	if (head.bad || common > run->path.len || rest > ITEMSORT_ITEM_MAX ||
	    run->size > ITEMSORT_ITEM_MAX)
		goto damaged;
	if ((rc = fill(r, run, rest + run->size, err)) != 0)
		return rc;
	if (run->in.len - run->pos < rest + run->size)
		goto damaged;
	run->path.len = common;
	if (rest > 0 && buf_add(&run->path, run->in.data + run->pos, rest) != 0)
		return err_nomem(err);
	run->data = run->pos + rest;
	run->pos = run->data + run->size;
	return 0;
damaged:
	return err_set(err, ERR_FORMAT,
	    "sorted items: what was written there "
	    "comes back otherwise");
}

/* ---- the heap ---- */

static int
cmp_items(const struct run *a, const struct run *b)
{
	int cmp = path_cmp((const char *)a->path.data, a->path.len,
	    (const char *)b->path.data, b->path.len);

	return cmp != 0 ? cmp : a->kind - b->kind;
}

/* Of the same path and kind the younger run's comes last, and counts. */
static bool
before(const struct run *a, const struct run *b)
{
	int cmp = cmp_items(a, b);

	return cmp != 0 ? cmp < 0 : a < b;
}

static void
heap_down(struct item_runs *r, size_t i)
{
	struct run **heap = r->heap, *run = heap[i];

	for (;;) {
		size_t k = 2 * i + 1;

		if (k >= r->n_heap)
			break;
		if (k + 1 < r->n_heap && before(heap[k + 1], heap[k]))
			k++;
		if (!before(heap[k], run))
			break;
		heap[i] = heap[k];
		i = k;
	}
	heap[i] = run;
}

static int
start(struct item_runs *r, struct err *err)
{
	struct run **heap = reallocarray(NULL, r->n, sizeof(struct run *));

	if (heap == NULL)
		return err_nomem(err);
	r->heap = heap;
	for (size_t i = 0; i < r->n; i++) {
		int rc = step(r, &r->run[i], err);

		if (rc < 0)
			return rc;
		if (rc == 0)
			heap[r->n_heap++] = &r->run[i];
	}
	for (size_t i = r->n_heap / 2; i-- > 0;)
		heap_down(r, i);
	r->started = true;
	return 0;
}

/* The first run goes on. */
static int
pop(struct item_runs *r, struct err *err)
{
	int rc = step(r, r->heap[0], err);

	if (rc < 0)
		return rc;
	if (rc == 1)
		r->heap[0] = r->heap[--r->n_heap];
	if (r->n_heap > 0)
		heap_down(r, 0);
	return 0;
}

/* Whether a younger item replaces the first one. */
static bool
is_replaced(const struct item_runs *r)
{
	for (size_t i = 1; i < 3 && i < r->n_heap; i++)
		if (cmp_items(r->heap[0], r->heap[i]) == 0)
			return true;
	return false;
}

int
item_runs_next(struct item_runs *r, struct itemsort_item *ret, struct err *err)
{
	struct run *run;
	int rc = 0;

	/* Only now is what was given last done with. */
	if (!r->started)
		rc = start(r, err);
	else if (r->n_heap > 0)
		rc = pop(r, err);
	while (rc == 0 && r->n_heap > 0 && is_replaced(r))
		rc = pop(r, err);
	if (rc != 0)
		return rc;
	if (r->n_heap == 0)
		return 1;
	run = r->heap[0];
	ret->path = (const char *)run->path.data;
	ret->len = run->path.len;
	ret->kind = run->kind;
	ret->data = run->in.data + run->data;
	ret->size = run->size;
	return 0;
}
