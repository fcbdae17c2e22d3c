/*
 * May a lab start here, beside the labs that stand?
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_READY_H
#define LABROUTER_READY_H

#include "use.h"

/* Check the lab against itself, this host's routes and every lab that stands
 * or begins to (record.h), and write it down as one that begins to. Findings
 * are told as messages. 1: there are errors; nothing is written down. */
int lab_ready(const struct lab_use *, struct err *);

/* The lab of this file cannot be planned, as `rc` and the error say. Where that
 * comes of what the check finds in it, these findings are told in its place, and
 * the error is cleared: 1. Else `rc`. */
int lab_unplanned(const char *file, int rc, struct err *);

#endif
