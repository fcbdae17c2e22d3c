/*
 * What the names of a lab's namespaces say of it, where nobody knows its file
 * any more.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_REMAINS_H
#define LABROUTER_REMAINS_H

#include "host_routes.h"

struct remains {
	bool front;	 /* lookback.LAB is there */
	unsigned *cells; /* owned; I of each lookback.LAB.I */
	size_t n_cells;
	struct host_routes routes; /* this host's own by the front */
	struct remains_bridge {
		char name[IF_NAMESIZE];
		size_t index; /* of its network in the file */
	} * bridges;	      /* owned; those of this host that a start made */
	size_t n_bridges;
};

/* Of a lab of which the name is known; bridges only where nothing else told of
 * them. remains_done frees it, also after an error. */
int remains_find(
    struct remains *, const struct lab *, bool bridges, struct err *);
void remains_done(struct remains *);

#endif
