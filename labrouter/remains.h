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
};

/* Of the lab of this name; remains_done frees it, also after an error. */
int remains_find(struct remains *, const char *lab, struct err *);
void remains_done(struct remains *);

/* The address of the lab's interface 0 as it stands, which a lease has given;
 * 0 where it does not stand here, or is not ours to see. */
int remains_router(const char *lab, uint32_t *ret, struct err *);

#endif
