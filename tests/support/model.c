/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "store/recorder.h"
#include "store/store_private.h"
#include "tests/support/expect.h"

/* ---- paths ---- */

static int
path_order(const void *va, const void *vb)
{
	const struct model_path *a = va, *b = vb;

	return path_cmp(a->text, a->len, b->text, b->len);
}

/* A name of bytes below and above '/', of any kind but NUL and '/'. */
static size_t
name_make(struct dice *d, char *to)
{
	static const char bytes[] = "ab-.!\n\xff\xc3\xa9 A0\x01~";
	size_t len = 1 + dice_below(d, 3);

	for (size_t i = 0; i < len; i++)
		to[i] = bytes[dice_below(d, sizeof(bytes) - 1)];
	/* Enough different ones for large models. */
	if (dice_one_in(d, 2))
		len += (size_t)snprintf(
		    to + len, 8, "%x", dice_below(d, 0x1000));
	return len;
}

static void
paths_make(struct model *m, size_t n)
{
	m->path = calloc(n, sizeof(*m->path));
	expect(m->path != NULL);
	m->path[0] = (struct model_path){ strdup("/"), 1, 0 };
	m->n_paths = 1;
	while (m->n_paths < n) {
		struct model_path *up =
		    &m->path[dice_below(&m->dice, (uint32_t)m->n_paths)];
		char text[4096];
		size_t len = up->len == 1 ? 0 : up->len;
		bool again = false;

		if (len > sizeof(text) - 64)
			continue;
		memcpy(text, up->text, len);
		text[len++] = '/';
		len += name_make(&m->dice, text + len);
		for (size_t i = 0; i < m->n_paths && !again; i++)
			again = m->path[i].len == len &&
			    memcmp(m->path[i].text, text, len) == 0;
		if (again)
			continue;
		m->path[m->n_paths++] = (struct model_path){ strndup(text, len),
			len, 0 };
	}
	qsort(m->path, n, sizeof(*m->path), path_order);
	for (size_t i = 1; i < n; i++) {
		struct model_path *p = &m->path[i];

		/* What is below a directory follows it at once. */
		for (p->up = i - 1; !path_below(p->text, p->len,
			 m->path[p->up].text, m->path[p->up].len);)
			p->up = m->path[p->up].up;
	}
}

static bool
is_below(const struct model *m, size_t i, size_t dir)
{
	return path_below(m->path[i].text, m->path[i].len, m->path[dir].text,
	    m->path[dir].len);
}

/* ---- entries ---- */

static struct entry
entry_make(struct dice *d, bool dir)
{
	static const char *const target[] = { "", "a", "../b", "/\xff\n" };
	struct entry e = {
		.fields = ENTRY_ALL & ~ENTRY_TARGET,
		.type = dir ? 'd' : "ffffflps"[dice_below(d, 8)],
		.mode = dice_one_in(d, 2) ? 0644 : 0600,
		.uid = dice_below(d, 2) * 1000,
		/* Few values, so that entries come back to what they were. */
		.size = (uint64_t)dice_below(d, 3) << (dice_below(d, 3) * 20),
		.mtime = (int64_t)dice_below(d, 4) - 2,
		.mtime_ns = dice_one_in(d, 3) ? 999999999 : 0,
	};

	if (e.type == 'l') {
		e.fields |= ENTRY_TARGET;
		e.target = target[dice_below(d, 4)];
		e.target_len = (uint32_t)strlen(e.target);
	}
	return e;
}

static struct entry
entry_names_only(const struct entry *e)
{
	return (struct entry){ .fields = ENTRY_TYPE, .type = e->type };
}

/* ---- the model ---- */

void
model_init(struct model *m, uint64_t seed, size_t n_paths)
{
	memset(m, 0, sizeof(*m));
	m->dice.state = seed;
	paths_make(m, n_paths);
	for (int i = 0; i < MODEL_SERIES; i++) {
		struct model_series *s = &m->series[i];

		(void)snprintf(s->name, sizeof(s->name), "host%d%s", i / 2,
		    i % 2 ? "/import" : "");
		s->disk = calloc(n_paths, sizeof(*s->disk));
		expect(s->disk != NULL);
		for (size_t k = 0; k < n_paths; k++)
			s->disk[k].kind = EVENT_GONE;
		s->disk[0] = (struct model_state){ .kind = EVENT_PUT };
		s->disk[0].entry = entry_make(&m->dice, true);
	}
}

void
model_done(struct model *m)
{
	for (int i = 0; i < MODEL_SERIES; i++) {
		for (size_t k = 0; k < m->series[i].n; k++) {
			free(m->series[i].snap[k].state);
			scope_done(&m->series[i].snap[k].scope);
		}
		free(m->series[i].disk);
	}
	for (size_t i = 0; i < m->n_paths; i++)
		free(m->path[i].text);
	free(m->path);
}

void
model_live(struct model *m, struct model_series *s)
{
	uint32_t n = dice_below(&m->dice, (uint32_t)m->n_paths / 3 + 2);

	while (n-- > 0) {
		size_t i = 1 + dice_below(&m->dice, (uint32_t)m->n_paths - 1);
		bool dir = i + 1 < m->n_paths && is_below(m, i + 1, i) &&
		    !dice_one_in(&m->dice, 8);

		s->disk[i].kind = dice_one_in(&m->dice, 4) ? EVENT_GONE :
							     EVENT_PUT;
		s->disk[i].entry = entry_make(&m->dice, dir);
	}
}

static const struct model_state *
state_before(const struct model_series *s, size_t i)
{
	static const struct model_state none = { .kind = EVENT_GONE };

	return s->n == 0 ? &none : &s->snap[s->n - 1].state[i];
}

/* ---- recording ---- */

struct record {
	struct model *m;
	struct model_series *s;
	struct recorder *r;
	struct model_state *state; /* of the new snapshot; owned */
	struct scope scope;
	bool names_only, additive;
};

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
	for (size_t i = dir + 1; i < c->m->n_paths && is_below(c->m, i, dir);
	     i++) {
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
		bool hidden = unread != SIZE_MAX && is_below(m, i, unread);

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
		struct entry e = entry_make(&m->dice, false);
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

void
model_drop(struct model *m, struct store *store)
{
	uint32_t id[MODEL_SERIES * MODEL_SNAPS];
	struct commit commit = { .old_snaps = id };
	uint32_t often = 1 + dice_below(&m->dice, 5);
	struct err err = ERR_INIT;

	for (int i = 0; i < MODEL_SERIES; i++) {
		struct model_series *s = &m->series[i];

		for (size_t k = 0; k + 1 < s->n; k++) {
			if (!s->snap[k].kept || !dice_one_in(&m->dice, often))
				continue;
			s->snap[k].kept = false;
			id[commit.n_old_snaps++] = s->snap[k].id;
		}
	}
	expect(store_commit(store, &commit, &err) == 0);
}
