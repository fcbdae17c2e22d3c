/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/strings.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Bytes kept of how matches begin and end. */
#define EDGE 2

static int
string_cmp(const void *a, const void *b)
{
	const struct string *x = a, *y = b;
	size_t n = x->len < y->len ? x->len : y->len;
	int c = memcmp(x->byte, y->byte, n);

	return c != 0 ? c : x->len - y->len;
}

void
strings_order(struct strings *s)
{
	size_t n = 0;

	if (s->n == 0)
		return;
	qsort(s->item, s->n, sizeof(*s->item), string_cmp);
	for (size_t i = 0; i < s->n; i++)
		if (n == 0 || string_cmp(&s->item[n - 1], &s->item[i]) != 0)
			s->item[n++] = s->item[i];
	s->n = n;
}

int
strings_new(struct strings *s, size_t n)
{
	s->n = 0;
	return (s->item = calloc(n == 0 ? 1 : n, sizeof(*s->item))) == NULL ?
	    -1 :
	    0;
}

int
strings_empty(struct strings *s)
{
	if (strings_new(s, 1) != 0)
		return -1;
	s->n = 1;
	return 0;
}

static bool
ends(const struct string *s)
{
	return s->len > 0 && s->byte[s->len - 1] == '\0';
}

static struct string
string_cut(const struct string *s, enum edge keep)
{
	struct string cut = *s;

	if (keep == KEEP_ALL || s->len <= EDGE)
		return cut;
	cut = (struct string){ .len = EDGE };
	memcpy(
	    cut.byte, s->byte + (keep == KEEP_LAST ? s->len - EDGE : 0), EDGE);
	return cut;
}

int
strings_cut(struct strings *ret, const struct strings *s, enum edge keep)
{
	if (strings_new(ret, s->n) != 0)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		ret->item[ret->n++] = string_cut(&s->item[i], keep);
	strings_order(ret);
	return 0;
}

int
strings_cross(struct strings *ret, const struct strings *a,
    const struct strings *b, enum edge keep)
{
	size_t longest_a = 0, longest_b = 0;

	for (size_t i = 0; i < a->n; i++)
		if (a->item[i].len > longest_a)
			longest_a = a->item[i].len;
	for (size_t i = 0; i < b->n; i++)
		if (b->item[i].len > longest_b)
			longest_b = b->item[i].len;
	if (longest_a + longest_b > STRING_MAX || a->n * b->n > STRINGS_MAX)
		return 1;
	if (strings_new(ret, a->n * b->n) != 0)
		return -1;
	for (size_t i = 0; i < a->n; i++) {
		for (size_t k = 0; k < b->n; k++) {
			struct string s = a->item[i];
			const struct string *t = &b->item[k];

			if (!ends(&s)) {
				memcpy(s.byte + s.len, t->byte, t->len);
				s.len = (uint8_t)(s.len + t->len);
			} else if (t->len > 0 && t->byte[0] != '\0')
				continue;
			ret->item[ret->n++] = string_cut(&s, keep);
		}
	}
	strings_order(ret);
	return 0;
}

int
strings_union(struct strings *a, const struct strings *b)
{
	struct strings s;

	if (strings_new(&s, a->n + b->n) != 0)
		return -1;
	if (a->n > 0)
		memcpy(s.item, a->item, a->n * sizeof(*s.item));
	if (b->n > 0)
		memcpy(s.item + a->n, b->item, b->n * sizeof(*s.item));
	s.n = a->n + b->n;
	strings_order(&s);
	if (s.n > STRINGS_MAX) {
		s.item[0] = (struct string){ 0 };
		s.n = 1;
	}
	free(a->item);
	*a = s;
	return 0;
}

static int
range_cmp(const void *a, const void *b)
{
	const struct triquery *x = a, *y = b;

	return (x->lo > y->lo) - (x->lo < y->lo);
}

/* Neighbouring ranges among the children of an OR become one. */
static void
merge_ranges(struct triquery *q)
{
	size_t n = 0;

	for (size_t i = 0; i < q->n; i++)
		if (q->child[i].kind != TRIQ_RANGE)
			return;
	if (q->kind != TRIQ_OR || q->n == 0)
		return;
	qsort(q->child, q->n, sizeof(*q->child), range_cmp);
	for (size_t i = 1; i < q->n; i++) {
		struct triquery *to = &q->child[n];

		if (q->child[i].lo <= to->hi + 1) {
			if (q->child[i].hi > to->hi)
				to->hi = q->child[i].hi;
		} else
			q->child[++n] = q->child[i];
	}
	q->n = n + 1;
	if (q->n == 1) {
		struct triquery only = q->child[0];

		free(q->child);
		*q = only;
	}
}

int
strings_need(struct triquery *ret, const struct strings *s, size_t least)
{
	struct triquery q = { .kind = TRIQ_OR };

	for (size_t i = 0; i < s->n; i++) {
		struct triquery one = { .kind = TRIQ_ALL };

		if ((s->item[i].len >= least &&
			triquery_literal(
			    &one, s->item[i].byte, s->item[i].len) != 0) ||
		    triquery_join(&q, TRIQ_OR, &one) != 0) {
			triquery_done(&q);
			return -1;
		}
	}
	merge_ranges(&q);
	*ret = q;
	return 0;
}
