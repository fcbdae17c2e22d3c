/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/maintain.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/store_private.h"

/* What a prune looks at: of all snapshots, those of the series asked for. */
struct choice {
	struct catalog cat;  /* owned */
	bool *looked, *keep; /* of cat.snaps; owned */
};

/* Decide for one series, whose snapshots are snaps[0..n). */
static int
choose_series(struct store *s, const struct prune_request *r,
    const struct series_row *series, const struct snapshot_row *snaps, size_t n,
    bool *keep, struct err *err)
{
	struct prune_rule rule = r->rule(r->ctx, series, &snaps[n - 1]);
	uint64_t acked;
	int rc;

	retention_select(&rule.keep, snaps, n, keep);
	if (!rule.bounded)
		return 0;
	if ((rc = store_acked(s, series->name, &acked, err)) != 0)
		return rc;
	/* What was acknowledged last is where the next push goes on from. */
	for (size_t i = 0; i < n; i++) {
		if (snaps[i].number >= acked)
			keep[i] = true;
	}
	return 0;
}

static int
choose(struct choice *c, struct store *s, const struct prune_request *r,
    struct prune_result *res, struct err *err)
{
	int rc;

	c->looked = calloc(c->cat.n_snaps + 1, sizeof(*c->looked));
	c->keep = calloc(c->cat.n_snaps + 1, sizeof(*c->keep));
	if (c->looked == NULL || c->keep == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < c->cat.n_series; i++) {
		const struct series_row *series = &c->cat.series[i];
		const struct snapshot_row *snaps;
		size_t n, first;

		snaps = catalog_snaps(&c->cat, series->id, &n);
		if (n == 0 ||
		    (r->glob != NULL && fnmatch(r->glob, series->name, 0) != 0))
			continue;
		first = (size_t)(snaps - c->cat.snaps);
		if ((rc = choose_series(
			 s, r, series, snaps, n, &c->keep[first], err)) != 0)
			return rc;
		for (size_t k = first; k < first + n; k++) {
			c->looked[k] = true;
			res->kept += c->keep[k];
			res->dropped += !c->keep[k];
		}
	}
	return 0;
}

/*
 * The choice is made outside the commit lock. Meanwhile snapshots may have
 * been appended, dropped and acknowledged: the newest that was kept here is
 * then not the newest any more, and the last acknowledged one a later one;
 * nothing that has to stay is among the dropped.
 */
static int
drop(struct store *s, const struct choice *c, size_t n, struct err *err)
{
	struct commit commit = { .log_kind = "prune" };
	char text[64];
	uint32_t *id;
	int rc;

	if ((id = calloc(n, sizeof(*id))) == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < c->cat.n_snaps; i++) {
		if (c->looked[i] && !c->keep[i])
			id[commit.n_old_snaps++] = c->cat.snaps[i].id;
	}
	(void)snprintf(text, sizeof(text), "%zu snapshots dropped", n);
	commit.old_snaps = id;
	commit.log_text = text;
	rc = store_commit(s, &commit, err);
	free(id);
	return rc;
}

static void
tell(const struct choice *c, const struct prune_request *r)
{
	for (size_t i = 0; i < c->cat.n_snaps; i++) {
		const struct snapshot_row *snap = &c->cat.snaps[i];

		if (c->looked[i])
			r->seen(r->ctx,
			    catalog_series_by_id(&c->cat, snap->series), snap,
			    c->keep[i]);
	}
}

int
store_prune(struct store *s, const struct prune_request *r,
    struct prune_result *ret, struct err *err)
{
	struct prune_result res = { 0 };
	struct choice c = { 0 };
	int rc;

	if ((rc = catalog_read(&c.cat, s, err)) != 0)
		return err_wrap(err, "pruning");
	if ((rc = choose(&c, s, r, &res, err)) == 0 && !r->dry_run &&
	    res.dropped > 0)
		rc = drop(s, &c, res.dropped, err);
	if (rc == 0) {
		if (r->seen != NULL)
			tell(&c, r);
		*ret = res;
	}
	free(c.looked);
	free(c.keep);
	catalog_done(&c.cat);
	return rc == 0 ? 0 : err_wrap(err, "pruning");
}
