/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/path.h"
#include "base/text.h"

/* A directory that was made, for the end. */
struct made {
	char *rel; /* owned */
	struct entry entry;
};

struct tree {
	const struct tree_request *q;
	struct outcome *outcome;
	struct moment moment;
	struct made *made; /* in path order; owned */
	size_t n, cap;
	/* Those of it that what comes now lies in, the outermost first; owned. */
	size_t *around;
	size_t n_around, cap_around;
	struct buf rel;
	struct buf lost; /* a directory that could not be made */
};

/* ---- words ---- */

static void
partly(struct tree *t, const struct err *err, const char *path)
{
	struct err told = *err;

	(void)err_wrap(&told, "%s:%s", t->q->series->name, path);
	log_err(&told);
	t->outcome->partly = true;
}

/* Errors that are one path's are told; others end it all. */
static int
weigh(struct tree *t, int rc, struct err *err, const char *path)
{
	if (rc == 0 || target_is_the_end(err))
		return rc;
	partly(t, err, path);
	err_clear(err);
	return 0;
}

static int
plan(const struct tree *t, const char *path, const char *what, struct err *err)
{
	struct buf out = { 0 };
	int rc = -1;

	if (text_quote(&out, t->q->series->name, strlen(t->q->series->name)) ==
		0 &&
	    buf_add_byte(&out, ':') == 0 &&
	    text_quote(&out, path, strlen(path)) == 0)
		rc = printf("%s: %s\n", buf_str(&out), what);
	buf_done(&out);
	return rc < 0 ? err_nomem(err) : 0;
}

/* ---- directories ---- */

static int
enter(struct tree *t, size_t made, struct err *err)
{
	size_t *around;

	if (t->n_around == t->cap_around) {
		size_t cap = 2 * t->cap_around + 64;

		around = reallocarray(t->around, cap, sizeof(*around));
		if (around == NULL)
			return err_nomem(err);
		t->around = around;
		t->cap_around = cap;
	}
	t->around[t->n_around++] = made;
	return 0;
}

/* They come in path order: what this is not, and does not lie in, is done. */
static void
leave(struct tree *t, const char *rel)
{
	while (t->n_around > 0) {
		const char *m = t->made[t->around[t->n_around - 1]].rel;
		size_t n = strlen(m);

		if (strncmp(rel, m, n) == 0 &&
		    (rel[n] == '/' || rel[n] == '\0'))
			break;
		t->n_around--;
	}
}

static int
note_made(
    struct tree *t, const char *rel, const struct entry *e, struct err *err)
{
	struct made *m;

	if (t->n == t->cap) {
		size_t cap = 2 * t->cap + 64;

		if ((m = reallocarray(t->made, cap, sizeof(*m))) == NULL)
			return err_nomem(err);
		t->made = m;
		t->cap = cap;
	}
	m = &t->made[t->n];
	*m = (struct made){ .rel = strdup(rel), .entry = *e };
	m->entry.fields &= (uint8_t)~ENTRY_TARGET;
	if (m->rel == NULL)
		return err_nomem(err);
	return enter(t, t->n++, err);
}

/* Whether one of so many bytes that this lies in was made. */
static bool
was_made(const struct tree *t, size_t len)
{
	for (size_t i = t->n_around; i > 0; i--)
		if (strlen(t->made[t->around[i - 1]].rel) == len)
			return true;
	return false;
}

/* Sources that name no parents: those are made all the same. */
static int
make_parents(struct tree *t, const char *rel, struct err *err)
{
	static const struct entry unknown = { 0 };
	const char *slash = rel;
	int rc = 0;

	if (t->q->options->dry_run)
		return 0;
	leave(t, rel);
	while (rc == 0 && (slash = strchr(slash, '/')) != NULL) {
		size_t len = (size_t)(slash++ - rel);
		char *parent;

		if (was_made(t, len))
			continue;
		if ((parent = strndup(rel, len)) == NULL)
			return err_nomem(err);
		rc = target_make_dir(t->q->target, parent, false, err);
		if (rc == 0)
			rc = note_made(t, parent, &unknown, err);
		free(parent);
	}
	return rc;
}

static int
make_dir(
    struct tree *t, const char *rel, const struct entry *e, struct err *err)
{
	int rc;

	/* The first of all was made before it was met; "": by others. */
	if (strcmp(rel, t->q->rel) == 0) {
		if (t->n > 0) {
			t->made[0].entry = *e;
			t->made[0].entry.fields &= (uint8_t)~ENTRY_TARGET;
		}
		return 0;
	}
	if ((rc = target_make_dir(t->q->target, rel, false, err)) != 0)
		return rc;
	return note_made(t, rel, e, err);
}

/* Where this one cannot be, nothing of it can. */
static int
make_first(struct tree *t, struct err *err)
{
	static const struct entry unknown = { 0 };
	const struct tree_request *q = t->q;
	int rc;

	if (q->options->dry_run || q->rel[0] == '\0')
		return 0;
	if ((rc = target_make_dir(q->target, q->rel, false, err)) != 0)
		return rc;
	return note_made(t, q->rel, &unknown, err);
}

/* From the last one up, since what is below changes the times above. */
static void
settle_dirs(struct tree *t)
{
	for (size_t i = t->n; i > 0; i--) {
		const struct made *m = &t->made[i - 1];
		struct err err = ERR_INIT;

		if (target_settle_dir(t->q->target, m->rel, &m->entry, &err) !=
		    0) {
			log_err(&err);
			t->outcome->partly = true;
		}
	}
}

/* ---- one path ---- */

static int
add_file(struct tree *t, const struct listing_item *item, struct err *err)
{
	struct outcome *o = t->outcome;
	struct wanted w;
	int rc;

	rc = places_find(t->q->places, t->q->series, item->path, item->len,
	    &t->moment, &w, err);
	if (rc != 0)
		return rc < 0 ?
		    rc :
		    err_set(err, ERR_NOTFOUND, "the index does not agree");
	rc = haul_add(t->q->haul, &w, &t->moment, buf_str(&t->rel), false, err);
	if (rc == 0 && haul_is_full(t->q->haul))
		rc = haul_take(t->q->haul, o, err);
	return rc;
}

static int
make(struct tree *t, const struct listing_item *item, const char *path,
    struct err *err)
{
	const struct target *target = t->q->target;
	const char *rel = buf_str(&t->rel), *what = NULL;
	const struct entry *e = &item->entry;
	bool dry = t->q->options->dry_run;
	int rc;

	if ((rel[0] != '\0' &&
		(rc = target_check_name(rel, t->rel.len, err)) != 0) ||
	    (rc = make_parents(t, rel, err)) != 0)
		return rc;
	switch (e->type) {
	case 'f':
		return add_file(t, item, err);
	case 'd':
		return dry ? plan(t, path, "a directory", err) :
			     make_dir(t, rel, e, err);
	case 'l':
		return dry ? plan(t, path, "a link", err) :
			     target_make_link(target, rel, e, err);
	case 'p':
		return dry ? plan(t, path, "a fifo", err) :
			     target_make_fifo(target, rel, e, err);
	case 's':
		what = "is a socket, which only its program can make";
		break;
	case 'b':
	case 'c':
		what = "is a device, whose number no index holds";
		break;
	default:
		what = "its type was not observed";
		break;
	}
	return err_set(err, ERR_NOTFOUND, "%s", what);
}

static int
take_item(struct tree *t, const struct listing_item *item, struct err *err)
{
	const struct tree_request *q = t->q;
	size_t skip = q->len == 1 ? 0 : q->len;
	char *path;
	int rc;

	if (*q->stop != 0)
		return err_set(err, ERR_CANCELLED, "stopped");
	if (t->lost.len > 0 &&
	    path_below(
		item->path, item->len, (const char *)t->lost.data, t->lost.len))
		return 0;
	buf_clear(&t->rel);
	if (buf_add_str(&t->rel, q->rel) != 0 ||
	    (item->len > skip + 1 && q->rel[0] != '\0' &&
		buf_add_byte(&t->rel, '/') != 0) ||
	    (item->len > skip + 1 &&
		buf_add(&t->rel, item->path + skip + 1, item->len - skip - 1) !=
		    0) ||
	    (path = strndup(item->path, item->len)) == NULL)
		return err_nomem(err);
	rc = make(t, item, path, err);
	if (rc != 0 && item->entry.type == 'd') {
		/* It is told once, and not for all that is below. */
		buf_clear(&t->lost);
		if (buf_add(&t->lost, item->path, item->len) != 0)
			rc = err_nomem(err);
	}
	rc = weigh(t, rc, err, path);
	free(path);
	return rc;
}

static int
take_all(struct tree *t, struct err *err)
{
	const struct tree_request *q = t->q;
	struct listing_item item;
	struct listing *l;
	int rc;

	if ((rc = make_first(t, err)) != 0)
		return rc;
	rc = listing_open(&l, q->view, q->series->id, q->snap->id, err);
	if (rc != 0)
		return rc;
	rc = listing_seek(l, q->path, q->len, err);
	while (rc == 0 && (rc = listing_next(l, &item, err)) == 0) {
		if (!path_below(item.path, item.len, q->path, q->len) &&
		    path_cmp(item.path, item.len, q->path, q->len) != 0)
			break;
		rc = take_item(t, &item, err);
	}
	listing_close(l);
	return rc < 0 ? rc : 0;
}

int
tree_fetch(const struct tree_request *q, struct outcome *o, struct err *err)
{
	struct tree t = {
		.q = q, .outcome = o, .moment = { MOMENT_AT, q->snap->date_ns }
	};
	int rc = take_all(&t, err);

	if (rc == 0)
		rc = haul_take(q->haul, o, err);
	/* Also of what was not finished: what is there is readable then. */
	settle_dirs(&t);
	for (size_t i = 0; i < t.n; i++)
		free(t.made[i].rel);
	free(t.made);
	free(t.around);
	buf_done(&t.rel);
	buf_done(&t.lost);
	return rc;
}
