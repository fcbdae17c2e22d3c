/*
 * Do the listings still say what the hosts said.
 *
 * None is written out. One walk over all events of all segments gives, for each
 * kept snapshot, by how much its digest and its number of entries differ from
 * those of the snapshot before; adding up along a series gives each snapshot's
 * own.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/check_private.h"

#include <stdlib.h>

#include "store/gather.h"
#include "store/listing.h"

/* What changes at one kept snapshot. */
struct delta {
	struct digest digest; /* modulo 2^128, so negative is fine */
	int64_t entries;
};

struct sums {
	const struct view *view;   /* borrowed */
	struct delta *delta;	   /* of view->cat.snaps; owned */
	struct store_event *event; /* of one path; owned */
	struct change *change;	   /* as many; owned */
	size_t n_event;
};

static int
event_cmp(const void *va, const void *vb)
{
	const struct store_event *a = va, *b = vb;

	return (a->series > b->series) - (a->series < b->series);
}

static int
more_room(struct sums *s, struct err *err)
{
	size_t n = 2 * s->n_event + 16;
	void *event = reallocarray(s->event, n, sizeof(*s->event));
	void *change;

	if (event == NULL)
		return err_nomem(err);
	s->event = event;
	if ((change = reallocarray(s->change, n, sizeof(*s->change))) == NULL)
		return err_nomem(err);
	s->change = change;
	s->n_event = n;
	return 0;
}

/* The events of one path from all segments, by series. */
static int
collect(struct sums *s, const struct gather_item *item, size_t *ret_n,
    struct err *err)
{
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < item->n; i++) {
		const struct gather_part *part = &item->parts[i];
		size_t n_snaps;
		const struct segment_snap *snap = segment_snaps(
		    s->view->segments[part->segment], &n_snaps);

		for (size_t k = 0; k < part->n; k++) {
			const struct event *ev = &part->events[k];

			if (n == s->n_event && (rc = more_room(s, err)) != 0)
				return rc;
			s->event[n++] = (struct store_event){
				.series = snap[ev->snap].series,
				.snap = snap[ev->snap].id,
				.kind = ev->kind,
				.entry = ev->entry,
			};
		}
	}
	if (n > 1)
		qsort(s->event, n, sizeof(*s->event), event_cmp);
	*ret_n = n;
	return 0;
}

/* Note what the changes of one path in one series do to its snapshots. */
static void
apply(struct sums *s, const struct gather_item *item, size_t n)
{
	const struct change *before = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct change *ch = &s->change[i];
		struct delta *d = &s->delta[ch->snap - s->view->cat.snaps];

		if (before != NULL && before->kind == EVENT_PUT) {
			digest_sub(
			    &d->digest, item->path, item->len, &before->entry);
			d->entries--;
		}
		if (ch->kind == EVENT_PUT) {
			digest_add(
			    &d->digest, item->path, item->len, &ch->entry);
			d->entries++;
		}
		before = ch;
	}
}

static int
sum_up(struct sums *s, struct err *err)
{
	struct gather_item item;
	struct gather *g;
	size_t n = 0, end;
	int rc;

	if ((rc = gather_new(
		 &g, s->view->segments, s->view->cat.n_segments, err)) != 0)
		return rc;
	while ((rc = gather_next(g, &item, err)) == 0) {
		if ((rc = collect(s, &item, &n, err)) != 0)
			break;
		for (size_t i = 0; i < n; i = end) {
			for (end = i + 1; end < n; end++) {
				if (s->event[end].series != s->event[i].series)
					break;
			}
			apply(s, &item,
			    changes_resolve(&s->view->cat, &s->event[i],
				end - i, s->change));
		}
	}
	if (rc < 0)
		(void)err_wrap(err, "segment %lu.seg",
		    (unsigned long)s->view->cat.segments[gather_failed(g)].id);
	gather_free(g);
	return rc < 0 ? rc : 0;
}

static void
digest_sum(struct digest *to, const struct digest *d)
{
	to->hi += d->hi + __builtin_add_overflow(to->lo, d->lo, &to->lo);
}

static void
check_series(struct check *c, const struct delta *delta, size_t i)
{
	const struct catalog *cat = &c->view->cat;
	const char *name = cat->series[i].name;
	struct delta sum = { 0 };
	char want[DIGEST_HEX], got[DIGEST_HEX];
	size_t n;
	const struct snapshot_row *snap = catalog_snaps(
	    cat, cat->series[i].id, &n);

	if (c->unsure[i])
		check_differ(c,
		    "series %s: a segment is damaged, its listings "
		    "cannot be compared",
		    name);
	for (size_t k = 0; k < n; k++) {
		const struct snapshot_row *s = &snap[k];
		unsigned long long number = s->number;

		c->res.snapshots++;
		if (k > 0 &&
		    (s->number <= s[-1].number || s->date_ns <= s[-1].date_ns))
			check_differ(c,
			    "series %s: snapshot %llu is not after the "
			    "one before it",
			    name, number);
		if (c->unsure[i])
			continue;
		digest_sum(&sum.digest, &delta[s - cat->snaps].digest);
		sum.entries += delta[s - cat->snaps].entries;
		if (sum.entries < 0 || (uint64_t)sum.entries != s->entries)
			check_differ(c,
			    "series %s: snapshot %llu lists %lld "
			    "entries, recorded were %llu",
			    name, number, (long long)sum.entries,
			    (unsigned long long)s->entries);
		if (!digest_equal(&sum.digest, &s->digest))
			check_differ(c,
			    "series %s: snapshot %llu has digest %s, "
			    "recorded was %s",
			    name, number, digest_hex(&sum.digest, got),
			    digest_hex(&s->digest, want));
	}
}

int
check_listings(struct check *c, struct err *err)
{
	const struct catalog *cat = &c->view->cat;
	struct sums s = { .view = c->view };
	int rc;

	s.delta = calloc(cat->n_snaps + 1, sizeof(*s.delta));
	rc = s.delta == NULL ? err_nomem(err) : sum_up(&s, err);
	for (size_t i = 0; rc == 0 && i < cat->n_series; i++)
		check_series(c, s.delta, i);
	free(s.delta);
	free(s.event);
	free(s.change);
	return rc;
}
