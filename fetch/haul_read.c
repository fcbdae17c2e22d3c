/*
 * One pass over one source.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/haul_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "plugin/source.h"

struct pass {
	struct haul *haul;
	struct item **item;
	size_t n;
	struct draft draft; /* of item[at] */
	size_t at;	    /* n: of none */
	bool passed_over;   /* the rest of item[at] is not wanted */
	int stopped;	    /* an error of ours that ends everything */
};

static void
drop_body(struct haul *h, struct item *it)
{
	if (it->body.temp[0] != '\0')
		target_remove(h->setup.target, it->rel, it->body.temp);
	it->body.temp[0] = '\0';
	it->state = ITEM_WANTED;
}

/* What there is of it may be all that one gets. */
static void
keep_draft(struct pass *p, struct item *it)
{
	if (it->kept[0] == '\0' && p->draft.end > 0 && p->draft.temp[0] != '\0')
		draft_leave(&p->draft, it->kept);
	draft_drop(&p->draft);
}

/* It does not become what is wanted; more of it is passed over. */
static void
give_up(struct pass *p, const char *why)
{
	struct item *it = p->item[p->at];

	tell_failure(p->haul, it, why);
	it->told = true;
	keep_draft(p, it);
	p->passed_over = true;
}

/* It cannot be written, wherever it comes from. */
static void
refuse(struct pass *p, struct err *err)
{
	struct item *it = p->item[p->at];

	(void)err_wrap(err, "%s:%s", it->series->name, it->path);
	log_err(err);
	err_clear(err);
	it->state = ITEM_REFUSED;
	draft_drop(&p->draft);
	p->passed_over = true;
}

/* Several paths may come at once, as names of one file do: one of them is open. */
static void
park(struct pass *p)
{
	struct item *it;

	if (p->draft.target == NULL)
		return;
	it = p->item[p->at];
	draft_park(&p->draft, &it->body);
	it->state = ITEM_BEGUN;
}

static int
resume(struct pass *p, struct item *it, struct err *err)
{
	int rc = draft_resume(
	    &p->draft, p->haul->setup.target, it->rel, &it->body, err);

	if (rc == 0) {
		it->state = ITEM_WANTED;
		it->body.temp[0] = '\0';
	}
	return rc;
}

static int
begin(struct pass *p, size_t i, uint64_t offset, struct err *err)
{
	struct item *it = p->item[i];

	park(p);
	p->at = i;
	p->passed_over = false;
	if (it->state == ITEM_BEGUN)
		return resume(p, it, err);
	/* The same path came again, and the last one counts. */
	if (it->state == ITEM_READY)
		drop_body(p->haul, it);
	/* What was given up does not go on in the middle. */
	if (it->state != ITEM_WANTED ||
	    ((it->told || it->later) && offset != 0)) {
		p->passed_over = true;
		return 0;
	}
	it->later = false;
	return draft_open(&p->draft, p->haul->setup.target, it->rel, err);
}

/* The spool takes one after the other: this one is for another reading. */
static void
put_off(struct pass *p, struct item *it)
{
	if (it->state == ITEM_READY)
		drop_body(p->haul, it);
	it->later = true;
}

/* A name of a file that came by another one becomes that of the same file again. */
static void
join(struct pass *p, const struct item *it, uint64_t same)
{
	const struct haul_setup *setup = &p->haul->setup;
	const struct twin_file file = { .snap = it->place.snap->id,
		.same = same,
		.path = it->there,
		.len = it->place.len,
		.rel = it->rel,
		.body = &it->body,
		.timed = it->entry.fields & ENTRY_MTIME };

	if (same != 0 && !setup->target->nameless)
		twins_join(&p->haul->twins, setup->target, &file, setup->stop);
}

static int
finish(struct pass *p, const struct lookback_piece *piece, struct err *err)
{
	struct item *it = p->item[p->at];
	const struct entry given = {
		.fields = ENTRY_SIZE | (piece->has_mtime ? ENTRY_MTIME : 0),
		.size = piece->offset + piece->len,
		.mtime = piece->mtime,
		.mtime_ns = piece->mtime_ns,
	};
	int rc = draft_finish(
	    &p->draft, &given, &it->entry, p->haul->sync, &it->body, err);

	if (rc != 0)
		return rc;
	it->state = ITEM_READY;
	join(p, it, piece->same);
	return 0;
}

static int
write_piece(struct pass *p, const struct lookback_piece *piece, struct err *err)
{
	const struct item *it = p->item[p->at];
	uint64_t end = piece->offset + piece->len;
	int rc;

	/* Whoever says more than the index would fill the disk. */
	if ((it->entry.fields & ENTRY_SIZE) && end > it->entry.size) {
		give_up(p, "it is longer than the index says");
		return 0;
	}
	if (piece->offset < p->draft.end)
		return err_set(err, ERR_FORMAT, "its parts overlap");
	rc = draft_write(
	    &p->draft, piece->offset, piece->data, piece->len, err);
	if (rc == 0 && piece->last)
		rc = finish(p, piece, err);
	return rc;
}

static void
show(struct pass *p, const struct lookback_piece *piece)
{
	char size[TEXT_SIZE];

	p->haul->taken += piece->len;
	if (progress_wanted())
		progress("%s, %s", text_size(p->haul->taken, size),
		    p->item[p->at]->rel);
}

static int
take(void *ctx, size_t i, const struct lookback_piece *piece, struct err *err)
{
	struct pass *p = ctx;
	char text[sizeof(err->cause) + sizeof(err->where)];
	int rc = 0;

	if (*p->haul->setup.stop != 0) {
		p->stopped = err_set(err, ERR_CANCELLED, "stopped");
		return p->stopped;
	}
	if (i != p->at && p->draft.target != NULL &&
	    p->haul->setup.target->nameless) {
		put_off(p, p->item[i]);
		return 0;
	}
	if (i != p->at ||
	    (p->draft.target == NULL &&
		(piece->offset == 0 || !p->passed_over)))
		rc = begin(p, i, piece->offset, err);
	if (rc == 0 && piece->why != NULL && !p->passed_over)
		give_up(p, piece->why);
	else if (rc == 0 && !p->passed_over)
		rc = write_piece(p, piece, err);
	show(p, piece);
	if (rc == 0)
		return 0;
	if (target_is_the_end(err)) {
		p->stopped = rc;
		return rc;
	}
	if (rc != ERR_FORMAT) {
		refuse(p, err);
		return 0;
	}
	give_up(p, err_text(err, text, sizeof(text)));
	err_clear(err);
	return 0;
}

/* The plugins' settings of the origin. */
static void
settings_of(const struct request *o, enum place_kind kind,
    struct lookback_setting ret[static 4])
{
	size_t n = 0;

	memset(ret, 0, 4 * sizeof(*ret));
	if (kind == PLACE_IMAGE && o->trust_image)
		ret[n++] = (struct lookback_setting){ "trust", "yes" };
	if (kind == PLACE_LAB && o->identity != NULL)
		ret[n++] = (struct lookback_setting){ "key", o->identity };
	if (kind == PLACE_LAB && o->known_hosts != NULL)
		ret[n++] = (struct lookback_setting){ "known-hosts",
			o->known_hosts };
	if (kind == PLACE_LAB && o->host_key_alias != NULL)
		ret[n++] = (struct lookback_setting){ "host-key-alias",
			o->host_key_alias };
}

static int
read_source(struct pass *p, const struct lookback_want *want, struct err *err)
{
	const struct origin *origin = p->item[0]->place.origin;
	struct lookback_setting settings[4];
	struct uri uri = origin->uri;
	char root[] = "/";
	struct source_options o = {
		.uri = &uri, .settings = settings, .stop = p->haul->setup.stop
	};

	settings_of(p->haul->setup.options, origin->kind, settings);
	/* A host's own files are named from its root on, wherever its scan
	 * began. */
	if (origin->kind == PLACE_LIVE)
		uri.path = root;
	return source_read(&o, want, p->n, take, p, err);
}

/* A file that changed while it was read is no version of it. */
static int
look_again(struct haul *h, struct item *it, struct err *err)
{
	enum reach_answer answer;
	const char *why;
	int rc;

	if (it->place.origin->kind != PLACE_LIVE &&
	    it->place.origin->kind != PLACE_FILES)
		return 0;
	rc = reach_check(
	    h->setup.reach, &it->place, &it->entry, &answer, &why, err);
	if (rc == 0 && answer != REACH_YES) {
		tell_failure(h, it, "it changed while it was read");
		it->told = true;
		drop_body(h, it);
	}
	return rc;
}

/* The source ended before they did. */
static int
end_begun(struct pass *p, struct err *err)
{
	int rc = 0;

	if (p->draft.target != NULL)
		give_up(p, "it is cut off");
	for (p->at = 0; p->at < p->n && rc == 0; p->at++) {
		struct item *it = p->item[p->at];

		if (it->state != ITEM_BEGUN)
			continue;
		if ((rc = resume(p, it, err)) == 0)
			give_up(p, "it is cut off");
		else if (!target_is_the_end(err)) {
			refuse(p, err);
			rc = 0;
		}
	}
	return rc;
}

/* What did not come, and why. */
static int
settle(struct pass *p, bool whole, struct err *err)
{
	int rc;

	for (size_t i = 0; i < p->n; i++) {
		struct item *it = p->item[i];

		if (it->state == ITEM_READY &&
		    (rc = look_again(p->haul, it, err)) != 0)
			return rc;
		if (it->state != ITEM_WANTED || it->later)
			continue;
		if (whole && !it->told)
			tell_failure(p->haul, it, "it is not in there");
		if ((rc = item_tried(it, &it->place, err)) != 0)
			return rc;
	}
	return 0;
}

int
haul_read(struct haul *h, struct item **items, size_t n, struct err *err)
{
	struct pass p = { .haul = h, .item = items, .n = n, .at = n };
	struct lookback_want *want = calloc(n, sizeof(*want));
	struct err why = ERR_INIT;
	int rc, stop;

	if (want == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++)
		items[i]->told = items[i]->later = false;
	for (size_t i = 0; i < n; i++)
		want[i] = (struct lookback_want){ items[i]->there,
			items[i]->place.len };
	rc = read_source(&p, want, &why);
	free(want);
	if (p.stopped != 0 || rc == ERR_NOMEM || rc == ERR_CANCELLED) {
		draft_drop(&p.draft);
		*err = why;
		return rc;
	}
	progress_end();
	if (rc != 0) {
		struct buf from = { 0 };

		if (reach_words(h->setup.reach, &items[0]->place, &from) == 0)
			(void)err_wrap(&why, "%s", buf_str(&from));
		buf_done(&from);
		log_err(&why);
	}
	if ((stop = end_begun(&p, err)) != 0)
		return stop;
	return settle(&p, rc == 0, err);
}
