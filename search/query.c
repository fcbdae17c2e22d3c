/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/query.h"

#include <stdlib.h>

/* A formula is taken by whoever joins it: each pattern keeps its own. */
static int
triquery_copy(struct triquery *ret, const struct triquery *q)
{
	struct triquery copy = *q;

	copy.child = NULL;
	copy.n = 0;
	if (q->n > 0 &&
	    (copy.child = calloc(q->n, sizeof(*copy.child))) == NULL)
		return -1;
	for (; copy.n < q->n; copy.n++)
		if (triquery_copy(&copy.child[copy.n], &q->child[copy.n]) !=
		    0) {
			triquery_done(&copy);
			return -1;
		}
	*ret = copy;
	return 0;
}

int
query_init(struct query *ret, char *const *texts, size_t n,
    const struct pattern_options *options, struct err *err)
{
	struct query q = { 0 };
	int rc;

	if ((q.pattern = calloc(n, sizeof(struct pattern *))) == NULL)
		return err_nomem(err);
	for (; q.n < n; q.n++) {
		struct triquery needs;

		rc = pattern_new(&q.pattern[q.n], texts[q.n], options, err);
		if (rc != 0)
			goto fail;
		if (triquery_copy(&needs, pattern_needs(q.pattern[q.n])) != 0 ||
		    triquery_join(&q.needs, TRIQ_AND, &needs) != 0) {
			q.n++;
			rc = err_nomem(err);
			goto fail;
		}
	}
	triquery_order(&q.needs);
	*ret = q;
	return 0;
fail:
	query_done(&q);
	return rc;
}

void
query_done(struct query *q)
{
	for (size_t i = 0; i < q->n; i++)
		pattern_free(q->pattern[i]);
	free(q->pattern);
	triquery_done(&q->needs);
	*q = (struct query){ 0 };
}

int
query_matcher_init(
    struct query_matcher *ret, const struct query *q, struct err *err)
{
	struct query_matcher m = { 0 };
	int rc;

	if ((m.matcher = calloc(q->n, sizeof(struct matcher *))) == NULL)
		return err_nomem(err);
	for (; m.n < q->n; m.n++) {
		rc = matcher_new(&m.matcher[m.n], q->pattern[m.n], err);
		if (rc != 0) {
			query_matcher_done(&m);
			return rc;
		}
	}
	*ret = m;
	return 0;
}

void
query_matcher_done(struct query_matcher *m)
{
	for (size_t i = 0; i < m->n; i++)
		matcher_free(m->matcher[i]);
	free(m->matcher);
	*m = (struct query_matcher){ 0 };
}

size_t
query_next(struct query_matcher *m, const struct path_list *l, size_t from)
{
	size_t agreed = 0, k = 0;

	/* Round and round, until all stand at the same path. */
	while (agreed < m->n && from < l->n) {
		size_t at = matcher_next(m->matcher[k], l, from);

		agreed = at == from ? agreed + 1 : 1;
		from = at;
		k = (k + 1) % m->n;
	}
	return from;
}

bool
query_failed(const struct query_matcher *m)
{
	bool failed = false;

	for (size_t i = 0; i < m->n; i++)
		failed = failed || matcher_failed(m->matcher[i]);
	return failed;
}
