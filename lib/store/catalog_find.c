/*
 * Looking things up in a catalogue.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store.h"

#include <string.h>

const struct series_row *
catalog_series(const struct catalog *c, const char *name)
{
	size_t lo = 0, hi = c->n_series;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int cmp = strcmp(c->series[mid].name, name);

		if (cmp == 0)
			return &c->series[mid];
		if (cmp < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct series_row *
catalog_series_by_id(const struct catalog *c, uint32_t id)
{
	for (size_t i = 0; i < c->n_series; i++)
		if (c->series[i].id == id)
			return &c->series[i];
	return NULL;
}

/* The first snapshot not below (series, id). */
static size_t
lower_bound(const struct catalog *c, uint32_t series, uint32_t id)
{
	size_t lo = 0, hi = c->n_snaps;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct snapshot_row *r = &c->snaps[mid];

		if (r->series < series || (r->series == series && r->id < id))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct snapshot_row *
catalog_snaps(const struct catalog *c, uint32_t series, size_t *n)
{
	size_t first = lower_bound(c, series, 0);
	size_t end = lower_bound(c, series, UINT32_MAX);

	*n = end - first;
	return end > first ? &c->snaps[first] : NULL;
}

const struct snapshot_row *
catalog_effective(const struct catalog *c, uint32_t series, uint32_t id)
{
	size_t i = lower_bound(c, series, id);

	return i < c->n_snaps && c->snaps[i].series == series ? &c->snaps[i] :
								NULL;
}

int64_t
snapshot_age_from(const struct snapshot_row *row)
{
	return row->date_ns < row->received_ns ? row->date_ns :
						 row->received_ns;
}
