/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/maintain.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/store_private.h"

/* Decide for one series; keep[] is that of its snapshots. */
static int
prune_series(struct store *s, const struct retention *r, bool bounded,
    const struct series_row *series, const struct snapshot_row *snaps,
    size_t n, bool *keep, struct err *err)
{
	uint64_t acked;
	int rc;

	retention_select(r, snaps, n, keep);
	if (!bounded)
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
prune_select(struct store *s, const struct catalog *cat,
    const struct retention *r, const char *glob, bool bounded, bool *keep,
    struct err *err)
{
	for (size_t i = 0; i < cat->n_snaps; i++)
		keep[i] = true;
	for (size_t i = 0; i < cat->n_series; i++) {
		const struct series_row *series = &cat->series[i];
		const struct snapshot_row *snaps;
		size_t n;
		int rc;

		snaps = catalog_snaps(cat, series->id, &n);
		if (n == 0 ||
		    (glob != NULL && fnmatch(glob, series->name, 0) != 0))
			continue;
		if ((rc = prune_series(s, r, bounded, series, snaps, n,
			 &keep[snaps - cat->snaps], err)) != 0)
			return rc;
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
prune_drop(struct store *s, const struct catalog *cat, const bool *keep,
    size_t n, struct err *err)
{
	struct commit commit = { .log_kind = "prune" };
	char text[64];
	uint32_t *id;
	int rc;

	if ((id = calloc(n, sizeof(*id))) == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < cat->n_snaps; i++) {
		if (!keep[i])
			id[commit.n_old_snaps++] = cat->snaps[i].id;
	}
	(void)snprintf(text, sizeof(text), "%zu snapshots dropped", n);
	commit.old_snaps = id;
	commit.log_text = text;
	rc = store_commit(s, &commit, err);
	free(id);
	return rc;
}

int
store_prune(struct store *s, const struct retention *r, const char *glob,
    bool bounded, bool dry_run, struct prune_result *ret,
    void (*seen)(void *ctx, const struct series_row *,
	const struct snapshot_row *, bool kept),
    void *ctx, struct err *err)
{
	struct prune_result res = { 0 };
	struct catalog cat;
	bool *keep;
	int rc;

	if ((rc = catalog_read(&cat, s, err)) != 0)
		return err_wrap(err, "pruning");
	if ((keep = calloc(cat.n_snaps + 1, sizeof(*keep))) == NULL) {
		rc = err_nomem(err);
		goto out;
	}
	rc = prune_select(s, &cat, r, glob, bounded, keep, err);
	if (rc != 0)
		goto out;
	for (size_t i = 0; i < cat.n_snaps; i++) {
		res.kept += keep[i];
		res.dropped += !keep[i];
	}
	if (!dry_run && res.dropped > 0 &&
	    (rc = prune_drop(s, &cat, keep, res.dropped, err)) != 0)
		goto out;
	for (size_t i = 0; seen != NULL && i < cat.n_snaps; i++)
		seen(ctx, catalog_series_by_id(&cat, cat.snaps[i].series),
		    &cat.snaps[i], keep[i]);
	*ret = res;
out:
	free(keep);
	catalog_done(&cat);
	return rc == 0 ? 0 : err_wrap(err, "pruning");
}
