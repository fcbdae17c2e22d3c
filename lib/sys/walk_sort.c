/*
 * Names in order. A directory's names are sorted in memory while they are few;
 * else in runs, each written to one unlinked file: a length (2 bytes), a type
 * (1), the name; then merged through a heap of the runs' first names.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/file.h"
#include "sys/walk_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUN_BUF ((size_t)32 * 1024)
#define RUN_HEAD 3

struct name_run {
	uint64_t off, end;    /* of what is not in buf yet */
	char *buf;	      /* owned, RUN_BUF bytes */
	size_t pos, len;      /* of buf; pos: behind head */
	struct name_ref head; /* the first name not given, in buf */
};

void
name_ref_set(struct name_ref *r, const char *name, uint8_t dtype)
{
	uint64_t key = 0;
	size_t len = strlen(name);

	memcpy(&key, name, len < 8 ? len : 8);
	r->key = __builtin_bswap64(key);
	r->name = name;
	r->len = (uint16_t)len;
	r->dtype = dtype;
}

static inline int
ref_cmp(const struct name_ref *a, const struct name_ref *b)
{
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	/* A shorter one is padded with NULs, which no name has. */
	if (a->len <= 8 || b->len <= 8)
		return (a->len > b->len) - (a->len < b->len);
	return strcmp(a->name + 8, b->name + 8);
}

static int
ref_qsort(const void *a, const void *b)
{
	return ref_cmp(a, b);
}

size_t
name_refs_sort(struct name_ref *ref, size_t n)
{
	size_t kept = 0;

	if (n > 32)
		qsort(ref, n, sizeof(*ref), ref_qsort);
	else
		for (size_t i = 1; i < n; i++) {
			struct name_ref r = ref[i];
			size_t k = i;

			for (; k > 0 && ref_cmp(&r, &ref[k - 1]) < 0; k--)
				ref[k] = ref[k - 1];
			ref[k] = r;
		}
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || ref_cmp(&ref[kept - 1], &ref[i]) != 0)
			ref[kept++] = ref[i];
	}
	return kept;
}

void
names_done(struct names *names)
{
	for (size_t i = 0; i < names->n_runs; i++)
		free(names->run[i].buf);
	free(names->run);
	free(names->heap);
	free(names->raw);
	free(names->refs);
	buf_done(&names->last);
	if (names->fd >= 0)
		(void)close(names->fd);
	*names = (struct names){ .fd = -1 };
}

/* ---- runs ---- */

static int
spill(struct names *names, const char *p, size_t len, struct err *err)
{
	names->file_len += len;
	return file_write(names->fd, p, len, "sorted names", err);
}

int
names_spill(struct names *names, struct name_ref *refs, size_t n,
    const char *tmpdir, struct err *err)
{
	struct name_run *run;
	char buf[16384];
	size_t len = 0;
	int rc;

	if (names->fd < 0) {
		if ((rc = file_unnamed(tmpdir, err)) < 0)
			return rc;
		names->fd = rc;
	}
	if ((run = reallocarray(names->run, names->n_runs + 1, sizeof(*run))) ==
	    NULL)
		return err_nomem(err);
	names->run = run;
	run += names->n_runs;
	*run = (struct name_run){ .off = names->file_len };
	n = name_refs_sort(refs, n);
	for (size_t i = 0; i < n; i++) {
		if (len + RUN_HEAD + refs[i].len > sizeof(buf)) {
			if ((rc = spill(names, buf, len, err)) != 0)
				return rc;
			len = 0;
		}
		memcpy(buf + len, &refs[i].len, 2);
		buf[len + 2] = (char)refs[i].dtype;
		memcpy(buf + len + RUN_HEAD, refs[i].name, refs[i].len);
		len += RUN_HEAD + refs[i].len;
	}
	if ((rc = spill(names, buf, len, err)) != 0)
		return rc;
	run->end = names->file_len;
	names->n_runs++;
	return 0;
}

/* At least n bytes from pos on; 1 when the run has ended. */
static int
run_fill(struct names *names, struct name_run *run, size_t n, struct err *err)
{
	size_t want;
	int rc;

	if (run->len - run->pos >= n)
		return 0;
	memmove(run->buf, run->buf + run->pos, run->len - run->pos);
	run->len -= run->pos;
	run->pos = 0;
	want = RUN_BUF - run->len;
	if (want > run->end - run->off)
		want = (size_t)(run->end - run->off);
	if ((rc = file_read_at(names->fd, run->buf + run->len, want, run->off,
		 "sorted names", err)) != 0)
		return rc;
	run->len += want;
	run->off += want;
	return run->len < n;
}

/* 0 with a new head, 1 at the end. The head's name has no NUL behind it. */
static int
run_next(struct names *names, struct name_run *run, struct err *err)
{
	struct name_ref *head = &run->head;
	uint64_t key = 0;
	int rc;

	if ((rc = run_fill(names, run, RUN_HEAD, err)) != 0)
		return rc;
	memcpy(&head->len, run->buf + run->pos, 2);
	head->dtype = (uint8_t)run->buf[run->pos + 2];
	if ((rc = run_fill(names, run, (size_t)RUN_HEAD + head->len, err)) != 0)
		return rc;
	head->name = run->buf + run->pos + RUN_HEAD;
	memcpy(&key, head->name, head->len < 8 ? head->len : 8);
	head->key = __builtin_bswap64(key);
	run->pos += (size_t)RUN_HEAD + head->len;
	return 0;
}

static bool
run_before(const struct name_run *x, const struct name_run *y)
{
	const struct name_ref *a = &x->head, *b = &y->head;
	size_t n = a->len < b->len ? a->len : b->len;
	int c;

	if (a->key != b->key)
		return a->key < b->key;
	c = memcmp(a->name, b->name, n);
	return c != 0 ? c < 0 : a->len < b->len;
}

static void
heap_down(struct names *names, size_t i)
{
	struct name_run **heap = names->heap, *run = heap[i];

	for (;;) {
		size_t k = 2 * i + 1;

		if (k >= names->n_heap)
			break;
		if (k + 1 < names->n_heap && run_before(heap[k + 1], heap[k]))
			k++;
		if (!run_before(heap[k], run))
			break;
		heap[i] = heap[k];
		i = k;
	}
	heap[i] = run;
}

int
names_merge(struct names *names, struct err *err)
{
	if ((names->heap = calloc(
		 names->n_runs + 1, sizeof(struct name_run *))) == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < names->n_runs; i++) {
		struct name_run *run = &names->run[i];
		int rc;

		if ((run->buf = malloc(RUN_BUF)) == NULL)
			return err_nomem(err);
		if ((rc = run_next(names, run, err)) < 0)
			return rc;
		if (rc == 0)
			names->heap[names->n_heap++] = run;
	}
	for (size_t i = names->n_heap / 2; i-- > 0;)
		heap_down(names, i);
	names->bytes = names->n_runs * (RUN_BUF + sizeof(struct name_run));
	return 0;
}

static int
take_merged(struct names *names, size_t n, struct buf *bytes,
    struct name_ref *refs, size_t *ret_n, struct err *err)
{
	size_t got = 0;

	while (got < n && names->n_heap > 0) {
		struct name_run *run = names->heap[0];
		struct name_ref *head = &run->head;
		int rc;

		if (names->last.len != head->len ||
		    memcmp(names->last.data, head->name, head->len) != 0) {
			buf_clear(&names->last);
			if (buf_add(&names->last, head->name, head->len) ||
			    buf_add(bytes, head->name, head->len) ||
			    buf_add_byte(bytes, 0))
				return err_nomem(err);
			refs[got++] = *head;
		}
		if ((rc = run_next(names, run, err)) < 0)
			return rc;
		if (rc == 1)
			names->heap[0] = names->heap[--names->n_heap];
		if (names->n_heap > 0)
			heap_down(names, 0);
	}
	*ret_n = got;
	return 0;
}

static int
take_sorted(struct names *names, size_t n, struct buf *bytes,
    struct name_ref *refs, size_t *ret_n, struct err *err)
{
	if (n > names->n - names->next)
		n = names->n - names->next;
	memcpy(refs, names->refs + names->next, n * sizeof(*refs));
	names->next += n;
	for (size_t i = 0; i < n; i++)
		if (buf_add(bytes, refs[i].name, (size_t)refs[i].len + 1))
			return err_nomem(err);
	*ret_n = n;
	return 0;
}

int
names_take(struct names *names, size_t n, struct buf *bytes,
    struct name_ref *refs, size_t *ret_n, struct err *err)
{
	const char *p;
	int rc;

	buf_clear(bytes);
	rc = names->fd >= 0 ? take_merged(names, n, bytes, refs, ret_n, err) :
			      take_sorted(names, n, bytes, refs, ret_n, err);
	if (rc != 0)
		return rc;
	p = (const char *)bytes->data;
	for (size_t i = 0; i < *ret_n; i++) {
		refs[i].name = p;
		p += (size_t)refs[i].len + 1;
	}
	return 0;
}

bool
names_left(const struct names *names)
{
	return names->fd >= 0 ? names->n_heap > 0 : names->next < names->n;
}
