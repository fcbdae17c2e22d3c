/*
 * What is to be brought back, as people and lsearch write it.
 *
 *	SERIES[@TIME]:/PATH                       a reference
 *	2026-11-02 01:40:00<tab>...<tab>web01:/x  a line of lsearch
 *	2026-11-02 01:40  2026-11-20 01:41 ...    one of a terminal, quoted
 *	{"v":1,"type":"hit",...                   one of JSON Lines
 *
 * Pure.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_REFERENCE_H
#define FETCH_REFERENCE_H

#include "store/places.h"

/* Zeroed: none. */
struct reference {
	char *series; /* owned */
	char *path;   /* valid; owned */
	size_t len;
	/* What path would be if it was quoted, as lsearch -N does on a terminal:
	 * it counts where path is not there. NULL: the same; owned. */
	char *unquoted;
	size_t unquoted_len;
	/* A line of lsearch tells when its last version was seen. */
	struct moment moment;
};

/* 0; 1: a line without one, such as the heading; ERR_USAGE says what is wrong.
 * `now_ns` is what "yesterday" goes by. */
int reference_parse(struct reference *ret, const char *text, size_t len,
    int64_t now_ns, struct err *);
void reference_done(struct reference *);

/* As people read it: "web01:/etc/fstab". 0, -1 */
int reference_text(
    struct buf *, const char *series, const char *path, size_t len);

#endif
