/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/maintain.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/gather.h"
#include "store/merge_private.h"
#include "store/store_private.h"
#include "sys/idle.h"
#include "sys/lock.h"

/* Segments that one merge reads at once; each holds a block in memory. */
#define MERGE_FAN_MAX 32

/* One merge of some of a view's segments into one. */
struct round {
	struct store *store; /* borrowed, as is the view */
	struct view *view;
	const uint32_t *id; /* the inputs'; borrowed */
	size_t n_inputs;
	struct segment **input;	  /* owned; the segments are the view's */
	uint64_t bytes, paths;	  /* of the inputs */
	struct merge_plan plan;	  /* owned */
	struct segment_file *out; /* owned */
	struct event *event;	  /* of one path; owned */
	size_t n_event;
	const struct merge_progress *progress;
};

static int
row_cmp(const void *va, const void *vb)
{
	const struct segment_row *a = va, *b = vb;

	if (a->bytes != b->bytes)
		return a->bytes < b->bytes ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

static struct snap_table
snaps_of(const struct segment *seg)
{
	struct snap_table t;

	t.snap = segment_snaps(seg, &t.n);
	return t;
}

/* How many snapshots the segments name, and how many of them are dropped ones
 * whose events wait to be moved. */
static void
count_snaps(const struct view *view, size_t *ret_dropped, size_t *ret_snaps)
{
	*ret_dropped = *ret_snaps = 0;
	for (size_t i = 0; i < view->cat.n_segments; i++) {
		struct snap_table t;

		if (view->segments[i] == NULL)
			continue;
		t = snaps_of(view->segments[i]);
		*ret_snaps += t.n;
		for (size_t k = 0; k < t.n; k++) {
			const struct snapshot_row *kept = catalog_effective(
			    &view->cat, t.snap[k].series, t.snap[k].id);

			if (kept != NULL && kept->id != t.snap[k].id)
				(*ret_dropped)++;
		}
	}
}

/* Which of the segments that can be read, smallest first, to merge: their ids
 * in ret_id (as many as there are segments), and how many. */
static int
pick(const struct view *view, enum merge_what what, uint32_t *ret_id,
    size_t *ret_n, struct err *err)
{
	size_t n = 0, dropped, snaps;
	struct segment_row *row;
	uint64_t *bytes;

	row = calloc(view->cat.n_segments + 1, sizeof(*row));
	bytes = calloc(view->cat.n_segments + 1, sizeof(*bytes));
	if (row == NULL || bytes == NULL) {
		free(row);
		free(bytes);
		return err_nomem(err);
	}
	for (size_t i = 0; i < view->cat.n_segments; i++) {
		if (view->segments[i] != NULL)
			row[n++] = view->cat.segments[i];
	}
	qsort(row, n, sizeof(*row), row_cmp);
	for (size_t i = 0; i < n; i++) {
		bytes[i] = row[i].bytes;
		ret_id[i] = row[i].id;
	}
	count_snaps(view, &dropped, &snaps);
	/* With a damaged segment outside, nothing can be moved for sure. */
	if (n < view->cat.n_segments)
		dropped = 0;
	if (what == MERGE_TIERED)
		n = merge_pick(bytes, n, dropped, snaps);
	else if (n == 1 && dropped == 0)
		n = 0;
	*ret_n = n < MERGE_FAN_MAX ? n : MERGE_FAN_MAX;
	free(row);
	free(bytes);
	return 0;
}

/* Sort the view's segments into inputs, in the order of the ids, and those
 * outside. */
static int
round_plan(struct round *r, struct err *err)
{
	const struct catalog *cat = &r->view->cat;
	struct snap_table *in, *out;
	size_t n_out = 0;
	bool blind = false;
	int rc;

	r->input = calloc(r->n_inputs + 1, sizeof(*r->input));
	in = calloc(r->n_inputs + 1, sizeof(*in));
	out = calloc(cat->n_segments + 1, sizeof(*out));
	if (r->input == NULL || in == NULL || out == NULL) {
		rc = err_nomem(err);
		goto out;
	}
	for (size_t i = 0; i < cat->n_segments; i++) {
		struct segment *seg = r->view->segments[i];
		size_t k = 0;

		while (k < r->n_inputs && r->id[k] != cat->segments[i].id)
			k++;
		if (seg == NULL)
			blind = true;
		else if (k == r->n_inputs)
			out[n_out++] = snaps_of(seg);
		else {
			r->input[k] = seg;
			in[k] = snaps_of(seg);
			r->bytes += cat->segments[i].bytes;
			r->paths += cat->segments[i].paths;
		}
	}
	rc = merge_plan_make(
	    &r->plan, cat, in, r->n_inputs, out, n_out, blind, err);
out:
	free(in);
	free(out);
	return rc;
}

/* The events of one path, snap as a rank of the plan. */
static int
collect(struct round *r, const struct gather_item *item, size_t *ret_n,
    struct err *err)
{
	size_t n = 0, at = 0;

	for (size_t i = 0; i < item->n; i++)
		n += item->parts[i].n;
	if (n > r->n_event) {
		struct event *more = reallocarray(r->event, n, sizeof(*more));

		if (more == NULL)
			return err_nomem(err);
		r->event = more;
		r->n_event = n;
	}
	for (size_t i = 0; i < item->n; i++) {
		const struct gather_part *part = &item->parts[i];
		const uint32_t *rank = r->plan.rank[part->segment];

		for (size_t k = 0; k < part->n; k++) {
			r->event[at] = part->events[k];
			r->event[at].snap = rank[part->events[k].snap];
			at++;
		}
	}
	*ret_n = n;
	return 0;
}

static void
tell(const struct round *r, uint64_t done)
{
	if (r->progress->told != NULL)
		r->progress->told(r->progress->ctx, done, r->paths);
}

static int
round_copy(struct round *r, struct gather *g, struct err *err)
{
	struct gather_item item;
	uint64_t done = 0;
	size_t n = 0;
	int rc;

	tell(r, 0);
	while ((rc = gather_next(g, &item, err)) == 0) {
		if ((rc = collect(r, &item, &n, err)) != 0)
			return rc;
		n = merge_events(&r->plan, r->event, n);
		if (n > 0 &&
		    (rc = segment_writer_add(r->out->writer, item.path,
			 item.len, r->event, n, err)) != 0)
			return rc;
		done += item.n;
		if (done % 4096 < item.n)
			tell(r, done);
	}
	if (rc < 0)
		return err_wrap(err, "segment %lu.seg",
		    (unsigned long)r->id[gather_failed(g)]);
	return 0;
}

/* All that a merge does without a lock: read, write, and wait for the disk. */
static int
round_write(void *ctx, struct err *err)
{
	struct round *r = ctx;
	struct gather *g = NULL;
	int rc;

	if ((rc = segment_file_open(
		 &r->out, r->store, r->plan.out, r->plan.n_out, err)) != 0 ||
	    (rc = gather_new(&g, r->input, r->n_inputs, err)) != 0)
		return rc;
	rc = round_copy(r, g, err);
	gather_free(g);
	if (rc != 0 || (rc = segment_file_finish(r->out, err)) != 0)
		return rc;
	return file_sync(r->out->temp.fd, "a new segment", err);
}

static int
round_commit(struct round *r, struct merge_result *res, struct err *err)
{
	struct commit commit = {
		.file = r->out,
		.old_segments = r->id,
		.n_old_segments = r->n_inputs,
		.log_kind = "merge",
	};
	uint64_t after = r->out->totals.paths > 0 ? r->out->totals.bytes : 0;
	char text[128];
	int rc;

	(void)snprintf(text, sizeof(text),
	    "%zu segments of %llu bytes into one of %llu", r->n_inputs,
	    (unsigned long long)r->bytes, (unsigned long long)after);
	commit.log_text = text;
	if ((rc = store_commit(r->store, &commit, err)) != 0)
		return rc;
	res->merged += (unsigned)r->n_inputs;
	res->written += after > 0;
	res->bytes_before += r->bytes;
	res->bytes_after += after;
	return 0;
}

int
merge_some(struct store *s, struct view *view, const uint32_t *id, size_t n,
    const struct merge_progress *progress, struct merge_result *res,
    struct err *err)
{
	struct round r = {
		.store = s,
		.view = view,
		.id = id,
		.n_inputs = n,
		.progress = progress,
	};
	int rc;

	if ((rc = round_plan(&r, err)) == 0 &&
	    (rc = idle_run(round_write, &r, err)) == 0)
		rc = round_commit(&r, res, err);
	segment_file_close(r.out);
	merge_plan_done(&r.plan);
	free(r.event);
	free(r.input);
	return rc;
}

/* One merge of what is asked for. *ret_more: there was something to do. */
static int
merge_once(struct store *s, enum merge_what what,
    const struct merge_progress *progress, struct merge_result *res,
    bool *ret_more, struct err *err)
{
	struct view *view;
	uint32_t *id;
	size_t n = 0;
	int rc;

	if ((rc = view_open(&view, s, err)) != 0)
		return rc;
	if ((id = calloc(view->cat.n_segments + 1, sizeof(*id))) == NULL)
		rc = err_nomem(err);
	else if ((rc = pick(view, what, id, &n, err)) == 0 && n > 0)
		rc = merge_some(s, view, id, n, progress, res, err);
	free(id);
	view_close(view);
	*ret_more = n > 0;
	return rc;
}

int
store_merge(struct store *s, enum merge_what what, struct merge_result *ret,
    void (*progress)(void *ctx, uint64_t paths_done, uint64_t paths_all),
    void *ctx, struct err *err)
{
	const struct merge_progress told = { progress, ctx };
	struct merge_result res = { 0 };
	bool more = true;
	int lock, rc;

	rc = lock_take(&lock, s->dirfd, "merge.lock", 0, err);
	if (rc == ERR_BUSY) {
		err_clear(err);
		*ret = (struct merge_result){ .busy = true };
		return 0;
	}
	if (rc != 0)
		return rc;
	/* Each merge leaves fewer segments, or none with dropped snapshots. */
	while (more && rc == 0)
		rc = merge_once(s, what, &told, &res, &more, err);
	(void)close(lock);
	if (rc != 0)
		return err_wrap(err, "merging");
	*ret = res;
	return 0;
}
