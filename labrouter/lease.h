/*
 * What a DHCP server gave the router: known only where the lab stands, and to
 * root.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_LEASE_H
#define LABROUTER_LEASE_H

#include "base/err.h"
#include "model.h"

/* Where Address is dhcp, put the address of interface 0 as it stands into the
 * lab, and the gateway if the file has none. 1: done, or there was nothing to
 * do. 0: it is not known here. */
int lease_take(struct lab *, struct err *);

/* The address of interface 0 of a lab of this name, in its front; 0 where it is
 * not known. */
int lease_router(const char *lab, uint32_t *ret, struct err *);

#endif
