/*
 * What a subject must hold for a tree to match: required trigrams, and one
 * required literal.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_TREE_NEEDS_H
#define SEARCH_TREE_NEEDS_H

#include "base/buf.h"
#include "format/triquery.h"
#include "search/needle.h"
#include "search/tree.h"

/* The formula of a tree's trigrams. With `basename` the subject follows a
 * '/'. */
int tree_trigrams(
    struct triquery *ret, const struct tree *, bool basename, struct err *);

/* The longest run of single bytes (or of letters in both cases) that every
 * match holds, as an array of struct needle_byte. Empty when there is none.
 * `whole` says whether that run is all of the tree. */
int tree_literal(
    struct buf *ret, const struct tree *, bool *ret_whole, struct err *);

#endif
