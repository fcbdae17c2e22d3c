/*
 * What the rules of a lab have counted since they were loaded.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_COUNTS_H
#define LABROUTER_COUNTS_H

#include "use.h"

/* Not a network's: the front's, or all there are of a lab in one namespace. */
#define COUNTS_OF_ALL SIZE_MAX

struct counts {
	struct counted {
		size_t network; /* of the lab, from 0; or COUNTS_OF_ALL */
		char name[32];
		uint64_t packets, bytes;
	} * item; /* owned */
	size_t n;
};

/* Of a lab whose plugin is open; counts_done frees it, also after an error. A
 * plugin that does not count leaves it empty. */
int counts_read(struct counts *, struct lab_use *, struct err *);
void counts_done(struct counts *);

#endif
