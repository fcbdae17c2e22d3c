/*
 * The list of what a snapshot could not read, as one byte string: for each,
 * u8 below, u32 errno, u32 length, the path, a NUL.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

#define UNREAD_HEAD 9u /* bytes of an item before its path */

/* Of one path, what could not be looked at itself comes first. */
static int
unread_cmp(const void *pa, const void *pb)
{
	const struct unread *a = pa, *b = pb;
	int cmp = path_cmp(a->path, a->len, b->path, b->len);

	return cmp != 0 ? cmp : a->below - b->below;
}

int
unread_decode(
    struct unread_list *ret, const void *p, size_t len, struct err *err)
{
	struct reader r = reader_of(p, len);
	struct unread_list list = { 0 };
	size_t max = len / (UNREAD_HEAD + 2);
	char *bytes;

	if (max == 0)
		goto damaged;
	/* The paths stay where they are, in a copy behind the array. */
	list.item = malloc(max * sizeof(*list.item) + len);
	if (list.item == NULL)
		return err_nomem(err);
	bytes = (char *)(list.item + max);
	memcpy(bytes, p, len);
	while (reader_left(&r) > 0) {
		struct unread u = { .below = reader_byte(&r) != 0 };

		u.error = (int)reader_u32(&r);
		u.len = reader_u32(&r);
		u.path = bytes + (len - reader_left(&r));
		if (reader_bytes(&r, u.len) == NULL || reader_byte(&r) != 0 ||
		    r.bad || !path_is_valid(u.path, u.len))
			goto damaged;
		list.item[list.n++] = u;
	}
	list.bytes = list.n * sizeof(*list.item) + len;
	/* The writer folds, and a peer may send them, in any order. */
	for (size_t i = 1; i < list.n; i++)
		if (unread_cmp(&list.item[i - 1], &list.item[i]) > 0) {
			qsort(
			    list.item, list.n, sizeof(*list.item), unread_cmp);
			break;
		}
	*ret = list;
	return 0;
damaged:
	free(list.item);
	return err_set(err, ERR_FORMAT,
	    "manifest.db is damaged: a list of unread directories");
}

void
unread_list_done(struct unread_list *l)
{
	free(l->item);
	*l = (struct unread_list){ 0 };
}

/* The first item of this path, NULL for none. */
static const struct unread *
find(const struct unread_list *l, const char *path, size_t len)
{
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct unread *u = &l->item[mid];

		if (path_cmp(u->path, u->len, path, len) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < l->n && l->item[lo].len == len &&
		memcmp(l->item[lo].path, path, len) == 0 ?
	    &l->item[lo] :
	    NULL;
}

bool
unread_list_hides(const struct unread_list *l, const char *path, size_t len)
{
	const struct unread *u = find(l, path, len);

	if (u != NULL && !u->below)
		return true;
	while ((len = path_parent_len(path, len)) > 0)
		if (find(l, path, len) != NULL)
			return true;
	return false;
}

static int
encode(struct unread_writer *w, const char *path, size_t len, bool below,
    int error)
{
	/* All at once, so that a failure leaves no half of it. */
	if (buf_reserve(&w->bytes, UNREAD_HEAD + len + 1) != 0)
		return -1;
	(void)buf_add_byte(&w->bytes, below);
	(void)buf_add_u32(&w->bytes, (uint32_t)error);
	(void)buf_add_u32(&w->bytes, (uint32_t)len);
	(void)buf_add(&w->bytes, path, len);
	(void)buf_add_byte(&w->bytes, 0);
	w->n++;
	return 0;
}

int
unread_add(struct unread_writer *w, const char *path, size_t len, bool below,
    int error)
{
	size_t n;

	if (w->fold.len == 0 &&
	    w->bytes.len + UNREAD_HEAD + len < UNREAD_BYTES_MAX)
		return encode(w, path, len, below, error);
	if (w->fold.len == 0) {
		w->fold_error = error;
		n = path_parent_len(path, len);
		return buf_add(&w->fold, path, n > 0 ? n : 1);
	}
	while (
	    !path_below(path, len, (const char *)w->fold.data, w->fold.len)) {
		n = path_parent_len((const char *)w->fold.data, w->fold.len);
		if (n == 0)
			break;
		w->fold.len = n;
	}
	return 0;
}

int
unread_finish(struct unread_writer *w, struct buf *ret, size_t *ret_n)
{
	if (w->fold.len > 0 &&
	    encode(w, (const char *)w->fold.data, w->fold.len, true,
		w->fold_error) != 0)
		return -1;
	*ret = w->bytes;
	*ret_n = w->n;
	w->bytes = (struct buf){ 0 };
	unread_writer_done(w);
	return 0;
}

void
unread_writer_done(struct unread_writer *w)
{
	buf_done(&w->bytes);
	buf_done(&w->fold);
	*w = (struct unread_writer){ 0 };
}
