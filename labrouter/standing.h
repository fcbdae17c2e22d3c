/*
 * Labs are brought up and taken down.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_STANDING_H
#define LABROUTER_STANDING_H

#include "deed.h"

/* Make a lab stand as its file says, and say so. Of one that did not stand
 * before, nothing stays where that fails. The caller is at work on the lab
 * (record.h), and has opened its plugin. An exit status (commands.h), or an
 * error that is not told yet; nothing was changed where the check found
 * errors, LABROUTER_PROBLEMS. */
int standing_bring_up(struct lab_use *, struct deed *, struct err *);

/* Take away what stands of a lab of this name: what it was started with, the
 * file where that is not known, and what its namespaces' names say beyond. The
 * file may be NULL, or be missing where anything else is known. */
int standing_take_down(
    const char *name, const char *file, struct deed *, struct err *);

#endif
