/*
 * What a merge does to events, and why every listing stays.
 *
 * The state of a path at kept snapshot k follows from its events numbered up
 * to k: those that count on one kept snapshot are one group, the last of each
 * group wins. A merge may do three things.
 *
 * Take away all but the last of a group, of those it holds: an event outside
 * with a higher number wins over it as it did over the others.
 *
 * Give an event the number of the kept snapshot that it counts on, unless a
 * segment outside names a snapshot between the two (that snapshot counts on
 * the same kept one; the order of the two must stay) or that very one. So
 * each snapshot stays named by one segment only.
 *
 * Take away events that change nothing: gone or unseen before any put, equal
 * to the state before. The state before must be known: no segment outside may
 * name a snapshot of the series with a number up to the event's ("settled").
 *
 * The set of kept snapshots may shrink while a merge works (a prune) or grow
 * at its end (a recorder). Neither harms: with fewer kept, groups only join,
 * and the last of the last ones is the same, an event moved to a snapshot that
 * is dropped counts on the next one as it would have done from its own place,
 * and what was equal to the state before still is, whatever joins. What is
 * appended has a higher number than every snapshot that was kept, so it lies
 * above all groups and neither between an event and its kept snapshot nor
 * below a settled one.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/merge_private.h"

#include <stdlib.h>

static int
snap_cmp(const void *va, const void *vb)
{
	const struct segment_snap *a = va, *b = vb;

	if (a->series != b->series)
		return a->series < b->series ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

/* All snaps of some tables, sorted, each once. */
static int
tables_join(struct segment_snap **ret, size_t *ret_n,
    const struct snap_table *table, size_t n, struct err *err)
{
	struct segment_snap *all;
	size_t sum = 0, out = 0;

	for (size_t i = 0; i < n; i++)
		sum += table[i].n;
	if ((all = calloc(sum + 1, sizeof(*all))) == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < table[i].n; k++)
			all[out++] = table[i].snap[k];
	}
	if (sum > 0)
		qsort(all, sum, sizeof(*all), snap_cmp);
	out = 0;
	for (size_t i = 0; i < sum; i++) {
		if (out == 0 || snap_cmp(&all[out - 1], &all[i]) != 0)
			all[out++] = all[i];
	}
	*ret = all;
	*ret_n = out;
	return 0;
}

/* Index of the first snap of a sorted table that is not below this one. */
static size_t
table_find(
    const struct segment_snap *table, size_t n, uint32_t series, uint32_t id)
{
	const struct segment_snap key = { series, id };
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (snap_cmp(&table[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Whether a table names a snapshot of this series numbered lo .. hi. */
static bool
table_names(const struct segment_snap *table, size_t n, uint32_t series,
    uint32_t lo, uint32_t hi)
{
	size_t i = table_find(table, n, series, lo);

	return i < n && table[i].series == series && table[i].id <= hi;
}

/* Number the snaps by what the output will call them. */
static int
plan_snaps(struct merge_plan *p, const struct catalog *cat,
    const struct segment_snap *in, size_t n, const struct segment_snap *out,
    size_t n_out, bool blind, struct err *err)
{
	if ((p->snap = calloc(n + 1, sizeof(*p->snap))) == NULL ||
	    (p->out = calloc(n + 1, sizeof(*p->out))) == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		const struct snapshot_row *kept = catalog_effective(
		    cat, in[i].series, in[i].id);
		struct merge_snap *s = &p->snap[p->n_snaps++];
		struct segment_snap to = in[i];

		size_t n_kept;

		s->series = in[i].series;
		s->id = in[i].id;
		/* A series that was committed has a newest snapshot. */
		(void)catalog_snaps(cat, s->series, &n_kept);
		if ((s->dropped = n_kept == 0))
			continue;
		s->counts_on = kept != NULL ? kept->id : in[i].id;
		s->settled = !blind && kept != NULL &&
		    !table_names(out, n_out, s->series, 0, s->id);
		if (!blind && s->counts_on != s->id &&
		    !table_names(
			out, n_out, s->series, s->id + 1, s->counts_on))
			to.id = s->counts_on;
		/* Moved ones never pass a later one: they rise with in[]. */
		if (p->n_out == 0 || snap_cmp(&p->out[p->n_out - 1], &to) != 0)
			p->out[p->n_out++] = to;
		s->out = (uint32_t)(p->n_out - 1);
	}
	return 0;
}

int
merge_plan_make(struct merge_plan *ret, const struct catalog *cat,
    const struct snap_table *inputs, size_t n_inputs,
    const struct snap_table *outside, size_t n_outside, bool blind,
    struct err *err)
{
	struct merge_plan p = { .n_inputs = n_inputs };
	struct segment_snap *in = NULL, *out = NULL;
	size_t n_in, n_out;
	int rc;

	if ((rc = tables_join(&in, &n_in, inputs, n_inputs, err)) != 0 ||
	    (rc = tables_join(&out, &n_out, outside, n_outside, err)) != 0 ||
	    (rc = plan_snaps(&p, cat, in, n_in, out, n_out, blind, err)) != 0)
		goto fail;
	if ((p.rank = calloc(n_inputs + 1, sizeof(*p.rank))) == NULL) {
		rc = err_nomem(err);
		goto fail;
	}
	for (size_t i = 0; i < n_inputs; i++) {
		p.rank[i] = calloc(inputs[i].n + 1, sizeof(**p.rank));
		if (p.rank[i] == NULL) {
			rc = err_nomem(err);
			goto fail;
		}
		for (size_t k = 0; k < inputs[i].n; k++) {
			p.rank[i][k] = (uint32_t)table_find(in, n_in,
			    inputs[i].snap[k].series, inputs[i].snap[k].id);
		}
	}
	free(in);
	free(out);
	*ret = p;
	return 0;
fail:
	free(in);
	free(out);
	merge_plan_done(&p);
	return rc;
}

void
merge_plan_done(struct merge_plan *p)
{
	for (size_t i = 0; p->rank != NULL && i < p->n_inputs; i++)
		free(p->rank[i]);
	free(p->rank);
	free(p->snap);
	free(p->out);
	*p = (struct merge_plan){ 0 };
}

static int
event_cmp(const void *va, const void *vb)
{
	const struct event *a = va, *b = vb;

	return (a->snap > b->snap) - (a->snap < b->snap);
}

/* Whether an event leaves the state as `last` (the event before it in its
 * series, NULL: none, and nothing before) made it. As changes_resolve has it:
 * what is not there cannot become unseen. */
static bool
event_is_idle(const struct event *ev, const struct event *last)
{
	switch ((enum event_kind)ev->kind) {
	case EVENT_PUT:
		return last != NULL && last->kind == EVENT_PUT &&
		    entry_equal(&ev->entry, &last->entry);
	case EVENT_GONE:
		return last == NULL || last->kind == EVENT_GONE;
	case EVENT_UNSEEN:
		return last == NULL || last->kind != EVENT_PUT;
	}
	return false;
}

size_t
merge_events(const struct merge_plan *p, struct event *ev, size_t n)
{
	const struct merge_snap *before = NULL;
	const struct event *last = NULL;
	size_t out = 0;

	if (n > 1)
		qsort(ev, n, sizeof(*ev), event_cmp);
	for (size_t i = 0; i < n; i++) {
		const struct merge_snap *s = &p->snap[ev[i].snap];

		if (s->dropped)
			continue;
		if (i + 1 < n) {
			const struct merge_snap *next =
			    &p->snap[ev[i + 1].snap];

			if (next->series == s->series &&
			    next->counts_on == s->counts_on)
				continue;
		}
		if (before == NULL || before->series != s->series)
			last = NULL;
		before = s;
		if (s->settled && event_is_idle(&ev[i], last))
			continue;
		/* Never ahead of i, so what is read later still stands. */
		ev[out] = ev[i];
		ev[out].snap = s->out;
		last = &ev[out++];
	}
	return out;
}
