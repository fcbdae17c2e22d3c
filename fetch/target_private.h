/*
 * Within fetch: what target.c, target_make.c and draft.c share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_TARGET_PRIVATE_H
#define FETCH_TARGET_PRIVATE_H

#include "fetch/target.h"

#include <sys/stat.h>

/* Open the directory of a path; *ret_name is its last component. */
int target_parent(const struct target *, const char *rel, int *ret_fd,
    const char **ret_name, struct err *);

/* A name that nobody has: ".lget-0123456789abcdef" and ".partial". */
int temp_name(char ret[static TEMP_NAME], struct err *);

/* Rename `temp`, replacing files only with force. `rel` is for messages. */
int target_rename(const struct target *, int parent, const char *temp,
    const char *name, const char *rel, struct err *);

/* Give the file `name` of this directory, or with "" this one itself, to the
 * entry's owner, if that is asked for and known. `rel` is for messages. */
int target_own(const struct target *, int fd, const char *name,
    const struct entry *, const char *rel, struct err *);

/* Mode bits of an entry; `dflt`, less the umask, where it has none. Setuid and
 * setgid only where the owner is given, too. */
mode_t target_mode(const struct target *, const struct entry *, mode_t dflt);

/* The entry's time, for utimensat; the access time stays. */
void target_times(const struct entry *, struct timespec ret[static 2]);

#endif
