/*
 * Searches against brute force: random histories in a store and in plain
 * memory, random patterns and times, and every line of the one is a line of
 * the other, for every path of every listing. `search_test FIRST COUNT` runs
 * other seeds than the usual ones.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <fnmatch.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/path.h"
#include "search/hits.h"
#include "store/maintain.h"
#include "tests/support/expect.h"
#include "tests/support/model.h"
#include "tests/support/scratch.h"

static uint64_t first_seed = 1, n_seeds = 10;

/* ---- what is asked ---- */

#define PATTERNS_MAX 2

struct question {
	char text[PATTERNS_MAX][512];
	char *patterns[PATTERNS_MAX];
	size_t n;
	struct pattern_options how;
	struct selection sel;
	const char *globs[2];
};

/* Some bytes of some path; often they begin or end inside a character. */
static const char *
piece(struct model *m, bool basename, size_t *ret_len, bool *ret_first,
    bool *ret_last)
{
	const struct model_path *p =
	    &m->path[dice_below(&m->dice, (uint32_t)m->n_paths)];
	size_t from = 0, to = p->len;

	if (basename)
		from = (size_t)((char *)memrchr(p->text, '/', p->len) -
			   p->text) +
		    1;
	*ret_first = true;
	*ret_last = true;
	if (!dice_one_in(&m->dice, 4)) {
		size_t len = to - from;

		from += dice_below(&m->dice, (uint32_t)len + 1);
		*ret_first = len == to - from;
	}
	if (!dice_one_in(&m->dice, 3)) {
		size_t len = to - from;

		to = from +
		    dice_below(&m->dice, len < 8 ? (uint32_t)len + 1 : 8);
		*ret_last = len == to - from;
	}
	if (to - from > 40)
		to = from + 40;
	*ret_last = *ret_last && to == p->len;
	*ret_len = to - from;
	return p->text + from;
}

static void
add(char **to, const char *text)
{
	size_t len = strlen(text);

	memcpy(*to, text, len);
	*to += len;
}

static void
locate_pattern(struct model *m, char *to, const struct pattern_options *how)
{
	size_t len;
	bool first, last;
	const char *p = piece(m, how->basename, &len, &first, &last);
	bool glob = dice_one_in(&m->dice, 2);

	if (glob && !(first && dice_one_in(&m->dice, 2)))
		*to++ = '*';
	for (size_t i = 0; i < len; i++) {
		if (glob && dice_one_in(&m->dice, 6))
			*to++ = "*?"[dice_below(&m->dice, 2)];
		else if (glob && dice_one_in(&m->dice, 10))
			add(&to, "[!b]");
		else {
			if (strchr("*?[\\", p[i]) != NULL)
				*to++ = '\\';
			*to++ = p[i];
		}
	}
	if (glob && !(last && dice_one_in(&m->dice, 2)))
		*to++ = '*';
	*to = '\0';
}

static void
regex_pattern(struct model *m, char *to, const struct pattern_options *how)
{
	size_t len;
	bool first, last;
	const char *p = piece(m, how->basename, &len, &first, &last);
	bool ere = how->syntax == PATTERN_EXTENDED;

	if (first && dice_one_in(&m->dice, 2))
		*to++ = '^';
	for (size_t i = 0; i < len; i++) {
		static const char *const other[] = { ".", ".*", "[a-z]", "[^0]",
			"[[:alnum:]]", "x*", "[-.!A0-9]" };

		if (dice_one_in(&m->dice, 5))
			add(&to, other[dice_below(&m->dice, 7)]);
		else {
			/* Alphanumeric ones mean something when escaped. */
			if (strchr(ere ? ".[]\\*+?(){}|^$" : ".[]\\*^$",
				p[i]) != NULL)
				*to++ = '\\';
			*to++ = p[i];
			if (dice_one_in(&m->dice, 12))
				add(&to, ere ? "{1,2}" : "\\{1,2\\}");
			else if (dice_one_in(&m->dice, 12))
				add(&to, ere ? "|zz" : "\\|zz");
		}
	}
	if (last && dice_one_in(&m->dice, 2))
		*to++ = '$';
	*to = '\0';
}

static void
draw_selection(struct model *m, struct question *q)
{
	static const char *const hosts[] = { "host0", "host*", "*1", "host?" };
	struct selection *sel = &q->sel;
	struct dice *d = &m->dice;

	sel->window = (struct window){ INT64_MIN, INT64_MAX };
	sel->states = (enum hit_states)(
	    dice_one_in(d, 2) ? dice_below(d, 3) : 0);
	/* The model's snapshots are dated 1 ns, 2 ns, 3 ns ... */
	if (dice_one_in(d, 3)) {
		sel->has_at = true;
		sel->at_ns = dice_below(d, 20);
	} else if (dice_one_in(d, 2)) {
		if (dice_one_in(d, 2))
			sel->window.since_ns = dice_below(d, 20);
		if (dice_one_in(d, 2))
			sel->window.until_ns = dice_below(d, 20);
	}
	if (dice_one_in(d, 3)) {
		q->globs[0] = hosts[dice_below(d, 4)];
		sel->hosts = &q->globs[0];
		sel->n_hosts = 1;
	}
	if (dice_one_in(d, 5)) {
		q->globs[1] = dice_one_in(d, 2) ? "*/import" : "host[01]";
		sel->series = &q->globs[1];
		sel->n_series = 1;
	}
}

static void
draw_question(struct model *m, struct question *q)
{
	*q = (struct question){ 0 };
	q->how.ignore_case = dice_one_in(&m->dice, 3);
	q->how.basename = dice_one_in(&m->dice, 3);
	q->how.syntax = (enum pattern_syntax)dice_below(&m->dice, 3);
	q->n = dice_one_in(&m->dice, 4) ? 2 : 1;
	for (size_t i = 0; i < q->n; i++) {
		q->patterns[i] = q->text[i];
		do {
			if (q->how.syntax == PATTERN_LOCATE)
				locate_pattern(m, q->text[i], &q->how);
			else
				regex_pattern(m, q->text[i], &q->how);
		} while (q->text[i][0] == '\0');
	}
	draw_selection(m, q);
}

/* ---- brute force ---- */

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

	/* The model's entries observe everything or the type alone. */
	if ((known->fields & ~e->fields) != 0)
		both = *known;
	*known = both;
}

static void
add_version(struct buf *to, const struct entry *e, int64_t from, int64_t until)
{
	(void)buf_printf(to, " [%lld,%lld %c %x %llu %lld %.*s]",
	    (long long)from, (long long)until, e->type, e->fields,
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

	assert_int_equal(snapshot_unread(&list, store, row, &err), 0);
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
		add_version(&versions, &known, from, until);
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

static void
brute_search(struct buf *to, struct model *m, const struct question *q,
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

/* ---- ours ---- */

/* False when a glob fits nothing, which the store may not have yet. */
static bool
our_search(struct buf *to, const struct question *q, struct store *store,
    struct view *view)
{
	struct err err = ERR_INIT;
	struct query query;
	struct hits *hits;
	struct hit hit;
	int rc;

	if (query_init(&query, q->patterns, q->n, &q->how, &err) != 0)
		fail_msg("%s: %s", q->text[0], err.cause);
	rc = hits_new(&hits, store, view, &query, &q->sel, &err);
	if (rc == ERR_USAGE) {
		query_done(&query);
		return false;
	}
	assert_int_equal(rc, 0);
	while ((rc = hits_next(hits, &hit, &err)) == 0) {
		const struct life *life = &hit.life;

		(void)buf_printf(to, "%s:%.*s %d since %lld %lld..%lld",
		    hit.series->name, (int)hit.len, hit.path, life->state,
		    (long long)life->since->date_ns,
		    (long long)life->version[0].put->date_ns,
		    (long long)life->last->date_ns);
		for (size_t i = 0; i < life->n; i++) {
			const struct version *v = &life->version[i];

			add_version(to, &v->entry, v->put->date_ns,
			    v->end == NULL ? INT64_MAX : v->end->date_ns);
		}
		(void)buf_add_str(to, "\n");
	}
	assert_int_equal(rc, 1);
	for (size_t i = 0; i < view->cat.n_segments; i++)
		assert_null(hits_damage(hits, i));
	hits_free(hits);
	query_done(&query);
	return true;
}

/* Where the first difference is, with some of what stands before it. */
static size_t
first_difference(const char *a, const char *b)
{
	size_t i = 0;

	while (a[i] != '\0' && a[i] == b[i])
		i++;
	return i < 100 ? 0 : i - 100;
}

static size_t n_asked, n_found;

static void
ask(struct model *m, struct store *store, int times)
{
	struct err err = ERR_INIT;
	struct view *view;

	assert_int_equal(view_open(&view, store, &err), 0);
	for (int i = 0; i < times; i++) {
		struct buf want = { 0 }, got = { 0 };
		struct question q;
		size_t at;

		draw_question(m, &q);
		if (our_search(&got, &q, store, view)) {
			brute_search(&want, m, &q, store, &view->cat);
			n_asked++;
			n_found += want.len > 0;
			at = first_difference(buf_str(&got), buf_str(&want));
			if (strcmp(buf_str(&got), buf_str(&want)) != 0)
				fail_msg("%s%s%s%s%s, states %d, at %lld, "
					 "%lld..%lld: found\n...%.300s\n"
					 "instead of\n...%.300s",
				    q.text[0], q.n > 1 ? " and " : "",
				    q.n > 1 ? q.text[1] : "",
				    q.how.ignore_case ? " -i" : "",
				    q.how.basename ? " -b" : "",
				    (int)q.sel.states, (long long)q.sel.at_ns,
				    (long long)q.sel.window.since_ns,
				    (long long)q.sel.window.until_ns,
				    buf_str(&got) + at, buf_str(&want) + at);
		}
		buf_done(&want);
		buf_done(&got);
	}
	view_close(view);
}

/* ---- histories ---- */

static void
run_history(uint64_t seed, size_t n_paths, int n_steps, int questions)
{
	struct merge_result merged;
	struct scratch scratch;
	struct err err = ERR_INIT;
	struct store *store;
	struct model m;

	scratch_make(&scratch);
	assert_int_equal(store_open(&store, scratch_path(&scratch, "store"),
			     STORE_CREATE, &err),
	    0);
	model_init(&m, seed, n_paths);
	for (int i = 0; i < n_steps; i++) {
		struct model_series *s =
		    &m.series[dice_below(&m.dice, MODEL_SERIES)];

		switch (dice_below(&m.dice, 8)) {
		case 0:
			model_drop(&m, store);
			break;
		case 1:
			assert_int_equal(
			    store_merge(store,
				dice_one_in(&m.dice, 2) ? MERGE_ALL :
							  MERGE_TIERED,
				&merged, NULL, NULL, &err),
			    0);
			break;
		default:
			model_live(&m, s);
			model_record(&m, s, store);
		}
		ask(&m, store, questions);
	}
	model_done(&m);
	store_close(store);
	scratch_remove(&scratch);
}

static void
small_trees_with_long_histories(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < n_seeds; i++) {
		print_message(
		    "seed %llu\n", (unsigned long long)(first_seed + i));
		run_history(
		    first_seed + i, 2 + (first_seed + i) * 7 % 60, 40, 20);
	}
	/* Questions without answers prove little. */
	assert_true(n_found > n_asked / 4);
}

static void
trees_of_many_blocks(void **state)
{
	(void)state;
	print_message("seed %llu\n", (unsigned long long)first_seed);
	run_history(first_seed, 4000, 16, 20);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_trees_with_long_histories),
		cmocka_unit_test(trees_of_many_blocks),
	};

	if (argc > 2) {
		first_seed = strtoull(argv[1], NULL, 10);
		n_seeds = strtoull(argv[2], NULL, 10);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
