/*
 * The places of a version, in the order in which to try them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/places_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "store/series_events.h"

/* Volumes of one host's images; a disk has no more than this. */
#define VOLUMES_MAX 128

static size_t
host_len(const char *series)
{
	return strcspn(series, "/");
}

static bool
same_host(const char *a, const char *b)
{
	return host_len(a) == host_len(b) && memcmp(a, b, host_len(a)) == 0;
}

bool
mtime_agrees(const struct entry *a, const struct entry *b)
{
	const struct entry *coarse = a->mtime_ns == 0 ? a : b;
	const struct entry *other = coarse == a ? b : a;

	if (coarse->mtime_ns != 0)
		return a->mtime == b->mtime && a->mtime_ns == b->mtime_ns;
	/* FAT and zip know even seconds only. */
	return coarse->mtime == other->mtime ||
	    (coarse->mtime % 2 == 0 && coarse->mtime + 1 == other->mtime);
}

const char *
place_host(const struct place *p, const char *here)
{
	const char *host = p->snap->has_peer ? p->series->name :
					       p->origin->uri.host;

	return host == NULL || same_host(host, here) ? NULL : host;
}

static bool
is_the_same(const struct entry *a, const struct entry *b)
{
	const uint8_t needed = ENTRY_TYPE | ENTRY_SIZE | ENTRY_MTIME;

	return (a->fields & needed) == needed &&
	    (b->fields & needed) == needed && a->type == b->type &&
	    a->size == b->size && mtime_agrees(a, b);
}

/* ---- the list ---- */

static int
add(struct places *p, const struct origin *o, const struct series_row *series,
    const struct snapshot_row *snap, const char *path, size_t len, bool own)
{
	struct found *f;

	if (p->n_found == p->n_room) {
		size_t room = 2 * p->n_room + 8;

		f = reallocarray(p->found, room, sizeof(*f));
		if (f == NULL)
			return -1;
		memset(f + p->n_room, 0, (room - p->n_room) * sizeof(*f));
		p->found = f;
		p->n_room = room;
	}
	f = &p->found[p->n_found];
	buf_clear(&f->path);
	if (buf_add(&f->path, path, len) != 0)
		return -1;
	f->rank = 2 * (unsigned)o->kind + (own ? 0 : 1);
	f->order = (unsigned)p->n_found++;
	f->place = (struct place){ .origin = o,
		.series = series,
		.snap = snap,
		.path = (const char *)f->path.data,
		.len = len };
	return 0;
}

/* Snapshots of one source share their origin: a directory, a machine. Files are
 * each their own, and there may be thousands of them. */
static bool
is_listed(const struct places *p, size_t from, const struct origin *o)
{
	if (o->uri.has_mtime)
		return false;
	for (size_t i = from; i < p->n_found; i++)
		if (strcmp(p->found[i].place.origin->text, o->text) == 0)
			return true;
	return false;
}

struct version_at {
	const struct series_row *series;
	const struct version *version;
	const struct snapshot_row *last; /* dates after it come later */
	bool current;
	const char *path;
	size_t len;
	bool own;
};

static int
consider(struct places *p, const struct version_at *v,
    const struct snapshot_row *snap, bool newest, size_t from, struct err *err)
{
	const struct origin *o;
	int rc = places_origin(p, snap, &o, err);

	if (rc != 0)
		return rc;
	if ((o->kind == PLACE_LIVE || o->kind == PLACE_LAB) &&
	    !(v->current && newest))
		return 0;
	if ((o->kind == PLACE_NONE && !v->own) ||
	    (o->uri.additive && snap != v->version->put) ||
	    is_listed(p, from, o))
		return 0;
	return add(p, o, v->series, snap, v->path, v->len, v->own) != 0 ?
	    err_nomem(err) :
	    0;
}

static int
add_version(struct places *p, const struct version_at *v, struct err *err)
{
	size_t n, first, end, middle, from = p->n_found;
	const struct snapshot_row *snaps = catalog_snaps(
	    &p->view->cat, v->series->id, &n);
	int rc = 0;

	first = (size_t)(v->version->put - snaps);
	/* Unseen is what nobody looked at: it may be there still. */
	end = v->version->end == NULL || v->current ?
	    n :
	    (size_t)(v->version->end - snaps);
	middle = first;
	while (middle < end && snaps[middle].date_ns <= v->last->date_ns)
		middle++;
	for (size_t i = middle; i > first && rc == 0; i--)
		rc = consider(p, v, &snaps[i - 1], i == n, from, err);
	for (size_t i = middle; i < end && rc == 0; i++)
		rc = consider(p, v, &snaps[i], i + 1 == n, from, err);
	return rc;
}

static int
found_cmp(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static int
finish(
    struct places *p, const struct place **ret, size_t *ret_n, struct err *err)
{
	struct place *list;

	if (p->n_found > 1)
		qsort(p->found, p->n_found, sizeof(*p->found), found_cmp);
	list = reallocarray(p->list, p->n_room + 1, sizeof(*list));
	if (list == NULL)
		return err_nomem(err);
	p->list = list;
	for (size_t i = 0; i < p->n_found; i++)
		list[i] = p->found[i].place;
	*ret = list;
	*ret_n = p->n_found;
	return 0;
}

static int
add_own(struct places *p, const struct wanted *w, struct err *err)
{
	const struct version_at v = { .series = w->series,
		.version = &w->version,
		.last = w->last,
		.current = w->current,
		.path = w->path,
		.len = w->len,
		.own = true };

	p->n_found = 0;
	return add_version(p, &v, err);
}

int
places_own(struct places *p, const struct wanted *w, const struct place **ret,
    size_t *ret_n, struct err *err)
{
	int rc = add_own(p, w, err);

	return rc != 0 ? rc : finish(p, ret, ret_n, err);
}

/* ---- volumes ---- */

static void
forget_variants(struct places *p)
{
	for (size_t i = 0; i < p->n_variants; i++) {
		free(p->variant[i].volume);
		path_events_close(p->variant[i].events);
		buf_done(&p->variant[i].path);
	}
	p->n_variants = 0;
	free(p->host);
	p->host = NULL;
}

static int
add_variant(struct places *p, const char *volume, size_t len, bool strip,
    struct err *err)
{
	struct variant *v;

	for (size_t i = 0; i < p->n_variants; i++)
		if (p->variant[i].strip == strip &&
		    strlen(p->variant[i].volume) == len &&
		    memcmp(p->variant[i].volume, volume, len) == 0)
			return 0;
	v = reallocarray(p->variant, p->n_variants + 1, sizeof(*v));
	if (v == NULL)
		return err_nomem(err);
	p->variant = v;
	v += p->n_variants;
	*v = (struct variant){ .strip = strip };
	if ((v->volume = strndup(volume, len)) == NULL)
		return err_nomem(err);
	p->n_variants++;
	return path_events_open(&v->events, p->view, err);
}

/* What lies at the root of a series: each name costs a look-up. */
static int
add_volumes(struct places *p, uint32_t series, struct err *err)
{
	struct series_events *events;
	struct series_events_item item;
	char after[256 + 2];
	int rc;

	rc = series_events_open(&events, p->view, series, 0, UINT32_MAX, err);
	if (rc != 0)
		return rc;
	while (p->n_variants < VOLUMES_MAX &&
	    (rc = series_events_next(events, &item, err)) == 0) {
		const char *end = memchr(item.path + 1, '/', item.len - 1);
		size_t len = end == NULL ? item.len : (size_t)(end - item.path);

		if (len < 2 || len > 256)
			continue;
		/* Behind all that is below it. */
		memcpy(after, item.path, len);
		after[len] = '\1';
		if ((rc = add_variant(p, after, len, false, err)) != 0 ||
		    (rc = add_variant(p, after, len, true, err)) != 0 ||
		    (rc = series_events_seek(events, after, len + 1, err)) != 0)
			break;
	}
	series_events_close(events);
	return rc < 0 ? rc : 0;
}

/* Series whose newest snapshot is of an image. */
static int
is_image(struct places *p, uint32_t series, bool *ret, struct err *err)
{
	const struct snapshot_row *snaps;
	const struct origin *o;
	size_t n;
	int rc;

	*ret = false;
	snaps = catalog_snaps(&p->view->cat, series, &n);
	if (n == 0)
		return 0;
	if ((rc = places_origin(p, &snaps[n - 1], &o, err)) == 0)
		*ret = o->kind == PLACE_IMAGE;
	return rc;
}

static int
make_variants(struct places *p, const char *series, struct err *err)
{
	int rc;

	if (p->host != NULL && same_host(p->host, series))
		return 0;
	forget_variants(p);
	if ((rc = add_variant(p, "", 0, false, err)) != 0 ||
	    (rc = add_variant(p, "", 0, true, err)) != 0)
		return rc;
	for (size_t i = 0; i < p->view->cat.n_series; i++) {
		const struct series_row *row = &p->view->cat.series[i];
		bool image;

		if (!same_host(row->name, series))
			continue;
		if ((rc = is_image(p, row->id, &image, err)) != 0 ||
		    (image && (rc = add_volumes(p, row->id, err)) != 0))
			return rc;
	}
	if ((p->host = strndup(series, host_len(series))) == NULL)
		return err_nomem(err);
	return 0;
}

/* ---- other series ---- */

static int
events_cmp(const void *a, const void *b)
{
	const struct store_event *x = a, *y = b;

	return (x->series > y->series) - (x->series < y->series);
}

/* The versions in one series that are the wanted one. */
static int
add_series(struct places *p, const struct wanted *w, const struct variant *v,
    struct store_event *events, size_t n, struct err *err)
{
	const struct series_row *row = catalog_series_by_id(
	    &p->view->cat, events->series);
	struct told t;
	int rc;

	if (row == NULL || row->id == w->series->id ||
	    !same_host(row->name, w->series->name))
		return 0;
	rc = places_tell(p, row->id, events, n, &t, err);
	for (size_t i = 0; rc == 0 && i < t.life.n; i++) {
		const struct version_at at = { .series = row,
			.version = &t.life.version[i],
			.last = w->last,
			.current = i + 1 == t.life.n &&
			    t.life.state != EVENT_GONE,
			.path = (const char *)v->path.data,
			.len = v->path.len };

		if (is_the_same(&at.version->entry, &w->version.entry))
			rc = add_version(p, &at, err);
	}
	return rc;
}

static int
add_others(struct places *p, const struct wanted *w, struct variant *v,
    const char *path, size_t len, struct err *err)
{
	struct store_event *events;
	size_t n, run;
	int rc;

	buf_clear(&v->path);
	if (buf_add_str(&v->path, v->volume) != 0 ||
	    buf_add(&v->path, path, len) != 0)
		return err_nomem(err);
	rc = path_events_find(v->events, (const char *)v->path.data,
	    v->path.len, &events, &n, err);
	if (rc != 0)
		return rc;
	if (n > 1)
		qsort(events, n, sizeof(*events), events_cmp);
	for (; n > 0 && rc == 0; events += run, n -= run) {
		run = 1;
		while (run < n && events[run].series == events->series)
			run++;
		rc = add_series(p, w, v, events, run, err);
	}
	return rc;
}

/* What is behind the first component; NULL: nothing. */
static const char *
stripped(const struct wanted *w, size_t *ret_len)
{
	const char *slash = w->len < 2 ? NULL :
					 memchr(w->path + 1, '/', w->len - 1);

	if (slash != NULL)
		*ret_len = w->len - (size_t)(slash - w->path);
	return slash;
}

int
places_list(struct places *p, const struct wanted *w, const struct place **ret,
    size_t *ret_n, struct err *err)
{
	bool image;
	int rc;

	if ((rc = add_own(p, w, err)) != 0 ||
	    (rc = make_variants(p, w->series->name, err)) != 0 ||
	    (rc = is_image(p, w->series->id, &image, err)) != 0)
		return rc;
	for (size_t i = 0; i < p->n_variants && rc == 0; i++) {
		struct variant *v = &p->variant[i];
		const char *path = w->path;
		size_t len = w->len;

		if (v->strip && (!image || (path = stripped(w, &len)) == NULL))
			continue;
		rc = add_others(p, w, v, path, len, err);
	}
	return rc != 0 ? rc : finish(p, ret, ret_n, err);
}
