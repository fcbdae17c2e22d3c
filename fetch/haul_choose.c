/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/haul_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/path.h"

int
item_tried(struct item *it, const struct place *p, struct err *err)
{
	uint32_t *more = reallocarray(
	    it->tried, it->n_tried + 1, sizeof(*more));

	if (more == NULL)
		return err_nomem(err);
	it->tried = more;
	more[it->n_tried++] = p->snap->id;
	return 0;
}

static bool
was_tried(const struct item *it, const struct place *p)
{
	for (size_t i = 0; i < it->n_tried; i++)
		if (it->tried[i] == p->snap->id)
			return true;
	return false;
}

static int
take_place(struct item *it, const struct place *p, struct err *err)
{
	char *there = strndup(p->path, p->len);

	if (there == NULL)
		return err_nomem(err);
	free(it->there);
	it->there = there;
	it->place = *p;
	it->place.path = there;
	return 0;
}

/* Whether it is worth a line that a place is passed over: once for a source. */
static bool
is_news(const struct haul *h, const struct item *it, const struct place *p,
    enum reach_answer answer)
{
	if (h->setup.options->verbose)
		return true;
	switch (answer) {
	case REACH_YES:
	case REACH_NEVER:
		return false;
	case REACH_CHANGED:
		return it->top;
	case REACH_NO_MORE:
		return reach_is_news(h->setup.reach, p);
	}
	return false;
}

/* 0; 1: no place is left, which was told. */
static int
choose(struct haul *h, struct item *it, struct err *err)
{
	const struct place *list;
	struct wanted w;
	size_t n;
	int rc;

	rc = places_find(h->setup.places, it->series, it->path, it->len,
	    &it->moment, &w, err);
	if (rc == 0)
		rc = places_list(h->setup.places, &w, &list, &n, err);
	if (rc != 0)
		return rc;
	for (size_t i = 0; i < n; i++) {
		enum reach_answer answer;
		const char *why;

		if (was_tried(it, &list[i]))
			continue;
		rc = reach_check(
		    h->setup.reach, &list[i], &it->entry, &answer, &why, err);
		if (rc != 0)
			return rc;
		if (answer == REACH_YES)
			return take_place(it, &list[i], err);
		if (is_news(h, it, &list[i], answer))
			tell_passed(h, it, &list[i], why);
		if ((rc = item_tried(it, &list[i], err)) != 0)
			return rc;
	}
	rc = tell_missing(h, it, &w, list, n, err);
	return rc != 0 ? rc : 1;
}

int
item_there_cmp(const void *a, const void *b)
{
	const struct item *x = *(struct item *const *)a,
			  *y = *(struct item *const *)b;

	return path_cmp(x->there, x->place.len, y->there, y->place.len);
}

static int
order_cmp(const void *a, const void *b)
{
	const struct item *x = *(struct item *const *)a,
			  *y = *(struct item *const *)b;
	int c;

	if (x->place.snap->id != y->place.snap->id)
		return x->place.snap->id < y->place.snap->id ? -1 : 1;
	c = item_there_cmp(a, b);
	return c != 0 ? c : (x > y) - (x < y);
}

void
item_failed(struct item *it, struct outcome *o, bool wrong)
{
	it->state = ITEM_FAILED;
	if (!it->top)
		o->partly = true;
	else if (wrong)
		o->wrong = true;
	else
		o->missing = true;
}

/* Keep what differed, as it is the best that there is. */
static int
keep(struct haul *h, struct item *it, struct err *err)
{
	struct buf name = { 0 };
	int rc;

	if (it->kept[0] == '\0')
		return 0;
	rc = target_keep(h->setup.target, it->rel, it->kept, &name, err);
	if (rc == 0) {
		it->kept[0] = '\0';
		log_note("  what came of it is kept as %s/%s",
		    h->setup.target->name, buf_str(&name));
	}
	buf_done(&name);
	return rc;
}

int
haul_choose(struct haul *h, size_t *ret_n, struct outcome *o, struct err *err)
{
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < h->n; i++) {
		struct item *it = &h->item[i];

		if (it->state == ITEM_REFUSED)
			item_failed(it, o, true);
		if (it->state != ITEM_WANTED)
			continue;
		if (*h->setup.stop != 0)
			return err_set(err, ERR_CANCELLED, "stopped");
		if ((rc = choose(h, it, err)) < 0)
			return rc;
		if (rc == 0) {
			h->order[n++] = it;
			continue;
		}
		item_failed(it, o, false);
		if ((rc = keep(h, it, err)) != 0)
			return rc;
	}
	if (n > 1)
		qsort(h->order, n, sizeof(struct item *), order_cmp);
	*ret_n = n;
	return 0;
}
