/*
 * What contradicts what, in a lab, among labs, and with this host. Pure: the
 * host is what the caller says of it. Nothing is printed here.
 *
 * An error stops a start; a warning is for people to read. Each finding stands
 * at the line to change, and names a second one where two lines contradict.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_CHECK_H
#define LABROUTER_CHECK_H

#include "base/err.h"
#include "model.h"

#include <stdbool.h>
#include <stddef.h>

/* A route of this host, in any table. Routes of our own, to masks and claims,
 * are the caller's to leave out: a lab must not be in its own way. */
struct host_route {
	struct prefix to;
	const char *dev; /* borrowed; "" for none (a blackhole) */
	uint32_t via;	 /* 0: none; the check does not look */
	bool own;	 /* it leads to an address of this host's */
};

/* An interface of this host that is a port of a bridge. */
struct host_port {
	char *dev, *bridge;
};

/* This host, as far as the check looks; all is borrowed. */
struct lab_host {
	const struct host_route *routes;
	size_t n_routes;
	const struct host_port *ports;
	size_t n_ports;
};

struct lab_finding {
	bool warning; /* else an error */
	size_t lab;   /* its index */
	int line;
	size_t other_lab;
	int other_line; /* 0: no second line */
	char text[320]; /* what is wrong, and what to write instead */
};

struct lab_findings {
	struct lab_finding *item; /* owned; by lab, then by line */
	size_t n;
	size_t n_errors;
};

/* Check the labs together: they are meant to stand on one host at one time.
 * Returns 0 whatever was found; fails for want of memory alone. The findings
 * are the caller's to free. */
int lab_check(struct lab_findings *, const struct lab *const *labs,
    size_t n_labs, const struct lab_host *, struct err *);
void lab_findings_done(struct lab_findings *);

/* "FILE:LINE: error: TEXT (FILE:LINE)". Returns buf. */
const char *lab_finding_text(const struct lab_finding *,
    const struct lab *const *labs, char *buf, size_t size);

#endif
