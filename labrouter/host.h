/*
 * This host, as far as the check looks at it; needs no root.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_HOST_H
#define LABROUTER_HOST_H

#include "check.h"
#include "host_routes.h"

struct host {
	struct lab_host seen; /* borrows from the others */
	struct host_routes routes;
	struct host_port *port; /* owned, and what it points to */
	size_t n_ports;
};

/* host_done frees it, which is not needed after an error. */
int host_read(struct host *, struct err *);
void host_done(struct host *);

#endif
