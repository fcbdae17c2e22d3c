/*
 * What is said of the files, on stderr; what would be done, on stdout.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/haul_private.h"

#include <stdio.h>

#include "base/log.h"
#include "base/text.h"
#include "base/when.h"

/* Places that are told of a file that cannot be had. */
#define TOLD 5

static const char *
place_text(const struct haul *h, const struct place *p, struct buf *space)
{
	buf_clear(space);
	(void)reach_words(h->setup.reach, p, space);
	return buf_str(space);
}

void
tell_failure(const struct haul *h, const struct item *it, const char *what)
{
	struct buf from = { 0 };

	log_warn("%s:%s: from %s: %s", it->series->name, it->path,
	    place_text(h, &it->place, &from), what);
	buf_done(&from);
}

void
tell_passed(const struct haul *h, const struct item *it, const struct place *p,
    const char *why)
{
	struct buf from = { 0 };

	if (!h->setup.options->quiet)
		log_note("%s:%s: not from %s: %s", it->series->name, it->path,
		    place_text(h, p, &from), why);
	buf_done(&from);
}

int
tell_missing(const struct haul *h, const struct item *it,
    const struct wanted *w, const struct place *list, size_t n, struct err *err)
{
	struct buf from = { 0 };
	char date[WHEN_TEXT];
	int rc = 0;

	log_error("%s:%s: nothing within reach holds it; it was last seen %s",
	    it->series->name, it->path, when_text(w->last->date_ns, date));
	for (size_t i = 0; i < n && i < TOLD; i++) {
		enum reach_answer answer;
		const char *why;

		rc = reach_check(
		    h->setup.reach, &list[i], &it->entry, &answer, &why, err);
		if (rc != 0)
			break;
		log_note("  %s, %s, %s: %s", list[i].series->name,
		    when_text(list[i].snap->date_ns, date),
		    place_text(h, &list[i], &from),
		    answer == REACH_YES ? "it was tried, see above" : why);
	}
	if (n > TOLD)
		log_note("  and %zu more places", n - TOLD);
	buf_done(&from);
	return rc;
}

/* "as /p1/etc/fstab", where that is not its own path. */
static const char *
as_text(const struct item *it, struct buf *space)
{
	const struct place *p = &it->place;

	buf_clear(space);
	if (p->origin->kind != PLACE_LIVE && p->origin->kind != PLACE_FILES &&
	    (p->len != it->len || memcmp(p->path, it->path, it->len) != 0))
		(void)buf_printf(space, ", where it is %s", p->path);
	return buf_str(space);
}

static int
print_plan(const struct haul *h, const struct item *it, const char *from,
    const char *as, struct err *err)
{
	struct buf line = { 0 }, out = { 0 };
	int rc = -1;

	if (buf_printf(&line, "%s:%s: from %s%s", it->series->name, it->path,
		from, as) == 0 &&
	    (h->setup.target->nameless ||
		buf_printf(
		    &line, " to %s/%s", h->setup.target->name, it->rel) == 0) &&
	    text_tame(&out, (const char *)line.data, line.len) == 0)
		rc = puts(buf_str(&out));
	buf_done(&line);
	buf_done(&out);
	return rc < 0 ? err_nomem(err) : 0;
}

int
tell_taken(
    const struct haul *h, struct item *const *item, size_t n, struct err *err)
{
	const struct request *o = h->setup.options;
	struct buf from = { 0 }, as = { 0 };
	size_t below = 0;
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		const struct item *it = item[i];
		const char *text = place_text(h, &it->place, &from);

		if (o->dry_run)
			rc = print_plan(h, it, text, as_text(it, &as), err);
		else if (it->top || o->verbose) {
			if (!o->quiet)
				log_note("%s:%s: from %s%s", it->series->name,
				    it->path, text, as_text(it, &as));
		} else
			below++;
	}
	if (below > 0 && !o->quiet) {
		struct place whole = item[0]->place;

		/* Of live files the directory, not the first of them. */
		if (whole.origin->kind == PLACE_LIVE ||
		    whole.origin->kind == PLACE_FILES) {
			whole.path = "/";
			whole.len = whole.origin->kind == PLACE_LIVE;
		}
		log_note("%s: %zu %s from %s", item[0]->series->name, below,
		    below == 1 ? "file" : "files",
		    place_text(h, &whole, &from));
	}
	buf_done(&from);
	buf_done(&as);
	return rc;
}
