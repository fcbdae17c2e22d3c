/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/brute.h"

#include <fnmatch.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "tests/support/expect.h"

static bool
is_glob(const char *p)
{
	for (; *p != '\0'; p++) {
		if (*p == '\\')
			p++;
		else if (strchr("*?[", *p) != NULL)
			return true;
	}
	return false;
}

/* As a glob, whatever it is. */
static bool
locate_matches(const char *pattern, const char *subject, bool ignore_case)
{
	char glob[520];

	(void)snprintf(
	    glob, sizeof(glob), is_glob(pattern) ? "%s" : "*%s*", pattern);
	return fnmatch(glob, subject, ignore_case ? FNM_CASEFOLD : 0) == 0;
}

static bool
matches(const struct question *q, const struct model_path *p)
{
	const char *subject = p->text;

	if (q->how.basename)
		subject = strrchr(subject, '/') + 1;
	for (size_t i = 0; i < q->n; i++) {
		regex_t re;
		bool yes;

		if (q->how.syntax == PATTERN_LOCATE) {
			if (!locate_matches(
				q->text[i], subject, q->how.ignore_case))
				return false;
			continue;
		}
		expect(
		    regcomp(&re, q->text[i],
			REG_NOSUB | (q->how.ignore_case ? REG_ICASE : 0) |
			    (q->how.syntax == PATTERN_EXTENDED ? REG_EXTENDED :
								 0)) == 0);
		yes = regexec(&re, subject, 0, NULL, 0) == 0;
		regfree(&re);
		if (!yes)
			return false;
	}
	return true;
}

static bool
is_searched(const struct question *q, const char *series)
{
	char host[64];

	(void)snprintf(
	    host, sizeof(host), "%.*s", (int)strcspn(series, "/"), series);
	if (q->sel.n_hosts > 0 && fnmatch(q->globs[0], host, 0) != 0)
		return false;
	return q->sel.n_series == 0 || fnmatch(q->globs[1], series, 0) == 0;
}

/* The listings of one path that count, one after the other. */
struct past {
	const struct snapshot_row *row[MODEL_SNAPS];
	const struct model_state *state[MODEL_SNAPS];
	size_t n;
};

/* Of a path that was not there in the kept snapshot before, and that is unseen
 * since before any kept one saw it, the rule of kept snapshots leaves nothing.
 */
static bool
is_forgotten(const struct model_series *s, const struct model_state *st,
    const struct past *before)
{
	if (st->kind != EVENT_UNSEEN ||
	    (before->n > 0 && before->state[before->n - 1]->kind != EVENT_GONE))
		return false;
	for (size_t k = st->put; k < st->unseen; k++)
		if (s->snap[k].kept)
			return false;
	return true;
}

static void
past_of(struct past *past, const struct question *q, const struct catalog *cat,
    const struct model_series *s, size_t path)
{
	static const struct model_state gone = { .kind = EVENT_GONE };

	past->n = 0;
	for (size_t i = 0; i < s->n; i++) {
		const struct snapshot_row *row = NULL;

		if (!s->snap[i].kept)
			continue;
		for (size_t k = 0; k < cat->n_snaps; k++)
			if (cat->snaps[k].id == s->snap[i].id)
				row = &cat->snaps[k];
		expect(row != NULL);
		if (q->sel.has_at && row->date_ns > q->sel.at_ns)
			break;
		past->row[past->n] = row;
		past->state[past->n] = &s->snap[i].state[path];
		if (is_forgotten(s, &s->snap[i].state[path], past))
			past->state[past->n] = &gone;
		past->n++;
	}
}

/* What was known of a file after one more look. */
static void
learn(struct entry *known, const struct entry *e)
{
	struct entry both = *e;

	/* The model's entries observe everything, the type alone or nothing. */
	if ((known->fields & ~e->fields) != 0)
		both = *known;
	*known = both;
}

void
brute_add_version(
    struct buf *to, const struct entry *e, int64_t from, int64_t until)
{
	(void)buf_printf(to, " [%lld,%lld %c %x %llu %lld %.*s]",
	    (long long)from, (long long)until,
	    e->fields & ENTRY_TYPE ? e->type : '-', e->fields,
	    (unsigned long long)e->size, (long long)e->mtime,
	    (int)e->target_len, e->target_len > 0 ? e->target : "");
}

static bool
was_looked_at(struct store *store, const struct snapshot_row *row,
    const struct model_path *p)
{
	struct unread_list list;
	struct err err = ERR_INIT;
	bool looked = true;

	expect(snapshot_unread(&list, store, row, &err) == 0);
	for (size_t i = 0; i < list.n; i++) {
		const struct unread *u = &list.item[i];

		if (path_below(p->text, p->len, u->path, u->len) ||
		    (!u->below && strcmp(u->path, p->text) == 0))
			looked = false;
	}
	unread_list_done(&list);
	return looked;
}

/* The line of one path and series, or none. */
static void
brute_line(struct buf *to, const struct question *q, struct store *store,
    const struct past *past, const char *series, const struct model_path *p)
{
	const struct window *w = &q->sel.window;
	struct buf versions = { 0 };
	uint8_t state = EVENT_GONE;
	int64_t since = 0, first = -1, last = -1;
	size_t n = 0;

	for (size_t i = 0; i < past->n; i++)
		if (past->state[i]->kind != state) {
			state = past->state[i]->kind;
			since = past->row[i]->date_ns;
		}
	for (size_t i = 0; i < past->n;) {
		struct entry known = past->state[i]->entry;
		int64_t from = past->row[i]->date_ns, until = INT64_MAX, seen;

		if (past->state[i]->kind != EVENT_PUT) {
			i++;
			continue;
		}
		seen = from;
		for (i++; i < past->n; i++) {
			if (past->state[i]->kind != EVENT_PUT ||
			    !entry_agrees(&known, &past->state[i]->entry)) {
				until = past->row[i]->date_ns;
				break;
			}
			learn(&known, &past->state[i]->entry);
			if (was_looked_at(store, past->row[i], p))
				seen = past->row[i]->date_ns;
		}
		if (from > w->until_ns || until <= w->since_ns)
			continue;
		if (n++ == 0)
			first = from;
		last = seen;
		brute_add_version(&versions, &known, from, until);
	}
	if (n > 0 &&
	    (q->sel.states == HITS_EXISTING	  ? state == EVENT_PUT :
		    q->sel.states == HITS_DELETED ? state == EVENT_GONE :
						    !q->sel.has_at ||
			state != EVENT_GONE))
		(void)buf_printf(to, "%s:%s %d since %lld %lld..%lld%s\n",
		    series, p->text, state, (long long)since, (long long)first,
		    (long long)last, buf_str(&versions));
	buf_done(&versions);
}

void
brute_search(struct buf *to, const struct model *m, const struct question *q,
    struct store *store, const struct catalog *cat)
{
	struct past past;

	for (size_t i = 0; i < m->n_paths; i++) {
		if (!matches(q, &m->path[i]))
			continue;
		/* Their names rise. */
		for (size_t k = 0; k < MODEL_SERIES; k++) {
			const struct model_series *s = &m->series[k];

			if (!is_searched(q, s->name))
				continue;
			past_of(&past, q, cat, s, i);
			brute_line(to, q, store, &past, s->name, &m->path[i]);
		}
	}
}
