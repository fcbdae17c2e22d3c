/*
 * The rule of kept snapshots.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/listing.h"

#include <stdlib.h>

static int
by_snap(const void *pa, const void *pb)
{
	const struct store_event *a = pa, *b = pb;

	return (a->snap > b->snap) - (a->snap < b->snap);
}

static void
sort_events(struct store_event *events, size_t n)
{
	/* Each segment's are sorted, and segments mostly come in age. */
	for (size_t i = 1; i < n; i++)
		if (events[i].snap < events[i - 1].snap) {
			qsort(events, n, sizeof(*events), by_snap);
			return;
		}
}

bool
event_is_change(uint8_t was, const struct entry *before, uint8_t kind,
    const struct entry *now)
{
	switch ((enum event_kind)kind) {
	case EVENT_PUT:
		return was != EVENT_PUT || !entry_equal(before, now);
	case EVENT_GONE:
		return was != EVENT_GONE;
	case EVENT_UNSEEN:
		return was == EVENT_PUT;
	}
	return false;
}

size_t
changes_resolve(const struct catalog *cat, struct store_event *events, size_t n,
    struct change *ret)
{
	const struct change nothing = { .kind = EVENT_GONE }, *was = &nothing;
	const struct snapshot_row *kept = NULL;
	size_t n_ret = 0;

	sort_events(events, n);
	for (size_t i = 0; i < n; i++) {
		const struct store_event *e = &events[i];

		if (kept == NULL || e->snap > kept->id)
			kept = catalog_effective(cat, e->series, e->snap);
		if (kept == NULL)
			break;
		/* A later one falls on the same snapshot. */
		if (i + 1 < n && events[i + 1].snap <= kept->id)
			continue;
		if (!event_is_change(
			was->kind, &was->entry, e->kind, &e->entry))
			continue;
		was = &ret[n_ret];
		ret[n_ret++] = (struct change){
			.snap = kept, .kind = e->kind, .entry = e->entry
		};
	}
	return n_ret;
}
