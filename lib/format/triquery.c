/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/triquery.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"

void
triquery_done(struct triquery *q)
{
	for (size_t i = 0; i < q->n; i++)
		triquery_done(&q->child[i]);
	free(q->child);
	*q = (struct triquery){ .kind = TRIQ_ALL };
}

static int
trigram_cmp(const void *a, const void *b)
{
	const struct triquery *x = a, *y = b;

	return (x->lo > y->lo) - (x->lo < y->lo);
}

static struct triquery
trigram_of(const char *p)
{
	uint32_t t = 0;

	for (int i = 0; i < 3; i++)
		t = t << 8 | trigram_fold((uint8_t)p[i]);
	return (struct triquery){ .kind = TRIQ_RANGE, .lo = t, .hi = t };
}

int
triquery_literal(struct triquery *ret, const char *s, size_t len)
{
	struct triquery *t;
	size_t n = 0;

	if (len < 2 || (len == 2 && s[1] == '\0')) {
		/* A byte and the end have every byte before them: no range. */
		*ret = (struct triquery){ .kind = TRIQ_ALL };
		return 0;
	}
	if (len == 2) {
		uint32_t lo = (uint32_t)trigram_fold((uint8_t)s[0]) << 16 |
		    (uint32_t)trigram_fold((uint8_t)s[1]) << 8;

		*ret = (struct triquery){
			.kind = TRIQ_RANGE, .lo = lo, .hi = lo | 0xff
		};
		return 0;
	}
	if (len == 3) {
		*ret = trigram_of(s);
		return 0;
	}
	if ((t = calloc(len - 2, sizeof(*t))) == NULL)
		return -1;
	for (size_t i = 0; i + 2 < len; i++)
		t[i] = trigram_of(s + i);
	qsort(t, len - 2, sizeof(*t), trigram_cmp);
	for (size_t i = 0; i < len - 2; i++)
		if (n == 0 || t[i].lo != t[n - 1].lo)
			t[n++] = t[i];
	*ret = (struct triquery){ .kind = TRIQ_AND, .child = t, .n = n };
	return 0;
}

/* Append one child; *to is of kind AND or OR. */
static int
child_add(struct triquery *to, const struct triquery *q)
{
	struct triquery *child;

	child = reallocarray(to->child, to->n + 1, sizeof(*child));
	if (child == NULL)
		return -1;
	to->child = child;
	child[to->n++] = *q;
	return 0;
}

/* Make *to a node of this kind, with what it was as its child. */
static int
node_of(struct triquery *to, enum triq_kind kind)
{
	struct triquery node = { .kind = kind };

	if (to->kind == kind)
		return 0;
	if (child_add(&node, to) != 0)
		return -1;
	*to = node;
	return 0;
}

static bool
is_false(const struct triquery *q)
{
	return q->kind == TRIQ_OR && q->n == 0;
}

int
triquery_join(struct triquery *to, enum triq_kind kind, struct triquery *q)
{
	const struct triquery all = { .kind = TRIQ_ALL };
	bool and = kind == TRIQ_AND;

	/* What wins over everything, and what says nothing. */
	if (and? is_false(to) || q->kind == TRIQ_ALL :
		 is_false(q) || to->kind == TRIQ_ALL) {
		triquery_done(q);
		return 0;
	}
	if (and? is_false(q) || to->kind == TRIQ_ALL :
		 is_false(to) || q->kind == TRIQ_ALL) {
		triquery_done(to);
		*to = *q;
		*q = all;
		return 0;
	}
	if (node_of(to, kind) != 0)
		goto fail;
	if (q->kind == kind) {
		struct triquery *child = reallocarray(
		    to->child, to->n + q->n, sizeof(*child));

		if (child == NULL)
			goto fail;
		memcpy(child + to->n, q->child, q->n * sizeof(*child));
		to->child = child;
		to->n += q->n;
		free(q->child);
	} else if (child_add(to, q) != 0)
		goto fail;
	*q = all;
	return 0;
fail:
	triquery_done(q);
	return -1;
}

/* How common it is, by a guess; what is not one trigram comes later. */
static unsigned
rank_of(const struct triquery *q)
{
	unsigned rank = 0;

	if (q->kind != TRIQ_RANGE)
		return 2000;
	for (int shift = 0; shift < 24; shift += 8)
		rank += path_byte_rank((uint8_t)(q->lo >> shift));
	return q->lo == q->hi ? rank : 1000 + rank;
}

static int
rank_cmp(const void *a, const void *b)
{
	unsigned x = rank_of(a), y = rank_of(b);

	return (x > y) - (x < y);
}

void
triquery_order(struct triquery *q)
{
	for (size_t i = 0; i < q->n; i++)
		triquery_order(&q->child[i]);
	if (q->kind == TRIQ_AND)
		qsort(q->child, q->n, sizeof(*q->child), rank_cmp);
}
