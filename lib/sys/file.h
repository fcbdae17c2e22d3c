/*
 * Files: whole reads and writes, temporaries that a crash leaves sweepable,
 * and making a directory's entries durable.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SYS_FILE_H
#define SYS_FILE_H

#include "base/buf.h"
#include "base/err.h"

#include <sys/types.h>

/* Exactly len bytes at off, or an error: ERR_FORMAT where the file ends
 * before. `name` is for the message. Any number of threads. */
int file_read_at(
    int fd, void *, size_t len, uint64_t off, const char *name, struct err *);
int file_write(
    int fd, const void *, size_t len, const char *name, struct err *);
/* Append the whole file to `ret`; over `max` bytes it is ERR_FORMAT. */
int file_read_all(
    int dirfd, const char *name, size_t max, struct buf *ret, struct err *);
int file_sync(int fd, const char *name, struct err *);

/* Give a new file these permission bits whatever the umask says, and the group
 * of its directory, as root its owner too: a file that root makes in another
 * account's store stays that account's. */
int file_adopt(int fd, int dirfd, mode_t mode, const char *name, struct err *);

/* ---- temporaries: in a directory of their own, held by flock ---- */

/* Zeroed: none. */
struct temp {
	int fd;
	int dirfd;     /* borrowed */
	char name[48]; /* empty: none */
};

/* A new empty file, open for reading and writing, locked until done. */
int temp_open(struct temp *ret, int dirfd, mode_t mode, struct err *);
/* Rename to `name` in another directory of the file system, never over a file
 * that is there (ERR_SYS with EEXIST). The caller syncs file and directory.
 * Afterwards *temp is none. */
int temp_rename(struct temp *, int dirfd, const char *name, struct err *);
/* Remove it. */
void temp_done(struct temp *);
/* An empty file in this directory that has no name: open for reading and
 * writing, gone when it is closed. */
int file_unnamed(const char *dir, struct err *);
/* Remove every temporary of the directory whose lock can be taken: nobody
 * writes it any more. */
int temp_sweep(int dirfd, struct err *);

#endif
