/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/places.h"

#include <stdlib.h>
#include <string.h>

#include "store/places_private.h"

int
places_open(
    struct places **ret, struct store *s, struct view *v, struct err *err)
{
	struct places *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL)
		return err_nomem(err);
	p->store = s;
	p->view = v;
	p->origin = calloc(v->cat.n_snaps + 1, sizeof(struct origin *));
	rc = p->origin == NULL ? err_nomem(err) :
				 path_events_open(&p->events, v, err);
	if (rc != 0) {
		places_close(p);
		return rc;
	}
	*ret = p;
	return 0;
}

static void
origin_free(struct origin *o)
{
	if (o == NULL)
		return;
	uri_done(&o->uri);
	free(o->text);
	free(o);
}

void
places_close(struct places *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; p->origin != NULL && i < p->view->cat.n_snaps; i++)
		origin_free(p->origin[i]);
	for (size_t i = 0; i < p->n_variants; i++) {
		free(p->variant[i].volume);
		path_events_close(p->variant[i].events);
		buf_done(&p->variant[i].path);
	}
	for (size_t i = 0; i < p->n_room; i++)
		buf_done(&p->found[i].path);
	path_events_close(p->events);
	buf_done(&p->target);
	free(p->origin);
	free(p->changes);
	free(p->versions);
	free(p->host);
	free(p->variant);
	free(p->found);
	free(p->list);
	free(p);
}

/* ---- origins ---- */

static enum place_kind
kind_of(const struct uri *uri, const char *series)
{
	static const struct {
		const char *scheme;
		enum place_kind kind;
	} kinds[] = {
		{ "archive", PLACE_ARCHIVE },
		{ "image", PLACE_IMAGE },
		{ "sftp", PLACE_LAB },
	};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(uri->scheme, kinds[i].scheme) == 0)
			return kinds[i].kind;
	if (strcmp(uri->scheme, "file") != 0)
		return PLACE_NONE;
	return strchr(series, '/') == NULL ? PLACE_LIVE : PLACE_FILES;
}

/* The origin of a series' newest snapshot of now; empty where there is none. */
static int
newest_origin(
    struct places *p, uint32_t series, struct buf *ret, struct err *err)
{
	struct catalog now;
	size_t n;
	int rc;

	do {
		const struct snapshot_row *snaps;

		err_clear(err);
		if ((rc = catalog_read(&now, p->store, err)) != 0)
			return rc;
		snaps = catalog_snaps(&now, series, &n);
		if (n > 0)
			rc = snapshot_origin(ret, p->store, &snaps[n - 1], err);
		catalog_done(&now);
	} while (rc == ERR_NOTFOUND); /* there is a newer one */
	return rc;
}

static int
origin_read(struct places *p, const struct snapshot_row *snap,
    struct origin *ret, struct err *err)
{
	const struct series_row *series = catalog_series_by_id(
	    &p->view->cat, snap->series);
	struct err no_uri = ERR_INIT;
	struct buf text = { 0 };
	int rc = snapshot_origin(&text, p->store, snap, err);
	bool own = rc != ERR_NOTFOUND; /* else it was dropped meanwhile */

	if (!own)
		rc = newest_origin(p, snap->series, &text, err);
	if (rc == 0 && (ret->text = strdup(buf_str(&text))) == NULL)
		rc = err_nomem(err);
	buf_done(&text);
	if (rc != 0)
		return rc;
	ret->kind = PLACE_NONE;
	rc = uri_parse(&ret->uri, ret->text, &no_uri);
	if (rc == 0)
		ret->kind = kind_of(&ret->uri, series->name);
	/* Live files are where they were; in which archive one lay, nobody
	 * knows. */
	if (!own && ret->kind != PLACE_LIVE && ret->kind != PLACE_FILES) {
		ret->kind = PLACE_NONE;
		ret->text[0] = '\0';
	}
	return rc == ERR_NOMEM ? err_nomem(err) : 0;
}

int
places_origin(struct places *p, const struct snapshot_row *snap,
    const struct origin **ret, struct err *err)
{
	struct origin **at = &p->origin[snap - p->view->cat.snaps];
	struct origin *o;
	int rc;

	if (*at == NULL) {
		if ((o = calloc(1, sizeof(*o))) == NULL)
			return err_nomem(err);
		if ((rc = origin_read(p, snap, o, err)) != 0) {
			origin_free(o);
			return rc;
		}
		*at = o;
	}
	*ret = *at;
	return 0;
}

/* ---- versions ---- */

int
places_tell(struct places *p, uint32_t series, struct store_event *events,
    size_t n, struct told *ret, struct err *err)
{
	static const struct window always = { INT64_MIN, INT64_MAX };

	if (n > p->cap) {
		free(p->changes);
		free(p->versions);
		p->changes = calloc(2 * n, sizeof(*p->changes));
		p->versions = calloc(2 * n, sizeof(*p->versions));
		p->cap = 2 * n;
		if (p->changes == NULL || p->versions == NULL) {
			p->cap = 0;
			return err_nomem(err);
		}
	}
	*ret = (struct told){ 0 };
	ret->horizon.snaps = catalog_snaps(
	    &p->view->cat, series, &ret->horizon.n);
	if (n > 0)
		ret->n_changes = changes_resolve(
		    &p->view->cat, events, n, p->changes);
	(void)life_tell(&ret->life, p->versions, p->changes, ret->n_changes,
	    &ret->horizon, &always);
	return 0;
}

/* Only the events of one series, in place. */
static size_t
of_series(struct store_event *events, size_t n, uint32_t series)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (events[i].series == series)
			events[kept++] = events[i];
	return kept;
}

/* The version of that moment; NULL: none. Being unseen ends a version, but not
 * what is known of it. */
static const struct version *
version_at(const struct places *p, const struct told *t, const struct moment *m)
{
	const struct version *v = NULL;
	uint8_t state = EVENT_GONE;

	if (m->kind == MOMENT_LAST)
		return &t->life.version[t->life.n - 1];
	for (size_t i = 0; i < t->life.n; i++)
		if (t->life.version[i].put->date_ns <= m->ns)
			v = &t->life.version[i];
	for (size_t i = 0; i < t->n_changes; i++)
		if (p->changes[i].snap->date_ns <= m->ns)
			state = p->changes[i].kind;
	return m->kind == MOMENT_AT && state == EVENT_GONE ? NULL : v;
}

/* The last snapshot of its life, not after the moment. */
static const struct snapshot_row *
last_of(
    const struct horizon *h, const struct version *v, const struct moment *m)
{
	const struct snapshot_row *last = v->put;

	for (size_t i = 0; i < h->n; i++)
		if (h->snaps[i].id > last->id &&
		    (v->end == NULL || h->snaps[i].id < v->end->id) &&
		    (m->kind == MOMENT_LAST || h->snaps[i].date_ns <= m->ns))
			last = &h->snaps[i];
	return last;
}

static int
keep_target(struct places *p, struct entry *e, struct err *err)
{
	buf_clear(&p->target);
	if (!(e->fields & ENTRY_TARGET))
		return 0;
	if (buf_add(&p->target, e->target, e->target_len) != 0)
		return err_nomem(err);
	e->target = buf_str(&p->target);
	return 0;
}

int
places_find(struct places *p, const struct series_row *series, const char *path,
    size_t len, const struct moment *m, struct wanted *ret, struct err *err)
{
	const struct version *v;
	struct store_event *events;
	struct told t;
	size_t n;
	int rc;

	if ((rc = path_events_find(p->events, path, len, &events, &n, err)) !=
	    0)
		return rc;
	n = of_series(events, n, series->id);
	if ((rc = places_tell(p, series->id, events, n, &t, err)) != 0)
		return rc;
	if (t.life.n == 0 || (v = version_at(p, &t, m)) == NULL)
		return 1;
	*ret = (struct wanted){ .series = series,
		.path = path,
		.len = len,
		.version = *v,
		.last = last_of(&t.horizon, v, m),
		.current = t.life.state != EVENT_GONE &&
		    v == &t.life.version[t.life.n - 1] };
	return keep_target(p, &ret->version.entry, err);
}
