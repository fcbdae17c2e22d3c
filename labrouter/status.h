/*
 * How a lab stands, told.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_STATUS_H
#define LABROUTER_STATUS_H

#include "counts.h"
#include "observe.h"

/* What is told. */
struct status {
	const struct lab_use *use;
	const struct lab_seen *seen;
	struct counts counts; /* owned; empty where it is down, or not asked */
	bool unfinished;      /* a start of it began and did not end */
	bool changed;	/* the file is not the one that it was started with */
	bool gone;	/* there is none any more */
	bool no_attach; /* this host has no such interface */
};

struct status_order {
	bool json, verbose;
};

/* For labs_each; ctx is a struct status_order. A lab whose file is gone is
 * compared with the one that it was started with. */
int status_file(const char *file, void *ctx, struct err *);

int status_text(struct buf *, const struct status *); /* 0, -1 */
int status_json(struct buf *, const struct status *); /* 0, -1 */

#endif
