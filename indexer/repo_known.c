/*
 * What of a repository is indexed already, by the origins of a series.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "repo.h"

#include <stdlib.h>
#include <string.h>

#include "base/uri.h"

/* A file of this machine; else the item stays without a path. */
static int
take_origin(struct indexed *item, struct store *store, const char *host,
    struct err *err)
{
	struct buf text = { 0 };
	struct uri uri;
	int rc;

	if ((rc = snapshot_origin(&text, store, &item->snap, err)) == 0 &&
	    uri_parse(&uri, buf_str(&text), err) == 0) {
		if (uri.host != NULL && strcmp(uri.host, host) == 0) {
			item->path = uri.path;
			uri.path = NULL;
		}
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
	while (rc == 0 && ret->n < n) {
		struct indexed *item = &ret->item[ret->n];

		item->snap = snaps[ret->n++];
		rc = take_origin(item, store, host, err);
	}
	if (rc != 0)
		history_done(ret);
	return rc;
}

struct indexed *
history_find(struct history *h, const char *path)
{
	for (size_t i = h->n; i-- > 0;)
		if (h->item[i].path != NULL &&
		    strcmp(h->item[i].path, path) == 0)
			return &h->item[i];
	return NULL;
}

void
history_done(struct history *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->item[i].path);
	free(h->item);
	*h = (struct history){ 0 };
}
