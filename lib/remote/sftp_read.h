/*
 * The content of a regular file of an SFTP server: many parts are on their way
 * at once, and come in order.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef REMOTE_SFTP_READ_H
#define REMOTE_SFTP_READ_H

#include "remote/sftp.h"

/* A part; the last one, of no bytes, is at the file's end. Not 0: stop, and
 * return that. */
typedef int sftp_part_fn(
    void *ctx, uint64_t off, const void *, size_t len, bool last);

enum sftp_found {
	SFTP_FOUND,   /* and given */
	SFTP_NO_FILE, /* it is not there, or no regular file: nothing given */
	SFTP_BROKEN,  /* it cannot be read, or not further: by `error`, or for
		       * the reason in `why` where that is 0 */
};

struct sftp_outcome {
	enum sftp_found found;
	int error;
	char why[SFTP_WHY];
	/* When it was modified, asked for after all of it was read: known when
	 * the last part is given. */
	bool has_mtime;
	uint32_t mtime;
};

/* As many bytes as the file had when it was opened; less where it became
 * shorter. No other question may be unanswered. An error: the connection is of
 * no more use. */
int sftp_read_file(struct sftp *s, const char *path, size_t len,
    sftp_part_fn *give, void *ctx, struct sftp_outcome *ret, struct err *err);

#endif
