/*
 * Paths below a directory, of names that nobody vouches for: no link is
 * followed, and nothing outside is reached, whoever changes what lies there
 * meanwhile.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SYS_BENEATH_H
#define SYS_BENEATH_H

#include <stddef.h>

/* Open a relative path of any length, "" the directory itself, O_CLOEXEC; -1
 * with errno: ELOOP for a link on the way. For flags without O_CREAT. */
int beneath_open(int dirfd, const char *path, size_t len, int flags);

#endif
