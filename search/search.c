/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/search.h"

#include "base/log.h"
#include "search/hint.h"
#include "search/print.h"

struct search {
	const struct options *options;
	struct store *store;
	struct view *view;
	struct query query;
	struct hits *hits;
	struct where *where; /* NULL without --where */
	struct printer printer;
	struct summary summary;
};

static void
search_done(struct search *s)
{
	summary_done(&s->summary);
	printer_done(&s->printer);
	where_free(s->where);
	hits_free(s->hits);
	query_done(&s->query);
	view_close(s->view);
	store_close(s->store);
}

static int
search_open(struct search *s, struct err *err)
{
	const struct options *o = s->options;
	const char *dir = o->store;
	int rc;

	if (dir == NULL)
		dir = store_is_there(STORE_CENTRAL) ? STORE_CENTRAL :
						      STORE_LOCAL;
	if ((rc = query_init(&s->query, o->patterns, o->n_patterns, &o->pattern,
		 err)) != 0 ||
	    (rc = store_open(&s->store, dir, STORE_READ, err)) != 0)
		return rc;
	if ((rc = view_open(&s->view, s->store, err)) != 0)
		return err_wrap(err, "store %s", dir);
	if ((rc = hits_new(&s->hits, s->store, s->view, &s->query,
		 &o->selection, err)) != 0)
		return rc;
	if (o->where &&
	    (rc = where_new(&s->where, s->store, s->view, err)) != 0)
		return rc;
	rc = printer_init(&s->printer, o, &s->view->cat, err);
	s->printer.where = s->where;
	return rc;
}

static int
search_hits(struct search *s, struct err *err)
{
	const struct options *o = s->options;
	struct hit hit;
	int rc;

	while ((rc = hits_next(s->hits, &hit, err)) == 0) {
		if ((rc = printer_hit(&s->printer, &hit, err)) != 0)
			return rc;
		if (++s->summary.hits == (uint64_t)o->limit) {
			s->summary.limited = true;
			return 0;
		}
	}
	return rc < 0 ? rc : 0;
}

/* What was not searched, on stderr. */
static int
tell(struct search *s, int64_t now, struct err *err)
{
	const struct summary *sum = &s->summary;
	const char *gave_up = hits_gave_up(s->hits);
	char age[WHEN_TEXT];

	for (size_t i = 0; i < sum->n_skipped; i++) {
		struct err what = *sum->skipped[i].err;

		(void)err_wrap(&what, "store %s", store_dir(s->store));
		log_err(&what);
	}
	for (size_t i = 0; i < sum->n_stale; i++)
		log_warn("%s: the last snapshot is %s old",
		    sum->stale[i].series,
		    when_age(now - sum->stale[i].last_ns, age));
	if (gave_up != NULL)
		log_warn("%s: its lists of what could not be read are very "
			 "long and were not gone through for each hit: some "
			 "were last seen later than is said",
		    gave_up);
	if (sum->hits > 0)
		return 0;
	return hint_pruned(s->store, &s->view->cat, s->hits, &s->query, err);
}

static int
search_end(
    struct search *s, int64_t now, enum lsearch_status *ret, struct err *err)
{
	const struct options *o = s->options;
	struct summary *sum = &s->summary;
	bool complete;
	int rc;

	if ((rc = summary_count(sum, s->view, s->hits, err)) != 0)
		return rc;
	if ((o->strict || o->has_max_age) &&
	    (rc = summary_stale(
		 sum, s->view, s->hits, now - o->max_age_ns, err)) != 0)
		return rc;
	complete = sum->n_skipped == 0 && (!o->strict || sum->n_stale == 0);
	if (!o->quiet && (rc = tell(s, now, err)) != 0)
		return rc;
	if (o->count && (rc = printer_count(&s->printer, sum->hits, err)) != 0)
		return rc;
	if (o->jsonl &&
	    (rc = printer_summary(&s->printer, sum, complete, err)) != 0)
		return rc;
	if ((rc = printer_flush(&s->printer, err)) != 0)
		return rc;
	*ret = !complete  ? LSEARCH_PARTLY :
	    sum->hits > 0 ? LSEARCH_FOUND :
			    LSEARCH_NOTHING;
	return 0;
}

enum lsearch_status
search_run(const struct options *options, int64_t now)
{
	struct err err = ERR_INIT, ignored = ERR_INIT;
	struct search s = { .options = options };
	enum lsearch_status status = LSEARCH_ERROR;

	if (search_open(&s, &err) != 0 || search_hits(&s, &err) != 0 ||
	    search_end(&s, now, &status, &err) != 0) {
		/* What was found stands, whatever came then. */
		(void)printer_flush(&s.printer, &ignored);
		log_err(&err);
		status = LSEARCH_ERROR;
	}
	search_done(&s);
	return status;
}
