/*
 * Two files of one run become one with two names.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_JOIN_H
#define FETCH_JOIN_H

#include <stdbool.h>
#include <stdint.h>

struct target;

#define TEMP_NAME 32

/* A file that has no name yet, or only now. */
struct body {
	char temp[TEMP_NAME]; /* beside its place; "": it has none */
	uint64_t dev, ino;
	uint64_t base; /* where it begins in the spool, else 0 */
	uint64_t end;  /* behind its last byte, from there on */
};

/* `is`, in its temporary, becomes another name of `was`, which by now may be
 * called `was_rel`; unless they differ in content, mode, owner or, where `timed`,
 * time. Whether it did: if not, it stays as it is. */
bool target_join(const struct target *, const char *was_rel,
    const struct body *was, const char *rel, const struct body *is, bool timed,
    volatile const int *stop);

#endif
