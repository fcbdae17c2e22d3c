/*
 * The static routes to a lab's masks by its router, on the backup server or a
 * client: in the words of each system, or done on this one.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_MASK_ROUTES_H
#define LABROUTER_MASK_ROUTES_H

#include "base/buf.h"
#include "base/err.h"
#include "model.h"

struct mask_route {
	struct prefix to;
	uint32_t via;
};

enum mask_os { MASK_LINUX, MASK_WINDOWS, MASK_MACOS };

/* Append the command, without a newline. 0, -1. */
int mask_route_text(
    struct buf *, enum mask_os, bool remove, const struct mask_route *);

/* Into the main table of this host, as ours. 1: done. 0: it stands so already.
 * ERR_REFUSED: there is a route to this very prefix, in any table, which is not
 * this one; nothing is changed. */
int mask_route_add(const struct mask_route *, struct err *);
/* 1: taken away. 0: there was none; what is not ours, or by another router, is
 * left alone. */
int mask_route_del(const struct mask_route *, struct err *);

#endif
