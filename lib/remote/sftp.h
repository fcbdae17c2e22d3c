/*
 * Questions to an SFTP server, many at a time: each has a tag, which comes back
 * with its answer. The bytes go over any stream.
 *
 *	sftp_begin -> sftp_ask ... sftp_answer ... -> sftp_end
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef REMOTE_SFTP_H
#define REMOTE_SFTP_H

#include "base/err.h"
#include "remote/sftp_wire.h"

struct sftp_stream {
	/* All of it, or an error. */
	int (*write)(void *ctx, const void *, size_t len, struct err *);
	/* At least a byte and at most len, or an error. */
	int (*read)(void *ctx, void *, size_t len, size_t *ret, struct err *);
	void *ctx;
};

struct sftp;

/* Agree on the version. ERR_FORMAT: what answers is no SFTP server. */
int sftp_begin(struct sftp **ret, const struct sftp_stream *, struct err *);
/* NULL is fine. The stream is the caller's. */
void sftp_end(struct sftp *);

#define SFTP_QUESTIONS 256 /* unanswered ones */

struct sftp_tag {
	unsigned kind;
	void *ctx;
};

/* How many more may be asked; 0 also where so many bytes are unanswered that
 * both sides might wait for each other. */
unsigned sftp_room(const struct sftp *);
unsigned sftp_unanswered(const struct sftp *);

/* Ask; there must be less than SFTP_QUESTIONS unanswered. It is sent with the
 * next wait for an answer. ERR_NOMEM. As sftp_put, sftp_put_open, sftp_put_read
 * have them. */
int sftp_ask(struct sftp *, struct sftp_tag, enum sftp_type, const void *,
    size_t len, struct err *);
int sftp_ask_open(
    struct sftp *, struct sftp_tag, const void *path, size_t len, struct err *);
int sftp_ask_read(struct sftp *, struct sftp_tag, const void *handle,
    size_t len, uint64_t off, uint32_t n, struct err *);

/* Wait for the next answer, in whatever order the server has them. It is valid
 * until the next call. There must be an unanswered question. */
int sftp_answer(
    struct sftp *, struct sftp_reply *, struct sftp_tag *, struct err *);

/* Ask one question while no other is unanswered. */
int sftp_call(struct sftp *, enum sftp_type, const void *, size_t len,
    struct sftp_reply *, struct err *);

/* ---- what an answer says ---- */

/* It is none that fits the question: ERR_FORMAT. */
int sftp_misfit(struct err *);
/* The errno of a STATUS, 0: none fits, and then `why`, NUL-terminated, has the
 * server's own words. */
#define SFTP_WHY 160
int sftp_errno(const struct sftp_reply *, char why[static SFTP_WHY]);

/* The file's whole content, or its first `max` bytes, whatever size it is said
 * to have: for files that have none, as in /proc. 1: it cannot be read. */
int sftp_slurp(
    struct sftp *, const char *path, size_t max, struct buf *ret, struct err *);

#endif
