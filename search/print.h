/*
 * Printing hits: lines for people, lines for programs, references, JSON Lines.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_PRINT_H
#define SEARCH_PRINT_H

#include "base/when.h"
#include "search/options.h"
#include "search/summary.h"
#include "search/where.h"

struct printer {
	const struct options *options;
	const struct catalog *cat;
	struct buf out; /* not yet written */
	bool terminal;	/* aligned, quoted, each line at once */
	bool colour;
	bool headed;
	char (*when)[WHEN_TEXT]; /* dates of cat.snaps as text, made
					   when asked for; owned */
	struct where *where;	 /* borrowed; NULL without --where */
};

int printer_init(struct printer *, const struct options *,
    const struct catalog *, struct err *);
void printer_done(struct printer *);

int printer_hit(struct printer *, const struct hit *, struct err *);
int printer_count(struct printer *, uint64_t n, struct err *);
/* Everything out. ERR_SYS when nobody takes it. */
int printer_flush(struct printer *, struct err *);

/* The last of the JSON Lines. */
int printer_summary(
    struct printer *, const struct summary *, bool complete, struct err *);

/* What began at this byte of p->out is whole, or (rc != 0) out of memory: then
 * it goes, since half a line says something else. 0, ERR_NOMEM. */
int printer_end(struct printer *, size_t begun, int rc, struct err *);

/* For printer_hit, `n` places of the hit with --where. 0, -1 out of memory. */
int print_json_hit(
    struct printer *, const struct hit *, const struct place *, size_t n);

/* "SERIES:/PATH", with `at` "SERIES@TIME:/PATH", appended as bytes. 0, -1 */
int print_reference(struct buf *, const struct hit *, bool at);

const char *state_word(uint8_t state);

#endif
