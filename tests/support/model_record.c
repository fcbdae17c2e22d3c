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

/* The paths that the walk does not meet stay, go, or are not seen any more. */
static void
set_not_met(struct record *c, size_t i, bool stays)
{
	const struct model_path *p = &c->m->path[i];
	const struct scope *was = scope_of_seen(c->s, i);

	if (c->state[i].kind == EVENT_GONE || stays || c->additive)
		return;
	set_other(c, i,
	    scope_absence_is_gone(was, &c->scope, p->text, p->len) ?
		EVENT_GONE :
		EVENT_UNSEEN);
}

static void
walk(struct record *c)
{
	struct model *m = c->m;
	size_t unread = SIZE_MAX, unchanged = SIZE_MAX;
	struct err err = ERR_INIT;
	bool below = true;

	for (size_t i = 0; i < m->n_paths; i++) {
		const struct model_path *p = &m->path[i];
		struct entry e = c->s->disk[i].entry;
		bool hidden = unread != SIZE_MAX &&
		    model_is_below(m, i, unread);

		if (c->names_only)
			e = entry_names_only(&e);
		if ((hidden && below) || !is_visible(c, i)) {
			set_not_met(c, i, hidden);
			continue;
		}
		if (p->up == unchanged && e.type != 'd')
			continue;
		if (!hidden && c->scope.prunepaths.n == 0 &&
		    dice_one_in(&m->dice, 40)) {
			unread = i;
			below = e.type == 'd';
			if (below) {
				expect(recorder_observe(c->r, p->text, p->len,
					   &e, &err) == 0);
				set_observed(c, i, &e);
			}
			expect(recorder_unread(c->r, p->text, p->len, below, 13,
				   &err) == 0);
			continue;
		}
		expect(recorder_observe(c->r, p->text, p->len, &e, &err) == 0);
		set_observed(c, i, &e);
		if (c->names_only && e.type == 'd' && !hidden &&
		    dice_one_in(&m->dice, 2) && is_unchanged(c, i)) {
			expect(recorder_unchanged(
				   c->r, p->text, p->len, &err) == 0);
			unchanged = i;
		}
	}
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
}
