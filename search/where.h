/*
 * Where a hit can come from: lsearch --where.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_WHERE_H
#define SEARCH_WHERE_H

#include "search/hits.h"
#include "store/places.h"

struct where;

/* Store and view are borrowed. */
int where_new(struct where **ret, struct store *, struct view *, struct err *);
void where_free(struct where *);

/* The sources of the hit's own series that hold its last version, the cheapest
 * first; valid until the next call. */
int where_of(struct where *, const struct hit *, const struct place **ret,
    size_t *ret_n, struct err *);

/* A file of this host that is no longer there. */
bool where_is_gone(struct where *, const struct place *);

/* "live", "archive", "image", "lab", "files"; NULL: it has no content. */
const char *where_kind(const struct place *);

/* The column: the first of them that is there, "archive /b/etc.tar"; or the
 * first, "(gone)" behind it; or "-". What could break a line or a column, blanks
 * in names too, is quoted. Appended; 0, -1. */
int where_words(struct where *, const struct place *, size_t n, struct buf *);

#endif
