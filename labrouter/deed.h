/*
 * A lab's plan is done by its plugin, and people are told what was done.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_DEED_H
#define LABROUTER_DEED_H

#include "use.h"

struct deed {
	bool verbose;	  /* each change is a line on stdout */
	size_t n_changed; /* by all that this deed did; a probe and an
			   * announcement change nothing */
	bool made;	  /* the first thing of the lab was not there */
};

/* Do the plan of a lab whose plugin is open, and count on. Where a step fails,
 * the error names its line of the file, the step as `plan` prints it, and the
 * kernel's words. */
int deed_do(struct deed *, struct lab_use *, struct err *);

/* "FILE:LINE: ": where a step comes from; nothing where no line is known. */
int deed_place(struct buf *, const struct lab *, const struct lookback_step *);

#endif
