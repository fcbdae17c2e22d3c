/*
 * How a lab stands, told.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_STATUS_H
#define LABROUTER_STATUS_H

#include "observe.h"

/* What is told. */
struct status {
	const struct lab_use *use;
	const struct lab_seen *seen;
	bool unfinished; /* a start of it began and did not end */
	bool changed;	 /* the file is not the one that it was started with */
	bool gone;	 /* there is none any more */
	bool no_attach;	 /* this host has no such interface */
};

/* For labs_each; ctx is a bool, whether as JSON. A lab whose file is gone is
 * compared with the one that it was started with. */
int status_file(const char *file, void *ctx, struct err *);

int status_text(struct buf *, const struct status *); /* 0, -1 */
int status_json(struct buf *, const struct status *); /* 0, -1 */

#endif
