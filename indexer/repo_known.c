/*
 * What of a repository is indexed already, by the origins of a series.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "repo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/uri.h"
#include "base/when.h"

/* Of what is no file the item stays without a path. */
static int
take_origin(struct indexed *item, struct store *store, const char *host,
    struct err *err)
{
	struct buf text = { 0 };
	struct uri uri;
	int rc;

	if ((rc = snapshot_origin(&text, store, &item->snap, err)) == 0 &&
	    uri_parse(&uri, buf_str(&text), err) == 0) {
		if (uri.has_size && uri.has_mtime) {
			item->path = uri.path;
			uri.path = NULL;
		}
		item->here = uri.host != NULL && strcmp(uri.host, host) == 0;
		item->size = uri.size;
		item->mtime_ns = uri.mtime_ns;
		uri_done(&uri);
	}
	buf_done(&text);
	/* What no version of ours wrote is nothing that we know. */
	if (rc == 0)
		err_clear(err);
	return rc;
}

/* ---- finding ---- */

static int
by_path(const void *a, const void *b)
{
	const struct indexed *x = *(struct indexed *const *)a,
			     *y = *(struct indexed *const *)b;
	int c = strcmp(x->path, y->path);

	return c != 0 ? c : (x > y) - (x < y);
}

/* Dates of one path may be raised by nanoseconds. */
static int
stamp_cmp(const struct indexed *x, const struct indexed *y)
{
	int64_t xs = x->snap.date_ns / NS_PER_S,
		ys = y->snap.date_ns / NS_PER_S;

	if (x->mtime_ns != y->mtime_ns)
		return x->mtime_ns < y->mtime_ns ? -1 : 1;
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return (xs > ys) - (xs < ys);
}

static int
by_stamp(const void *a, const void *b)
{
	return stamp_cmp(
	    *(struct indexed *const *)a, *(struct indexed *const *)b);
}

static int
sort(struct history *h, struct err *err)
{
	h->by_path = calloc(h->n + 1, sizeof(struct indexed *));
	h->by_stamp = calloc(h->n + 1, sizeof(struct indexed *));
	if (h->by_path == NULL || h->by_stamp == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < h->n; i++)
		if (h->item[i].path != NULL)
			h->by_path[h->n_paths++] = &h->item[i];
	memcpy(h->by_stamp, h->by_path, h->n_paths * sizeof(struct indexed *));
	qsort(h->by_path, h->n_paths, sizeof(struct indexed *), by_path);
	qsort(h->by_stamp, h->n_paths, sizeof(struct indexed *), by_stamp);
	return 0;
}

/* Where those that are not smaller begin. */
static size_t
lower(struct indexed **list, size_t n, const struct indexed *key,
    int (*cmp)(const struct indexed *, const struct indexed *))
{
	size_t lo = 0;

	while (lo < n) {
		size_t mid = lo + (n - lo) / 2;

		if (cmp(list[mid], key) < 0)
			lo = mid + 1;
		else
			n = mid;
	}
	return lo;
}

static int
path_only(const struct indexed *x, const struct indexed *y)
{
	return strcmp(x->path, y->path);
}

static bool
is_gone(const struct indexed *item)
{
	return !item->here ||
	    (access(item->path, F_OK) != 0 && errno == ENOENT);
}

struct indexed *
history_find(
    const struct history *h, const struct backup *b, enum history_has *ret)
{
	const struct indexed key = { .snap.date_ns = b->date_ns,
		.path = b->path,
		.size = b->size,
		.mtime_ns = b->mtime_ns };
	struct indexed *found = NULL;
	size_t i;

	for (i = lower(h->by_path, h->n_paths, &key, path_only);
	     i < h->n_paths && strcmp(h->by_path[i]->path, b->path) == 0; i++)
		found = h->by_path[i];
	if (found != NULL) {
		*ret = found->size != b->size ||
			found->mtime_ns != b->mtime_ns ?
		    HISTORY_CHANGED :
		    found->here ? HISTORY_SAME :
				  HISTORY_MOVED;
		return found;
	}
	for (i = lower(h->by_stamp, h->n_paths, &key, stamp_cmp);
	     i < h->n_paths && stamp_cmp(h->by_stamp[i], &key) == 0; i++)
		if (is_gone(h->by_stamp[i]))
			found = h->by_stamp[i];
	*ret = found != NULL ? HISTORY_MOVED : HISTORY_NONE;
	return found;
}

void
history_mark(struct history *h, const struct indexed *found)
{
	for (size_t i = lower(h->by_path, h->n_paths, found, path_only);
	     i < h->n_paths && strcmp(h->by_path[i]->path, found->path) == 0;
	     i++)
		h->by_path[i]->there = true;
}

/* ---- reading ---- */

int
history_read(struct history *ret, struct store *store,
    const struct catalog *cat, const char *series, const char *host,
    struct err *err)
{
	const struct series_row *row = catalog_series(cat, series);
	const struct snapshot_row *snaps;
	size_t n = 0;
	int rc = 0;

	*ret = (struct history){ 0 };
	if (row == NULL)
		return 0;
	snaps = catalog_snaps(cat, row->id, &n);
	if ((ret->item = calloc(n + 1, sizeof(*ret->item))) == NULL)
		return err_nomem(err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct indexed *item = &ret->item[ret->n];

		item->snap = snaps[i];
		if ((rc = take_origin(item, store, host, err)) == 0) {
			ret->n++;
		} else if (rc == ERR_NOTFOUND) {
			/* Dropped since the catalogue was read. */
			err_clear(err);
			rc = 0;
		}
	}
	if (rc != 0 || (rc = sort(ret, err)) != 0)
		history_done(ret);
	return rc;
}

void
history_done(struct history *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->item[i].path);
	free(h->item);
	free(h->by_path);
	free(h->by_stamp);
	*h = (struct history){ 0 };
}
