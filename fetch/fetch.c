/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "base/when.h"
#include "fetch/claims.h"
#include "fetch/haul.h"
#include "fetch/input.h"
#include "fetch/reference.h"
#include "fetch/tree.h"
#include "fetch/words.h"
#include "store/here.h"

struct fetch {
	const struct request *options;
	volatile const int *stop;
	int64_t now;
	char here[HOST_NAME_SIZE];
	struct store *store;
	struct view *view;
	struct places *places;
	struct reach *reach;
	struct target target;
	struct haul *haul;
	struct claims claims;
	struct outcome outcome;
};

static void
fetch_done(struct fetch *f)
{
	haul_free(f->haul);
	claims_done(&f->claims);
	target_close(&f->target);
	reach_free(f->reach);
	places_close(f->places);
	view_close(f->view);
	store_close(f->store);
}

/* What is damaged may hold what is asked for. */
static void
tell_damage(struct fetch *f)
{
	for (size_t i = 0; i < f->view->cat.n_segments; i++) {
		struct err what = f->view->error[i];

		if (f->view->segments[i] != NULL)
			continue;
		(void)err_wrap(&what, "store %s", store_dir(f->store));
		log_err(&what);
		f->outcome.partly = true;
	}
}

static int
fetch_open(struct fetch *f, struct err *err)
{
	const struct request *o = f->options;
	const char *dir = o->store;
	const char *to = o->to != NULL ? o->to : ".";
	int rc;

	if (dir == NULL)
		dir = store_is_there(STORE_CENTRAL) ? STORE_CENTRAL :
						      STORE_LOCAL;
	f->target = (struct target){ .dirfd = -1,
		.spool = -1,
		.force = o->force,
		.owner = o->owner,
		.nameless = o->to_stdout };
	if ((rc = here_name(o->config, f->here, err)) != 0 ||
	    (rc = store_open(&f->store, dir, STORE_READ, err)) != 0)
		return rc;
	if ((rc = view_open(&f->view, f->store, err)) != 0)
		return err_wrap(err, "store %s", dir);
	tell_damage(f);
	if ((rc = places_open(&f->places, f->store, f->view, err)) != 0 ||
	    (rc = reach_new(&f->reach, &f->view->cat, f->here, err)) != 0 ||
	    (rc = o->to_stdout ? target_open_spool(&f->target, err) :
				 target_open(&f->target, to, err)) != 0)
		return rc;
	return haul_new(&f->haul,
	    &(struct haul_setup){ .options = o,
		.places = f->places,
		.reach = f->reach,
		.target = &f->target,
		.stop = f->stop },
	    err);
}

/* ---- one reference ---- */

static void
refused(struct fetch *f, const struct reference *r, struct err *err)
{
	(void)err_wrap(err, "%s:%s", r->series, r->path);
	log_err(err);
	err_clear(err);
	f->outcome.wrong = true;
}

static void
missing(struct fetch *f, const struct reference *r, const char *what)
{
	log_error("%s:%s: %s", r->series, r->path, what);
	f->outcome.missing = true;
}

static int
tell_no_series(struct fetch *f, const struct reference *r, struct err *err)
{
	struct buf text = { 0 };
	int rc = 0;

	if (words_no_series(&text, &f->view->cat, r->series) == 0)
		missing(f, r, buf_str(&text));
	else
		rc = err_nomem(err);
	buf_done(&text);
	return rc;
}

/* Nothing has this path; or at that time nothing had. */
static int
tell_unknown(struct fetch *f, const struct reference *r,
    const struct series_row *series, struct err *err)
{
	const struct moment last = { MOMENT_LAST, 0 };
	struct wanted w;
	char text[128], at[WHEN_TEXT], date[WHEN_TEXT];
	int rc = 1;

	if (r->moment.kind != MOMENT_LAST)
		rc = places_find(
		    f->places, series, r->path, r->len, &last, &w, err);
	if (rc < 0)
		return rc;
	if (rc == 1)
		(void)snprintf(text, sizeof(text), "there is no such path");
	else
		(void)snprintf(text, sizeof(text),
		    "it was not there at %s; its last version was seen %s",
		    when_text(r->moment.ns, at),
		    when_text(w.last->date_ns, date));
	missing(f, r, text);
	return 0;
}

/* Only what is below it was recorded: then it is a directory. */
static int
is_implied(struct fetch *f, const struct reference *r,
    const struct series_row *series, const struct snapshot_row **ret,
    struct err *err)
{
	const struct snapshot_row *snaps, *at = NULL;
	struct listing_item item;
	struct listing *l;
	size_t n;
	int rc;

	snaps = catalog_snaps(&f->view->cat, series->id, &n);
	for (size_t i = 0; i < n; i++)
		if (r->moment.kind == MOMENT_LAST ||
		    snaps[i].date_ns <= r->moment.ns)
			at = &snaps[i];
	*ret = NULL;
	if (at == NULL)
		return 0;
	if ((rc = listing_open(&l, f->view, series->id, at->id, err)) != 0)
		return rc;
	rc = listing_seek(l, r->path, r->len, err);
	if (rc == 0)
		rc = listing_next(l, &item, err);
	if (rc == 0 && path_below(item.path, item.len, r->path, r->len))
		*ret = at;
	listing_close(l);
	return rc < 0 ? rc : 0;
}

/* Its name in the target; "" for "/". */
static const char *
base_name(const struct reference *r)
{
	return strrchr(r->path, '/') + 1;
}

/* All of "/" has names of its own. `e`: NULL where it is a directory. 1: the same
 * version was asked for before. */
static int
claim(struct fetch *f, const struct reference *r, const struct entry *e,
    struct err *err)
{
	const char *rel = base_name(r);
	struct buf what = { 0 };
	int rc;

	if (f->target.nameless || rel[0] == '\0')
		return 0;
	rc = e != NULL && words_version(&what, r->series, r->path, e) != 0 ?
	    err_nomem(err) :
	    claims_add(&f->claims, rel, buf_str(&what), err);
	buf_done(&what);
	return rc;
}

static int
fetch_tree(struct fetch *f, const struct reference *r,
    const struct series_row *series, const struct snapshot_row *snap,
    struct err *err)
{
	const struct tree_request q = { .view = f->view,
		.series = series,
		.snap = snap,
		.path = r->path,
		.len = r->len,
		.rel = base_name(r),
		.options = f->options,
		.target = &f->target,
		.places = f->places,
		.haul = f->haul,
		.stop = f->stop };
	int rc;

	if (!f->options->recursive) {
		(void)err_set(err, ERR_REFUSED,
		    "is a directory: -r brings it back with all below it");
		refused(f, r, err);
		return 0;
	}
	/* In the order of the command line. */
	rc = haul_take(f->haul, &f->outcome, err);
	return rc != 0 ? rc : tree_fetch(&q, &f->outcome, err);
}

static int
plan(const struct reference *r, const char *what, struct err *err)
{
	struct buf out = { 0 };
	int rc = -1;

	if (buf_add_str(&out, r->series) == 0 && buf_add_byte(&out, ':') == 0 &&
	    text_quote(&out, r->path, r->len) == 0)
		rc = printf("%s: %s\n", buf_str(&out), what);
	buf_done(&out);
	return rc < 0 ? err_nomem(err) : 0;
}

/* What needs no content. */
static int
make(struct fetch *f, const struct reference *r, const struct wanted *w,
    struct err *err)
{
	const struct entry *e = &w->version.entry;
	const char *rel = base_name(r);
	bool link = e->type == 'l';
	int rc;

	if (f->options->to_stdout) {
		missing(f, r, "it has no content to print");
		return 0;
	}
	if (f->options->dry_run)
		return plan(r, link ? "a link, from the index" : "a fifo", err);
	rc = link ? target_make_link(&f->target, rel, e, err) :
		    target_make_fifo(&f->target, rel, e, err);
	if (rc == 0 && !f->options->quiet)
		log_note("%s:%s: from the index", r->series, r->path);
	return rc;
}

static int
fetch_version(struct fetch *f, const struct reference *r,
    const struct wanted *w, struct err *err)
{
	const char *rel = base_name(r);
	int rc;

	if ((rc = claim(f, r, &w->version.entry, err)) != 0)
		return rc == 1 ? 0 : rc;
	switch (w->version.entry.type) {
	case 'd':
		return fetch_tree(f, r, w->series, w->last, err);
	case 'l':
	case 'p':
		return make(f, r, w, err);
	case 'f':
	case '\0': /* a list of names: if there is content, it is a file */
		break;
	case 's':
		missing(f, r, "is a socket, which only its program can make");
		return 0;
	default:
		missing(f, r, "is a device, whose number no index holds");
		return 0;
	}
	if (!f->target.nameless &&
	    (rc = target_is_free(&f->target, rel, err)) != 0)
		return rc;
	rc = haul_add(f->haul, w, &r->moment, rel, true, err);
	if (rc == 0 && haul_is_full(f->haul))
		rc = haul_take(f->haul, &f->outcome, err);
	return rc;
}

static int
find(struct fetch *f, const struct series_row *series, struct reference *r,
    struct wanted *w, struct err *err)
{
	int rc = places_find(
	    f->places, series, r->path, r->len, &r->moment, w, err);

	if (rc != 1 || r->unquoted == NULL)
		return rc;
	rc = places_find(f->places, series, r->unquoted, r->unquoted_len,
	    &r->moment, w, err);
	if (rc == 0) {
		free(r->path);
		r->path = r->unquoted;
		r->len = r->unquoted_len;
		r->unquoted = NULL;
	}
	return rc;
}

static int
fetch_found(struct fetch *f, struct reference *r,
    const struct series_row *series, struct err *err)
{
	const struct snapshot_row *snap;
	struct wanted w;
	int rc = find(f, series, r, &w, err);

	if (rc == 0) {
		if (r->len > 1 &&
		    (rc = target_check_name(r->path + 1, r->len - 1, err)) != 0)
			return rc;
		return fetch_version(f, r, &w, err);
	}
	if (rc == 1)
		rc = is_implied(f, r, series, &snap, err);
	if (rc != 0)
		return rc;
	if (snap == NULL)
		return tell_unknown(f, r, series, err);
	rc = claim(f, r, NULL, err);
	return rc != 0 ? rc : fetch_tree(f, r, series, snap, err);
}

/* Errors that end everything are returned; others were told. */
static int
fetch_one(struct fetch *f, const char *text, size_t len, struct err *err)
{
	const struct series_row *series;
	struct reference r;
	int rc = reference_parse(&r, text, len, f->now, err);

	if (rc == 1)
		return 0;
	if (rc == ERR_USAGE) {
		(void)err_wrap(
		    err, "\"%.*s\"", len > 200 ? 200 : (int)len, text);
		log_err(err);
		err_clear(err);
		f->outcome.wrong = true;
		return 0;
	}
	if (rc != 0)
		return rc;
	series = catalog_series(&f->view->cat, r.series);
	rc = series == NULL ? tell_no_series(f, &r, err) :
			      fetch_found(f, &r, series, err);
	if (rc == ERR_REFUSED || rc == ERR_USAGE || rc == ERR_NOTFOUND ||
	    (rc == ERR_SYS && !target_is_the_end(err))) {
		refused(f, &r, err);
		rc = 0;
	}
	reference_done(&r);
	return rc;
}

static int
fetch_stdin(struct fetch *f, struct err *err)
{
	struct buf input = { 0 };
	const char *text;
	size_t at = 0, len;
	int rc = input_read(&input, err);

	while (rc == 0 && input_next(&input, &at, &text, &len))
		rc = fetch_one(f, text, len, err);
	buf_done(&input);
	return rc;
}

static int
fetch_all(struct fetch *f, struct err *err)
{
	const struct request *o = f->options;
	int rc = 0;

	for (size_t i = 0; i < o->n_refs && rc == 0; i++)
		rc = strcmp(o->refs[i], "-") == 0 ?
		    fetch_stdin(f, err) :
		    fetch_one(f, o->refs[i], strlen(o->refs[i]), err);
	return rc != 0 ? rc : haul_take(f->haul, &f->outcome, err);
}

enum lget_status
fetch_run(const struct request *o, volatile const int *stop)
{
	struct fetch f = { .options = o,
		.stop = stop,
		.now = when_now(),
		.target.dirfd = -1 };
	struct err err = ERR_INIT;
	int rc;

	if ((rc = fetch_open(&f, &err)) == 0)
		rc = fetch_all(&f, &err);
	if (rc == ERR_CANCELLED)
		log_error("stopped; nothing half done was left");
	else if (rc != 0)
		log_err(&err);
	fetch_done(&f);
	return rc != 0 || f.outcome.wrong ? LGET_ERROR :
	    f.outcome.missing		  ? LGET_MISSING :
	    f.outcome.partly		  ? LGET_PARTLY :
					    LGET_DONE;
}
