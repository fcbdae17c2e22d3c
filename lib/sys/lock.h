/*
 * Advisory locks on files (flock): held until released or the process dies.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SYS_LOCK_H
#define SYS_LOCK_H

#include "base/buf.h"
#include "base/err.h"

#define LOCK_FOREVER (-1)

/* Take the lock of file `name` in `dirfd` (made when missing, mode 0640) for
 * us alone: *ret is a descriptor whose close releases it. ERR_BUSY when
 * somebody else still has it after wait_ms. A holder may remove the file
 * before it closes the descriptor: others then lock a new one. */
int lock_take(int *ret, int dirfd, const char *name, int wait_ms, struct err *);

/* For people: write into the lock that we hold who we are, and read from one
 * that is held: "process 12 (lindex scan), since ...", or "another process"
 * where that is not known. */
void lock_sign(int fd, const char *what);
void lock_holder(struct buf *ret, int dirfd, const char *name);

#endif
