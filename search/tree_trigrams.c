/*
 * Required trigrams, in the manner of Russ Cox's codesearch: for each part of
 * an expression either all strings that it can match, while they are few and
 * short, or how its matches can begin and end; and a formula of what they hold.
 *
 * The end of the subject is a NUL: "\.gz$" is the one string ".gz\0". Nothing
 * but the end can follow an end, so that "a$b" has no strings at all.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/tree_needs.h"

#include <stdlib.h>
#include <string.h>

#include "search/strings.h"

/* Bytes of a class that are spelt out. */
#define CLASS_MAX 16

/* What is known of a part. Zeroed: it matches nothing. */
struct info {
	bool exact; /* `all` are all strings that it matches */
	struct strings all;
	struct strings first, last; /* else: how they begin and end; "" says
					   nothing */
	struct triquery need;	    /* else: what every match holds */
};

static void
info_done(struct info *i)
{
	free(i->all.item);
	free(i->first.item);
	free(i->last.item);
	triquery_done(&i->need);
	*i = (struct info){ 0 };
}

/* ANDs what the strings need to the formula. */
static int
need_add(struct triquery *to, const struct strings *s, size_t least)
{
	struct triquery q;

	if (strings_need(&q, s, least) != 0)
		return -1;
	return triquery_join(to, TRIQ_AND, &q);
}

static int
info_unknown(struct info *i)
{
	*i = (struct info){ 0 };
	return strings_empty(&i->first) != 0 || strings_empty(&i->last) != 0 ?
	    -1 :
	    0;
}

static int
info_string(struct info *i, const char *byte, uint8_t len)
{
	*i = (struct info){ .exact = true };
	if (strings_empty(&i->all) != 0)
		return -1;
	i->all.item[0].len = len;
	memcpy(i->all.item[0].byte, byte, len);
	return 0;
}

/* Forget the strings, keep how they begin and end and what they hold. */
static int
info_loosen(struct info *i)
{
	if (!i->exact)
		return 0;
	if (strings_cut(&i->first, &i->all, KEEP_FIRST) != 0 ||
	    strings_cut(&i->last, &i->all, KEEP_LAST) != 0 ||
	    need_add(&i->need, &i->all, 3) != 0)
		return -1;
	i->exact = false;
	free(i->all.item);
	i->all = (struct strings){ 0 };
	return 0;
}

/* How matches of x followed by y begin (or, with x and y changed over, end). */
static int
edge_of(struct strings *ret, const struct info *x, const struct info *y,
    enum edge keep)
{
	const struct strings *xs = keep == KEEP_FIRST ? &x->first : &x->last;
	const struct strings *ys = y->exact ? &y->all :
	    keep == KEEP_FIRST		    ? &y->first :
					      &y->last;
	struct strings cut = { 0 };
	int rc;

	if (!x->exact)
		return strings_cut(ret, xs, keep);
	if (strings_cut(&cut, ys, keep) != 0)
		return -1;
	rc = keep == KEEP_FIRST ? strings_cross(ret, &x->all, &cut, keep) :
				  strings_cross(ret, &cut, &x->all, keep);
	free(cut.item);
	return rc == 1 ? strings_cut(ret, &x->all, keep) : rc;
}

/* x followed by y, into x; y is emptied. */
static int
info_cat(struct info *x, struct info *y)
{
	struct info both = { 0 };
	struct strings seam = { 0 };
	int rc;

	if (x->exact && y->exact) {
		rc = strings_cross(&both.all, &x->all, &y->all, KEEP_ALL);
		if (rc <= 0) {
			both.exact = true;
			goto done;
		}
	}
	if (edge_of(&both.first, x, y, KEEP_FIRST) != 0 ||
	    edge_of(&both.last, y, x, KEEP_LAST) != 0)
		goto fail;
	if (info_loosen(x) != 0 || info_loosen(y) != 0 ||
	    triquery_join(&both.need, TRIQ_AND, &x->need) != 0 ||
	    triquery_join(&both.need, TRIQ_AND, &y->need) != 0)
		goto fail;
	rc = strings_cross(&seam, &x->last, &y->first, KEEP_ALL);
	if (rc == 0)
		rc = need_add(&both.need, &seam, 3);
done:
	free(seam.item);
	if (rc < 0)
		goto fail;
	info_done(x);
	info_done(y);
	*x = both;
	return 0;
fail:
	info_done(&both);
	info_done(y);
	return -1;
}

/* x or y, into x; y is emptied. */
static int
info_alt(struct info *x, struct info *y)
{
	int rc = 0;

	if (x->exact && y->exact && x->all.n + y->all.n <= STRINGS_MAX)
		rc = strings_union(&x->all, &y->all);
	else if (info_loosen(x) != 0 || info_loosen(y) != 0 ||
	    strings_union(&x->first, &y->first) != 0 ||
	    strings_union(&x->last, &y->last) != 0 ||
	    triquery_join(&x->need, TRIQ_OR, &y->need) != 0)
		rc = -1;
	info_done(y);
	return rc;
}

static int
info_set(struct info *i, const struct byteset *set)
{
	if (byteset_count(set) > CLASS_MAX)
		return info_unknown(i);
	*i = (struct info){ .exact = true };
	if (strings_new(&i->all, CLASS_MAX) != 0)
		return -1;
	for (unsigned c = 1; c < 256; c++)
		if (byteset_has(set, c)) {
			struct string *s = &i->all.item[i->all.n++];

			/* As the index does; doubles go. */
			s->byte[0] = (char)trigram_fold((uint8_t)c);
			s->len = 1;
		}
	strings_order(&i->all);
	return 0;
}

static int info_of(struct info *, const struct tree *, uint32_t node);

static int
info_repeat(struct info *i, const struct tree *t, const struct tree_node *node)
{
	struct info more;
	/* What many copies say, a few say nearly as well. */
	uint32_t copies = node->min < 8 ? node->min : 8;

	if (copies == 0 && node->max == 1) {
		if (info_of(i, t, node->child) != 0 ||
		    info_string(&more, "", 0) != 0)
			return -1;
		return info_alt(i, &more);
	}
	if (copies == 0)
		return info_unknown(i);
	if (info_of(i, t, node->child) != 0)
		return -1;
	for (uint32_t k = 1; k < copies; k++) {
		if (info_of(&more, t, node->child) != 0) {
			info_done(&more);
			return -1;
		}
		if (info_cat(i, &more) != 0)
			return -1;
	}
	if (node->max == copies)
		return 0;
	if (info_unknown(&more) != 0) {
		info_done(&more);
		return -1;
	}
	return info_cat(i, &more);
}

/* On failure *i may be filled, for the caller to free. */
static int
info_of(struct info *i, const struct tree *t, uint32_t n)
{
	const struct tree_node *node = &t->node[n];

	*i = (struct info){ 0 };
	switch (node->kind) {
	case TREE_EMPTY:
	case TREE_BEGIN:
		return info_string(i, "", 0);
	case TREE_END:
		return info_string(i, "\0", 1);
	case TREE_SET:
		return info_set(i, &node->set);
	case TREE_OTHER:
		return info_unknown(i);
	case TREE_CAT:
	case TREE_ALT:
		if (info_of(i, t, node->child) != 0)
			return -1;
		for (uint32_t c = t->node[node->child].next; c != TREE_NONE;
		     c = t->node[c].next) {
			struct info more;

			if (info_of(&more, t, c) != 0) {
				info_done(&more);
				return -1;
			}
			if ((node->kind == TREE_CAT ? info_cat : info_alt)(
				i, &more) != 0)
				return -1;
		}
		return 0;
	case TREE_REPEAT:
		return info_repeat(i, t, node);
	}
	return -1;
}

int
tree_trigrams(
    struct triquery *ret, const struct tree *t, bool basename, struct err *err)
{
	struct info all = { 0 }, i = { 0 };

	if (info_string(
		&all, "/", basename && tree_begins_anchored(t) ? 1 : 0) != 0 ||
	    info_of(&i, t, t->root) != 0 || info_cat(&all, &i) != 0)
		goto fail;
	if (all.exact) {
		if (strings_need(&all.need, &all.all, 0) != 0)
			goto fail;
	} else if (all.need.kind == TRIQ_ALL &&
	    (need_add(&all.need, &all.first, 0) != 0 ||
		need_add(&all.need, &all.last, 0) != 0))
		goto fail;
	*ret = all.need;
	all.need = (struct triquery){ 0 };
	info_done(&all);
	return 0;
fail:
	info_done(&all);
	info_done(&i);
	return err_nomem(err);
}
