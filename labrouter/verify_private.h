/*
 * How one thing is tried, once.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_VERIFY_PRIVATE_H
#define LABROUTER_VERIFY_PRIVATE_H

#include "verify.h"

/* A try ends as passed; or not, and why is in `said`. It is under way while fd
 * is not -1. None of these blocks. */
struct verify_way {
	short events;	 /* of fd, for poll */
	int64_t wait_ns; /* that one try may take; 0: the machine's time */
	void (*begin)(struct verify_check *, const struct verify_machine *);
	/* Under way, and the next try is due; NULL: it is not. */
	void (*again)(struct verify_check *);
	/* There is something to read. */
	void (*ready)(struct verify_check *);
	/* No more of it. */
	void (*end)(struct verify_check *);
};
extern const struct verify_way verify_ping, verify_tcp, verify_script;

void verify_say(struct verify_check *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* In a child of `parent`: runs the program argv[0], which says what it says by
 * `out`. Ends as it ends; at SIGTERM, or when the parent ends, sooner. Nothing
 * that the program started is left then. */
__attribute__((noreturn)) void verify_keep(
    pid_t parent, char *const *argv, int out);
/* Close fd, if there is one. */
void verify_close(int *fd);

#endif
