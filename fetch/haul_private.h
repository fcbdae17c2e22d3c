/*
 * Within fetch: what the files of haul.h share.
 *
 *	haul.c         the items, and the rounds
 *	haul_choose.c  for each item the place that it is to come from
 *	haul_read.c    one source: what it gives goes into drafts
 *	haul_tell.c    words
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_HAUL_PRIVATE_H
#define FETCH_HAUL_PRIVATE_H

#include "fetch/haul.h"
#include "fetch/twins.h"

enum item_state {
	ITEM_WANTED, /* from the place chosen */
	ITEM_BEGUN,  /* a part of its content is here, and the draft is not */
	ITEM_READY,  /* its content is here, under a temporary name */
	ITEM_DONE,
	ITEM_REFUSED, /* it cannot be written there, which was told */
	ITEM_FAILED,  /* told */
};

struct item {
	const struct series_row *series;
	struct moment moment;
	char *path, *rel; /* owned */
	size_t len;
	struct entry entry; /* its target counts for nothing */
	bool top;
	bool told;  /* why it did not come from this source */
	bool later; /* this source has it, for another reading */
	enum item_state state;

	/* The place chosen; `path` is `there`. */
	struct place place;
	char *there; /* owned */
	/* Places that did not have it, as snapshots' ids. */
	uint32_t *tried; /* owned */
	size_t n_tried;

	struct body body;     /* of ITEM_BEGUN and ITEM_READY */
	char kept[TEMP_NAME]; /* what differed from the index; "": none */
};

struct haul {
	struct haul_setup setup;
	struct item *item; /* owned */
	size_t n, cap;
	struct item **order; /* owned; room for cap */
	size_t bytes;	     /* of their names */
	uint64_t content;    /* what they come to, by the index */
	bool sync;	     /* each file by itself */
	struct twins twins;
	uint64_t taken; /* bytes, for the progress line */
};

/* ---- haul_choose.c ---- */

/* The next place for each item that is still wanted: *ret_n of them are in
 * h->order, by source and path there. One without a place has failed, and what
 * is the best that there is of it is kept. */
int haul_choose(struct haul *, size_t *ret_n, struct outcome *, struct err *);
/* It is not to be had there. */
int item_tried(struct item *, const struct place *, struct err *);
/* No place has it; where `wrong`, it was refused. */
void item_failed(struct item *, struct outcome *, bool wrong);
/* For qsort of struct item *: by their paths there. */
int item_there_cmp(const void *, const void *);

/* ---- haul_read.c ---- */

/* Read the n items of one source, by path there, none twice. Those that it has
 * are ready afterwards, for the others the place has been tried, which was told.
 * An error as of haul_take. */
int haul_read(struct haul *, struct item **, size_t n, struct err *);

/* ---- haul_tell.c ---- */

/* Before `what`: "web01:/etc/fstab: from archive:/b/etc.tar: " */
void tell_failure(const struct haul *, const struct item *, const char *what);
/* A place that is passed over, though it once had it. */
void tell_passed(const struct haul *, const struct item *, const struct place *,
    const char *why);
/* No place is left: of these n each was tried. */
int tell_missing(const struct haul *, const struct item *,
    const struct wanted *, const struct place *, size_t n, struct err *);
/* Where n items came from, or would. */
int tell_taken(
    const struct haul *, struct item *const *, size_t n, struct err *);

#endif
