/*
 * One source, one snapshot. A source that keeps path order streams straight
 * into the recorder; of any other all is sorted first.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "record_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/when.h"

/* Items between two looks at the clock, or at a signal. */
#define LOOK_EACH 1024

struct record {
	const struct record_request *request;
	struct series_lock *lock;
	struct source *source;
	struct recorder *recorder;
	struct itemsort *sort; /* NULL: the source keeps the order */
	struct feed feed;
	struct scan_told told;
	struct buf data; /* of the item to be sorted */
	int64_t date_ns;
	bool dated; /* the date is not just now */
	char origin[ORIGIN_TEXT];
};

static void
record_done(struct record *r)
{
	source_close(r->source);
	recorder_free(r->recorder);
	itemsort_close(r->sort);
	feed_done(&r->feed);
	scan_told_done(&r->told);
	buf_done(&r->data);
	series_lock_release(r->lock);
}

/* ---- begin ---- */

static void
settle_date(struct record *r)
{
	const struct record_request *q = r->request;
	const struct lookback_about *about = source_about(r->source);

	r->dated = true;
	if (q->has_date)
		r->date_ns = q->date_ns;
	else if (about->has_date)
		r->date_ns = about->date_ns;
	else if (q->origin.has_mtime)
		r->date_ns = q->origin.mtime_ns;
	else {
		r->date_ns = when_now();
		r->dated = false;
	}
}

static int
check_order(const struct record *r, struct err *err)
{
	const struct snapshot_row *was = recorder_previous(r->recorder);
	char date[WHEN_TEXT], newest[WHEN_TEXT];

	if (!r->request->in_order || !r->dated || was == NULL ||
	    r->date_ns > was->date_ns)
		return 0;
	if (r->date_ns / NS_PER_S < was->date_ns / NS_PER_S)
		return err_set(err, ERR_REFUSED,
		    "is of %s, older than the newest snapshot of %s, of %s",
		    when_text(r->date_ns, date), r->request->series,
		    when_text(was->date_ns, newest));
	/* Once more, perhaps with --trust-image or a part that was missing. */
	return was->complete ?
	    err_set(err, ERR_REFUSED, "%s has a snapshot of %s already",
		r->request->series, when_text(r->date_ns, date)) :
	    0;
}

static int
open_recorder(struct record *r, struct err *err)
{
	const struct record_request *q = r->request;
	const struct lookback_about *about = source_about(r->source);
	/* All of it, without mounts: what is absent is gone. */
	const struct scope all = { .root = (char[]){ "/" } };
	struct record_head head = {
		.series = q->series,
		.scope = &all,
		.fields = (uint8_t)(q->names_only ? about->fields & ENTRY_TYPE :
						    about->fields),
		.clock_ns = r->date_ns,
		.date_ns = r->date_ns,
		.additive = q->additive || about->additive,
	};
	struct uri uri = q->origin;
	struct buf origin = { 0 };
	int rc;

	/* Who looks for a file should know. */
	uri.additive = head.additive;
	if (uri_format(&uri, &origin) != 0)
		return err_nomem(err);
	head.origin = buf_str(&origin);
	rc = recorder_begin(&r->recorder, q->store, &head, err);
	buf_done(&origin);
	if (rc != 0)
		return err_wrap(err, "store %s", store_dir(q->store));
	return check_order(r, err);
}

static int
open_sort(struct record *r, struct err *err)
{
	struct buf tmpdir = { 0 };
	int rc;

	if (source_about(r->source)->ordered)
		return 0;
	if (buf_printf(&tmpdir, "%s/tmp", store_dir(r->request->store)) != 0)
		return err_nomem(err);
	rc = itemsort_open(&r->sort, buf_str(&tmpdir), ITEMSORT_MEMORY, err);
	buf_done(&tmpdir);
	return rc;
}

static int
attach(const struct record_request *q, struct source **ret, struct err *err)
{
	struct source_options options = q->source;

	options.uri = &q->origin;
	return source_open(ret, &options, err);
}

static int
open_all(struct record *r, struct err *err)
{
	const struct record_request *q = r->request;
	int rc;

	if ((rc = series_lock_take(
		 &r->lock, q->store, q->series, "lindex", 0, err)) != 0 ||
	    (r->source == NULL && (rc = attach(q, &r->source, err)) != 0))
		return rc;
	settle_date(r);
	if ((rc = open_recorder(r, err)) != 0)
		return rc;
	r->feed = (struct feed){ .recorder = r->recorder,
		.told = &r->told,
		.names_only = q->names_only,
		.verbose = q->verbose };
	return open_sort(r, err);
}

/* ---- items ---- */

static int
check_stopped(const struct record *r, struct err *err)
{
	volatile const int *stop = r->request->source.stop;

	if (stop == NULL || *stop == 0)
		return 0;
	return err_set(err, ERR_CANCELLED, "stopped");
}

static int
add_to_sort(struct record *r, const struct source_item *item, struct err *err)
{
	struct itemsort_item to = { .path = item->path,
		.len = item->len,
		.kind = (uint8_t)item->kind };

	buf_clear(&r->data);
	if (item_encode(&r->data, item) != 0)
		return err_nomem(err);
	to.data = r->data.data;
	to.size = r->data.len;
	return itemsort_add(r->sort, &to, err);
}

static int
take_item(struct record *r, const struct source_item *item, struct err *err)
{
	r->told.entries += item->kind == LOOKBACK_ENTRY;
	if (r->told.entries % LOOK_EACH == 0)
		scan_tell_progress(
		    &r->told, r->request->part, item->path, item->len);
	return r->sort != NULL ? add_to_sort(r, item, err) :
				 feed_item(&r->feed, item, err);
}

/* The source ended before its end. What came is true, and what did not come
 * may be there all the same. */
static int
end_early(struct record *r, const struct err *why, struct err *err)
{
	char text[sizeof(why->cause) + sizeof(why->where)];
	const struct source_item rest = { .kind = LOOKBACK_UNREAD,
		.path = "/",
		.len = 1,
		.error = why->sys,
		.why = err_text(why, text, sizeof(text)) };

	log_warn("%s: %s; recorded as far as it came", r->origin, text);
	if (r->sort != NULL)
		return add_to_sort(r, &rest, err);
	if (scan_note_unread(&r->told, "/", 1, rest.error, rest.why) != 0)
		return err_nomem(err);
	return recorder_cut(r->recorder, rest.error, err);
}

static int
take_all(struct record *r, struct err *err)
{
	struct source_item item;
	struct err why = ERR_INIT;
	int rc;

	while ((rc = source_next(r->source, &item, &why)) == 0)
		if ((rc = take_item(r, &item, err)) != 0)
			return rc;
	if (rc == 1)
		return 0;
	if (rc != ERR_CANCELLED && rc != ERR_NOMEM && r->told.entries > 0)
		return end_early(r, &why, err);
	*err = why;
	return rc;
}

static int
feed_sorted(struct record *r, struct err *err)
{
	struct itemsort_item from;
	struct source_item item;
	int rc;

	for (uint64_t n = 0; (rc = itemsort_next(r->sort, &from, err)) == 0;
	     n++) {
		item_decode(&item, &from);
		if ((rc = feed_item(&r->feed, &item, err)) != 0 ||
		    (n % LOOK_EACH == 0 && (rc = check_stopped(r, err)) != 0))
			return rc;
	}
	return rc < 0 ? rc : 0;
}

static int
work(struct record *r, struct record_result *ret, struct err *err)
{
	const char *part = r->request->part;
	int rc;

	progress("%s%s", part != NULL ? part : "", r->origin);
	if ((rc = open_all(r, err)) == 0 && (rc = take_all(r, err)) == 0 &&
	    r->sort != NULL)
		rc = feed_sorted(r, err);
	progress_end();
	if (rc != 0 || (rc = check_stopped(r, err)) != 0)
		return rc;
	return recorder_finish(r->recorder, ret, err);
}

/* ---- the end ---- */

static void
tell(const struct record *r, const struct record_result *result)
{
	const struct record_request *q = r->request;
	char is[WHEN_TEXT], becomes[WHEN_TEXT];

	if (result->clock_back)
		log_warn("%s is of %s, no newer than the last snapshot of %s; "
			 "this one is dated %s",
		    r->origin, when_rfc3339(r->date_ns, is), q->series,
		    when_rfc3339(result->date_ns, becomes));
	if (r->feed.upwards > 0)
		log_warn("%s: %" PRIu64 " names with \"..\" in them, which "
			 "lget will not write",
		    r->origin, r->feed.upwards);
	scan_tell_result(&r->told, r->origin, q->series, result,
	    q->verbose || q->told || !result->complete);
}

int
record_attach(struct record_request *request, struct err *err)
{
	char text[ORIGIN_TEXT];

	if (attach(request, &request->attached, err) == 0)
		return 0;
	return err_wrap(err, "%s", origin_text(&request->origin, text));
}

int
record_source(const struct record_request *request, struct record_result *ret,
    struct err *err)
{
	struct record r = { .request = request, .source = request->attached };
	int rc;

	(void)origin_text(&request->origin, r.origin);
	scan_told_begin(&r.told);
	if ((rc = work(&r, ret, err)) == 0)
		tell(&r, ret);
	else
		(void)err_wrap(err, "%s", r.origin);
	record_done(&r);
	return rc;
}
