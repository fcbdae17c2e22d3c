/*
 * A snapshot more, in a store and in the model.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/model_private.h"

#include <stdlib.h>
#include <string.h>

#include "store/recorder.h"
#include "tests/support/expect.h"

static const struct model_state *
state_before(const struct model_series *s, size_t i)
{
	static const struct model_state none = { .kind = EVENT_GONE };

	return s->n == 0 ? &none : &s->snap[s->n - 1].state[i];
}

struct record {
	struct model *m;
	struct model_series *s;
	struct recorder *r;
	struct model_state *state; /* of the new snapshot; owned */
	struct scope scope;
	bool names_only, additive;
	uint8_t *said; /* of each path, enum said; owned */
	size_t end;    /* what the source says nothing of begins here */
};

/* What a source says of a path. */
enum said {
	SAID_THERE = 1,
	SAID_UNREAD = 2,   /* what is below it could not be read */
	SAID_UNLOOKED = 4, /* it could not be looked at */
	SAID_OUTSIDE = 8,  /* nobody wanted to look below it */
};

static struct entry
entry_names_only(const struct entry *e)
{
	return (struct entry){ .fields = ENTRY_TYPE, .type = e->type };
}

static void
set_put(struct record *c, size_t i, const struct entry *e)
{
	c->state[i].kind = EVENT_PUT;
	c->state[i].entry = *e;
	c->state[i].put = c->s->n;
}

static void
set_other(struct record *c, size_t i, uint8_t kind)
{
	if (kind == EVENT_UNSEEN && c->state[i].kind != EVENT_UNSEEN)
		c->state[i].unseen = c->s->n;
	c->state[i].kind = kind;
}

/* What an observation makes of the state before. */
static void
set_observed(struct record *c, size_t i, const struct entry *now)
{
	const struct model_state *was = state_before(c->s, i);
	struct entry e = *now;

	if (was->kind == EVENT_PUT && entry_agrees(&was->entry, now)) {
		if ((now->fields & ~was->entry.fields) == 0)
			return;
		/* Only names-only entries know less. */
		expect((was->entry.fields & ~now->fields) == 0);
	}
	set_put(c, i, &e);
}

static bool
is_visible(const struct record *c, size_t i)
{
	const struct model_path *p = &c->m->path[i];
	char text[4096];

	if (scope_prunes(&c->scope, p->text, p->len, text, sizeof(text)))
		return false;
	for (;;) {
		size_t up = c->m->path[i].up;

		if (c->s->disk[i].kind != EVENT_PUT)
			return false;
		if (up == i)
			return true;
		if (c->s->disk[up].entry.type != 'd')
			return false;
		i = up;
	}
}

/* Whether the names in a directory are exactly those of the listing, so that
 * a names-only walk would say so. */
static bool
is_unchanged(const struct record *c, size_t dir)
{
	for (size_t i = dir + 1;
	     i < c->m->n_paths && model_is_below(c->m, i, dir); i++) {
		const struct model_state *was = state_before(c->s, i);

		if (c->m->path[i].up != dir)
			continue;
		if (was->kind == EVENT_UNSEEN ||
		    (was->kind == EVENT_PUT) != is_visible(c, i) ||
		    (was->kind == EVENT_PUT &&
			was->entry.type != c->s->disk[i].entry.type))
			return false;
	}
	return true;
}

/* The scope of the last kept snapshot that lists the path as present; NULL
 * where there is none, and the store has forgotten the path. */
static const struct scope *
scope_of_seen(const struct model_series *s, size_t i)
{
	for (size_t k = s->n; k-- > 0;)
		if (s->snap[k].kept && s->snap[k].state[i].kind != EVENT_UNSEEN)
			return s->snap[k].state[i].kind == EVENT_PUT ?
			    &s->snap[k].scope :
			    NULL;
	return NULL;
}

/* The innermost word on a path that is not said to be there, if any. Of a
 * directory that is both, what was not read goes before what was not wanted. */
static enum said
limit_of(const struct record *c, size_t i)
{
	unsigned said = c->said[i] & SAID_UNLOOKED;
	size_t dir = i;

	while (said == 0 && c->m->path[dir].up != dir) {
		dir = c->m->path[dir].up;
		said = c->said[dir] & ~(unsigned)SAID_THERE;
	}
	if ((said & (SAID_UNREAD | SAID_UNLOOKED)) != 0 ||
	    (said == 0 && i >= c->end))
		return SAID_UNREAD;
	return said;
}

/* The paths that the walk does not meet stay, go, or are not seen any more. */
static void
set_not_met(struct record *c, size_t i)
{
	const struct model_path *p = &c->m->path[i];
	enum said limit = limit_of(c, i);

	if (c->state[i].kind == EVENT_GONE || limit == SAID_UNREAD ||
	    c->additive)
		return;
	set_other(c, i,
	    limit != SAID_OUTSIDE &&
		    scope_absence_is_gone(
			scope_of_seen(c->s, i), &c->scope, p->text, p->len) ?
		EVENT_GONE :
		EVENT_UNSEEN);
}

static void
observe(struct record *c, size_t i, const struct entry *e)
{
	const struct model_path *p = &c->m->path[i];
	struct err err = ERR_INIT;

	expect(recorder_observe(c->r, p->text, p->len, e, &err) == 0);
	set_observed(c, i, e);
	c->said[i] |= SAID_THERE;
}

/* What could not be looked at itself is there, or nothing is said of that. */
static void
say_unlooked(struct record *c, size_t i)
{
	static const struct entry unknown = { 0 };
	const struct model_path *p = &c->m->path[i];
	struct err err = ERR_INIT;

	if (dice_one_in(&c->m->dice, 2))
		observe(c, i, &unknown);
	expect(recorder_unread(c->r, p->text, p->len, false, 13, &err) == 0);
	c->said[i] |= SAID_UNLOOKED;
}

/* Of a directory: that what is below it was not read, not wanted, or both; one
 * in another often enough. */
static void
say_below(struct record *c, size_t i)
{
	const struct model_path *p = &c->m->path[i];
	uint32_t often = limit_of(c, i) != 0 ? 3 : 15;
	struct err err = ERR_INIT;

	if (dice_one_in(&c->m->dice, often)) {
		expect(recorder_unread(c->r, p->text, p->len, true, 13, &err) ==
		    0);
		c->said[i] |= SAID_UNREAD;
	}
	if (dice_one_in(&c->m->dice, often)) {
		expect(recorder_outside(c->r, p->text, p->len, &err) == 0);
		c->said[i] |= SAID_OUTSIDE;
	}
}

/* Sub-directories alone are observed in a directory with the names that it had;
 * others are said to be there by that. */
static void
say_unchanged(struct record *c, size_t dir)
{
	const struct model_path *p = &c->m->path[dir];
	struct err err = ERR_INIT;

	expect(recorder_unchanged(c->r, p->text, p->len, &err) == 0);
	for (size_t i = dir + 1;
	     i < c->m->n_paths && model_is_below(c->m, i, dir); i++)
		if (c->m->path[i].up == dir && is_visible(c, i) &&
		    c->s->disk[i].entry.type != 'd')
			c->said[i] = SAID_THERE;
}

static void
say(struct record *c, size_t i)
{
	struct entry e = c->s->disk[i].entry;

	if (c->names_only)
		e = entry_names_only(&e);
	if (dice_one_in(&c->m->dice, 40)) {
		say_unlooked(c, i);
		return;
	}
	observe(c, i, &e);
	if (e.type != 'd')
		return;
	say_below(c, i);
	if (c->names_only && c->said[i] == SAID_THERE && limit_of(c, i) == 0 &&
	    dice_one_in(&c->m->dice, 2) && is_unchanged(c, i))
		say_unchanged(c, i);
}

static void
walk(struct record *c)
{
	struct model *m = c->m;
	size_t end = m->n_paths, said = 0;
	struct err err = ERR_INIT;

	c->end = end;
	if (dice_one_in(&m->dice, 8))
		end = dice_below(&m->dice, (uint32_t)m->n_paths);
	for (size_t i = 0; i < end; i++) {
		/* Some of what lies in a directory that was not read may be
		 * known all the same. */
		if (c->said[i] != 0 || !is_visible(c, i) ||
		    (limit_of(c, i) != 0 && !dice_one_in(&m->dice, 2)))
			continue;
		say(c, i);
		said = i + 1;
	}
	if (end < m->n_paths) {
		expect(recorder_cut(c->r, 5, &err) == 0);
		c->end = said;
	}
	for (size_t i = 0; i < m->n_paths; i++)
		if ((c->said[i] & SAID_THERE) == 0)
			set_not_met(c, i);
}

/* Any legal events. */
static void
push(struct record *c)
{
	struct model *m = c->m;
	struct err err = ERR_INIT;
	uint32_t often = 1 + dice_below(&m->dice, 12);

	for (size_t i = 0; i < m->n_paths; i++) {
		const struct model_state *was = state_before(c->s, i);
		struct entry e = model_entry(&m->dice, false);
		uint8_t kind = EVENT_PUT;

		if (!dice_one_in(&m->dice, often))
			continue;
		if (was->kind != EVENT_GONE && dice_one_in(&m->dice, 3))
			kind = EVENT_GONE;
		else if (was->kind == EVENT_PUT && dice_one_in(&m->dice, 3))
			kind = EVENT_UNSEEN;
		else if (was->kind == EVENT_PUT && entry_equal(&was->entry, &e))
			continue;
		expect(recorder_event(c->r, m->path[i].text, m->path[i].len,
			   kind, &e, &err) == 0);
		if (kind == EVENT_PUT)
			set_put(c, i, &e);
		else
			set_other(c, i, kind);
	}
}

static void
finish(struct record *c)
{
	struct model_snap *snap = &c->s->snap[c->s->n++];
	struct record_result res;
	struct err err = ERR_INIT;

	expect(recorder_finish(c->r, &res, &err) == 0);
	*snap = (struct model_snap){
		.id = res.snap,
		.kept = true,
		.state = c->state,
		.scope = c->scope,
	};
	for (size_t i = 0; i < c->m->n_paths; i++) {
		if (snap->state[i].kind != EVENT_PUT)
			continue;
		digest_add(&snap->digest, c->m->path[i].text, c->m->path[i].len,
		    &snap->state[i].entry);
		snap->entries++;
	}
	expect(res.entries == snap->entries);
	expect(digest_equal(&res.digest, &snap->digest));
}

static const struct model_path *
any_path(struct model *m)
{
	return &m->path[dice_below(&m->dice, (uint32_t)m->n_paths)];
}

/* What is pruned and what is mounted, at random. The disk knows of no mounts:
 * what was not met is on whichever holds its place. */
static void
draw_scope(struct model *m, struct scope *s)
{
	expect(scope_set_root(s, "/") == 0);
	if (dice_one_in(&m->dice, 3)) {
		const struct model_path *p = any_path(m);

		expect(strlist_add(&s->prunepaths, p->text, p->len) == 0);
	}
	if (!dice_one_in(&m->dice, 3))
		return;
	expect(scope_add_mount(s, "/", "ext4", "sda1", "/") == 0);
	if (dice_one_in(&m->dice, 2))
		expect(
		    scope_add_mount(s, any_path(m)->text, "ext4",
			dice_one_in(&m->dice, 3) ? "sdc1" : "sdb1", "/") == 0);
}

void
model_record(struct model *m, struct model_series *s, struct store *store)
{
	struct record c = { .m = m, .s = s };
	bool events = dice_one_in(&m->dice, 2);
	struct record_head head = {
		.series = s->name,
		.origin = "model:",
		.scope = &c.scope,
		.fields = ENTRY_ALL,
		.clock_ns = 1,
		.date_ns = 1,
	};
	struct err err = ERR_INIT;

	expect(s->n < MODEL_SNAPS);
	c.state = calloc(m->n_paths, sizeof(*c.state));
	expect(c.state != NULL);
	c.said = calloc(m->n_paths, sizeof(*c.said));
	expect(c.said != NULL);
	for (size_t i = 0; i < m->n_paths; i++)
		c.state[i] = *state_before(s, i);
	draw_scope(m, &c.scope);
	head.events = events;
	c.names_only = dice_one_in(&m->dice, 4);
	head.additive = c.additive = dice_one_in(&m->dice, 10);
	if (c.names_only)
		head.fields = ENTRY_TYPE;
	expect(recorder_begin(&c.r, store, &head, &err) == 0);
	if (events)
		push(&c);
	else
		walk(&c);
	finish(&c);
	recorder_free(c.r);
	free(c.said);
}
