/*
 * Whether a subject holds a match of a tree: a deterministic automaton over
 * bytes, built state by state as subjects ask for it, in bounded memory.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_DFA_H
#define SEARCH_DFA_H

#include "search/tree.h"

/* The tree as a program for such automata; shared by threads. */
struct program;

struct program_options {
	bool backward; /* subjects are read from their end */
	bool basename; /* a '/' is the edge of the subject, as a NUL is */
};
int program_new(struct program **ret, const struct tree *,
    const struct program_options *, struct err *);
void program_free(struct program *);

/* One thread's automaton. */
struct dfa;

int dfa_new(struct dfa **ret, const struct program *, struct err *);
void dfa_free(struct dfa *);

/* Forward: the subject begins at p and is ended by a NUL (or by a '/', with
 * basename). */
bool dfa_match(struct dfa *, const char *p);
/* Backward: the subject is [begin, end), or what of it stands behind the last
 * '/', with basename. */
bool dfa_match_back(struct dfa *, const char *begin, const char *end);

#endif
