/*
 * What was imported before.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "import.h"

#include <stdlib.h>
#include <string.h>

struct import_past {
	int64_t date_ns;
	struct uri origin; /* none, where it cannot be read */
};

/* Takes the origin. */
static int
add(struct import_known *k, int64_t date_ns, struct uri *origin,
    struct err *err)
{
	struct import_past *past = reallocarray(
	    k->past, k->n + 1, sizeof(*past));

	if (past == NULL) {
		uri_done(origin);
		return err_nomem(err);
	}
	k->past = past;
	past[k->n++] = (struct import_past){ date_ns, *origin };
	return 0;
}

static int
add_row(struct import_known *k, struct store *s, const struct snapshot_row *row,
    struct err *err)
{
	struct uri origin = { 0 };
	struct buf text = { 0 };
	struct err ignored = ERR_INIT;
	int rc;

	if ((rc = snapshot_origin(&text, s, row, err)) == 0) {
		(void)uri_parse(&origin, buf_str(&text), &ignored);
		rc = add(k, row->date_ns, &origin, err);
	} else if (rc == ERR_NOTFOUND) {
		/* Dropped meanwhile. */
		err_clear(err);
		rc = 0;
	}
	buf_done(&text);
	return rc;
}

int
import_known_read(struct import_known *k, struct store *s, const char *series,
    struct err *err)
{
	const struct snapshot_row *rows = NULL;
	size_t n = 0;
	int rc;

	*k = (struct import_known){ 0 };
	if ((rc = catalog_read(&k->cat, s, err)) != 0)
		return rc;
	if ((k->series = catalog_series(&k->cat, series)) != NULL)
		rows = catalog_snaps(&k->cat, k->series->id, &n);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = add_row(k, s, &rows[i], err);
	if (rc != 0)
		import_known_done(k);
	return rc;
}

int
import_known_add(
    struct import_known *k, const struct import_file *f, struct err *err)
{
	struct uri origin = f->origin;

	origin.scheme = origin.user = origin.host = NULL;
	if ((origin.path = strdup(f->origin.path)) == NULL)
		return err_nomem(err);
	return add(k, f->date_ns, &origin, err);
}

void
import_known_done(struct import_known *k)
{
	for (size_t i = 0; i < k->n; i++)
		uri_done(&k->past[i].origin);
	free(k->past);
	catalog_done(&k->cat);
	*k = (struct import_known){ 0 };
}

static bool
same_size(const struct uri *a, const struct uri *b)
{
	return !a->has_size || !b->has_size || a->size == b->size;
}

enum import_is
import_known_find(const struct import_known *k, const struct import_file *f)
{
	enum import_is is = IMPORT_NEW;

	for (size_t i = 0; i < k->n; i++) {
		const struct uri *was = &k->past[i].origin;

		if (k->past[i].date_ns == f->date_ns)
			return same_size(was, &f->origin) ? IMPORT_THERE :
							    IMPORT_OTHER;
		if (was->path != NULL &&
		    strcmp(was->path, f->origin.path) == 0 && was->has_mtime &&
		    was->mtime_ns == f->origin.mtime_ns &&
		    same_size(was, &f->origin))
			is = IMPORT_THERE;
	}
	return is;
}
