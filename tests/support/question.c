/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/question.h"

#include <string.h>

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

void
question_draw(struct model *m, struct question *q)
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
