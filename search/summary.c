/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/summary.h"

#include <stdio.h>
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

static int64_t
age_from(const struct catalog *cat, const struct series_row *series)
{
	const struct snapshot_row *snaps;
	size_t n;

	snaps = catalog_snaps(cat, series->id, &n);
	return snapshot_age_from(&snaps[n - 1]);
}

/* Whether the search looked into the live series of the host of this name. */
static bool
live_is_searched(
    const struct catalog *cat, const struct hits *hits, const char *name)
{
	char host[256];
	const struct series_row *live;

	(void)snprintf(
	    host, sizeof(host), "%.*s", (int)series_host_len(name), name);
	live = catalog_series(cat, host);
	return live != NULL &&
	    hits_horizon(hits, (size_t)(live - cat->series)).n > 0;
}

/* The newest searched of series[i..end), which are of one host; NULL: none. */
static const struct series_row *
newest(const struct catalog *cat, const struct hits *hits, size_t i, size_t end)
{
	const struct series_row *ret = NULL;

	for (; i < end; i++)
		if (hits_horizon(hits, i).n > 0 &&
		    (ret == NULL ||
			age_from(cat, &cat->series[i]) > age_from(cat, ret)))
			ret = &cat->series[i];
	return ret;
}

int
summary_stale(struct summary *sum, const struct view *v,
    const struct hits *hits, int64_t oldest, struct err *err)
{
	const struct catalog *cat = &v->cat;
	size_t end;

	sum->stale = calloc(cat->n_series + 1, sizeof(*sum->stale));
	if (sum->stale == NULL)
		return err_nomem(err);
	/* Of a host, the live series; and in another place together those that
	 * have its name before a slash. */
	for (size_t i = 0; i < cat->n_series; i = end) {
		const char *name = cat->series[i].name;
		size_t len = series_host_len(name);
		const struct series_row *s;

		for (end = i + 1; name[len] == '/' && end < cat->n_series &&
		     strncmp(cat->series[end].name, name, len + 1) == 0;
		     end++)
			;
		if (name[len] == '/' && live_is_searched(cat, hits, name))
			continue;
		s = newest(cat, hits, i, end);
		if (s != NULL && age_from(cat, s) < oldest)
			sum->stale[sum->n_stale++] = (struct stale){
				.series = s->name, .last_ns = age_from(cat, s)
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
