/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/summary.h"

#include <stdlib.h>
#include <string.h>

static int
host_cmp(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	size_t n = series_host_len(x), m = series_host_len(y);
	int c = memcmp(x, y, n < m ? n : m);

	return c != 0 ? c : (n > m) - (n < m);
}

static int
count_hosts(struct summary *sum, const struct catalog *cat,
    const struct hits *hits, struct err *err)
{
	const char **name;

	if ((name = calloc(cat->n_series + 1, sizeof(*name))) == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < cat->n_series; i++)
		if (hits_horizon(hits, i).n > 0)
			name[sum->series++] = cat->series[i].name;
	qsort(name, sum->series, sizeof(*name), host_cmp);
	for (size_t i = 0; i < sum->series; i++)
		sum->hosts += i == 0 || host_cmp(&name[i - 1], &name[i]) != 0;
	free(name);
	return 0;
}

int
summary_count(struct summary *sum, const struct view *v,
    const struct hits *hits, struct err *err)
{
	sum->skipped = calloc(v->cat.n_segments + 1, sizeof(*sum->skipped));
	if (sum->skipped == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < v->cat.n_segments; i++) {
		const struct err *damage = v->segments[i] == NULL ?
		    &v->error[i] :
		    hits_damage(hits, i);

		if (damage != NULL)
			sum->skipped[sum->n_skipped++] = (struct skipped){
				.segment = v->cat.segments[i].id, .err = damage
			};
	}
	return count_hosts(sum, &v->cat, hits, err);
}

int
summary_stale(struct summary *sum, const struct view *v,
    const struct hits *hits, int64_t oldest, struct err *err)
{
	const struct catalog *cat = &v->cat;

	sum->stale = calloc(cat->n_series + 1, sizeof(*sum->stale));
	if (sum->stale == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < cat->n_series; i++) {
		const struct snapshot_row *snaps;
		size_t n;

		if (hits_horizon(hits, i).n == 0)
			continue;
		snaps = catalog_snaps(cat, cat->series[i].id, &n);
		if (snapshot_age_from(&snaps[n - 1]) < oldest)
			sum->stale[sum->n_stale++] = (struct stale){
				.series = cat->series[i].name,
				.last_ns = snapshot_age_from(&snaps[n - 1])
			};
	}
	return 0;
}

void
summary_done(struct summary *sum)
{
	free(sum->skipped);
	free(sum->stale);
	*sum = (struct summary){ 0 };
}
