/*
 * Work that nobody waits for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SYS_IDLE_H
#define SYS_IDLE_H

#include "base/err.h"

/* Call work(ctx, err) in a thread of its own, at idle I/O priority and nice
 * 19, and wait for it; returns what it returned. A thread, because neither can
 * be taken back by a process without privileges. Work that holds a lock for
 * which others wait does not belong here. */
int idle_run(int (*work)(void *ctx, struct err *), void *ctx, struct err *);

/* For the rest of this process' life, and the threads that it makes from now
 * on: idle I/O priority and nice 10. Called before any other thread is made.
 * What a sandbox refuses is left as it is. */
void idle_process(void);

#endif
