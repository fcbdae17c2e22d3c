/*
 * Within the jail: its walls.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SYS_JAIL_PRIVATE_H
#define SYS_JAIL_PRIVATE_H

#include "sys/jail.h"

#include <stdbool.h>

/* No file but those that options say and, where one is named, a program with
 * its libraries. The calling thread has no_new_privs. */
int jail_landlock(
    const struct jail_options *, const char *program, struct err *);

/* What a jail has system calls for. */
struct jail_calls {
	bool files;   /* what Landlock leaves may be opened */
	bool program; /* is executed next */
};
/* In every thread of the process; with no_new_privs as well. */
int jail_seccomp(struct jail_calls, struct err *);

#endif
