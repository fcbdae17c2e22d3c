/*
 * A state is the set of places in the program where a match that began
 * somewhere may stand. Its row in `next` says, for each class of bytes, which
 * row comes then; rows are made when they are first asked for. When the memory
 * is used up everything is forgotten but the state at hand.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/program.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Entries of a row; larger ones are offsets of rows in `next`. */
enum { UNKNOWN = 0, DEAD = 1, ACCEPT = 2, FIRST_ROW = 3 };

#define NEXT_CELLS ((size_t)1 << 18)  /* 1 MiB of rows, */
#define PLACE_CELLS ((size_t)1 << 18) /* 1 MiB of their places */
#define STATES_MAX ((size_t)1 << 14)

struct state {
	uint32_t first, n; /* its places */
	uint32_t hash;
	bool at_begin; /* nothing was read yet */
};

struct dfa {
	const struct program *prog;
	uint32_t *next; /* rows of n_classes */
	uint32_t *place;
	size_t n_place;
	struct state *state; /* state i has row i */
	uint32_t n_state;
	uint32_t *table; /* hash table of states, 2 * STATES_MAX */
	uint32_t begin;	 /* row where nothing was read; 0 for none */

	/* The set being made. */
	uint32_t *list;
	uint32_t n_list;
	uint32_t *seen; /* seen[op] == stamp: met before */
	uint32_t stamp;
	uint32_t *stack;
};

int
dfa_new(struct dfa **ret, const struct program *prog, struct err *err)
{
	struct dfa *d;

	if ((d = calloc(1, sizeof(*d))) == NULL)
		return err_nomem(err);
	d->prog = prog;
	d->n_state = FIRST_ROW;
	/* Untouched pages of these cost nothing. */
	d->next = calloc(NEXT_CELLS, sizeof(*d->next));
	d->place = calloc(PLACE_CELLS, sizeof(*d->place));
	d->state = calloc(STATES_MAX, sizeof(*d->state));
	d->table = calloc(2 * STATES_MAX, sizeof(*d->table));
	d->list = calloc(prog->n, sizeof(*d->list));
	d->seen = calloc(prog->n, sizeof(*d->seen));
	d->stack = calloc(2 * (size_t)prog->n + 1, sizeof(*d->stack));
	if (d->next == NULL || d->place == NULL || d->state == NULL ||
	    d->table == NULL || d->list == NULL || d->seen == NULL ||
	    d->stack == NULL) {
		dfa_free(d);
		return err_nomem(err);
	}
	*ret = d;
	return 0;
}

void
dfa_free(struct dfa *d)
{
	if (d == NULL)
		return;
	free(d->next);
	free(d->place);
	free(d->state);
	free(d->table);
	free(d->list);
	free(d->seen);
	free(d->stack);
	free(d);
}

static void
list_clear(struct dfa *d)
{
	d->n_list = 0;
	if (++d->stamp == 0) {
		memset(d->seen, 0, d->prog->n * sizeof(*d->seen));
		d->stamp = 1;
	}
}

/* Add the places that are reached from op without reading. True when the
 * match is among them. */
static bool
list_add(struct dfa *d, uint32_t op, bool at_begin, bool at_end)
{
	uint32_t n = 0;

	d->stack[n++] = op;
	while (n > 0) {
		const struct op *o = &d->prog->op[op = d->stack[--n]];

		if (d->seen[op] == d->stamp)
			continue;
		d->seen[op] = d->stamp;
		switch (o->kind) {
		case OP_MATCH:
			return true;
		case OP_SET:
			d->list[d->n_list++] = op;
			break;
		case OP_SPLIT:
			d->stack[n++] = o->y;
			d->stack[n++] = o->x;
			break;
		case OP_BEGIN:
			if (at_begin)
				d->stack[n++] = o->x;
			break;
		case OP_END:
			if (at_end)
				d->stack[n++] = o->x;
			else
				d->list[d->n_list++] = op;
			break;
		}
	}
	return false;
}

static int
place_cmp(const void *a, const void *b)
{
	uint32_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static void
forget(struct dfa *d)
{
	memset(d->next, 0,
	    (size_t)d->n_state * d->prog->n_classes * sizeof(*d->next));
	memset(d->table, 0, 2 * STATES_MAX * sizeof(*d->table));
	d->n_place = 0;
	d->n_state = FIRST_ROW;
	d->begin = 0;
}

/* The row of the state whose places are in the list. */
static uint32_t
intern(struct dfa *d, bool at_begin)
{
	uint32_t hash = at_begin ? 1 : 0, slot, i;
	size_t bytes = d->n_list * sizeof(*d->list);
	struct state *s;

	if (d->n_list == 0)
		return DEAD;
	qsort(d->list, d->n_list, sizeof(*d->list), place_cmp);
	for (i = 0; i < d->n_list; i++)
		hash = (hash ^ d->list[i]) * 0x9e3779b1u;
	hash ^= hash >> 15;
	for (slot = hash % (2 * STATES_MAX); (i = d->table[slot]) != 0;
	     slot = (slot + 1) % (2 * STATES_MAX)) {
		s = &d->state[i];
		if (s->hash == hash && s->n == d->n_list &&
		    s->at_begin == at_begin &&
		    memcmp(d->place + s->first, d->list, bytes) == 0)
			return i * d->prog->n_classes;
	}
	if (d->n_state == STATES_MAX ||
	    (d->n_state + 1) * (size_t)d->prog->n_classes > NEXT_CELLS ||
	    d->n_place + d->n_list > PLACE_CELLS) {
		forget(d);
		slot = hash % (2 * STATES_MAX);
	}
	i = d->n_state++;
	d->table[slot] = i;
	d->state[i] = (struct state){ .first = (uint32_t)d->n_place,
		.n = d->n_list,
		.hash = hash,
		.at_begin = at_begin };
	memcpy(d->place + d->n_place, d->list, bytes);
	d->n_place += d->n_list;
	return i * d->prog->n_classes;
}

/* Where a subject begins: a row, ACCEPT or DEAD. */
static uint32_t
begin_row(struct dfa *d)
{
	if (d->begin == 0) {
		uint32_t row;

		list_clear(d);
		row = list_add(d, d->prog->start, true, false) ?
		    ACCEPT :
		    intern(d, true);
		/* What starts anywhere but here is kept apart from it: an
		 * expression that cannot begin later dies early. */
		d->begin = row;
	}
	return d->begin;
}

/* The entry for this class in the row, made. */
static uint32_t
step(struct dfa *d, uint32_t row, uint16_t class)
{
	const struct program *prog = d->prog;
	struct state s = d->state[row / prog->n_classes];
	bool match = false;
	uint32_t to, forgotten;

	list_clear(d);
	if (class == prog->edge) {
		for (uint32_t i = 0; i < s.n && !match; i++) {
			const struct op *o = &prog->op[d->place[s.first + i]];

			if (o->kind == OP_END)
				match = list_add(d, o->x, s.at_begin, true);
		}
		return d->next[row + class] = match ? ACCEPT : DEAD;
	}
	for (uint32_t i = 0; i < s.n && !match; i++) {
		const struct op *o = &prog->op[d->place[s.first + i]];

		if (o->kind == OP_SET &&
		    byteset_has(&prog->sets[o->set], prog->byte_of[class]))
			match = list_add(d, o->x, false, false);
	}
	if (!match)
		match = list_add(d, prog->start, false, false);
	if (match)
		return d->next[row + class] = ACCEPT;
	forgotten = d->n_state;
	to = intern(d, false);
	/* Unless it was all forgotten, the row is still there to be filled. */
	if (d->n_state >= forgotten)
		d->next[row + class] = to;
	return to;
}

bool
dfa_match(struct dfa *d, const char *p)
{
	const uint16_t *class_of = d->prog->class_of;
	const uint32_t *next = d->next;
	uint32_t row = begin_row(d), to;

	for (; row > ACCEPT; row = to) {
		uint16_t class = class_of[(unsigned char)*p++];

		if ((to = next[row + class]) == UNKNOWN)
			to = step(d, row, class);
	}
	return row == ACCEPT;
}

bool
dfa_match_back(struct dfa *d, const char *begin, const char *end)
{
	const uint16_t *class_of = d->prog->class_of;
	const uint32_t *next = d->next;
	uint32_t row = begin_row(d), to;

	for (; row > ACCEPT; row = to) {
		uint16_t class = end == begin ? d->prog->edge :
						class_of[(unsigned char)*--end];

		if ((to = next[row + class]) == UNKNOWN)
			to = step(d, row, class);
	}
	return row == ACCEPT;
}
