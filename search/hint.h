/*
 * Why nothing was found: hosts that do not look where a pattern points.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_HINT_H
#define SEARCH_HINT_H

#include "search/hits.h"

/* Tell on stderr which of the searched hosts prune a path that a pattern
 * names, going by the newest snapshot of each series that counts. */
int hint_pruned(struct store *, const struct catalog *, const struct hits *,
    const struct query *, struct err *);

/* The path to ask a scope with this root about, for the words of a pattern:
 * what lies below an absolute path, or below a directory named in the middle
 * (".git/x": then only its name says something). 1; 0 when the words name no
 * such thing, -1 without memory. */
int hint_probe(struct buf *ret, const char *root, const char *words, size_t len,
    bool *ret_names_only);

#endif
