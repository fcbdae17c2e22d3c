/*
 * Ctrl-C and its like, for work that must not be left half done: SIGINT, SIGTERM
 * and SIGHUP wait. The work asks now and then whether one does, and undoes or
 * tells what it did; only then the process ends, by the first that it saw, as a
 * shell or a service manager expects.
 *
 * For a process with one thread. What was ignored from the start, as by
 * nohup(1), stays so.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_INTERRUPT_H
#define BASE_INTERRUPT_H

/* Signals wait from here on. */
void interrupt_hold(void);
/* The one that waits; 0: none does, or they are not held. */
int interrupt_asked(void);
/* poll finds it readable once one waits; not to be read or closed. -1, which
 * poll leaves out: they are not held. */
int interrupt_fd(void);
/* The end of the work. Where a signal waits, what was printed is flushed and the
 * process ends; else they come as before, and status is returned. */
int interrupt_end(int status);

#endif
