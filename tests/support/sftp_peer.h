/*
 * The other end of an SFTP connection, in memory: it collects questions, and a
 * test says what the answers are.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_SFTP_PEER_H
#define SUPPORT_SFTP_PEER_H

#include "remote/sftp.h"

struct sftp_asked {
	enum sftp_type type;
	uint32_t id;
	char *string; /* its path or handle; owned */
	size_t len;
	uint64_t off; /* of READ ... */
	uint32_t n;
};

/* Zeroed but for `more`, which is called when the client waits and there is
 * nothing for it: it answers something, or the connection ends. */
struct sftp_peer {
	void (*more)(struct sftp_peer *);
	void *ctx;
	struct sftp_asked asked[SFTP_QUESTIONS];
	size_t n_asked;
	size_t most; /* questions that there were at once */
	struct buf out;
	size_t sent;
};

struct sftp_stream sftp_peer_stream(struct sftp_peer *);
void sftp_peer_done(struct sftp_peer *);

/* Answer a question, which is then none any more: the body is what stands
 * behind the id. */
void sftp_peer_answer(
    struct sftp_peer *, size_t i, enum sftp_type, const void *body, size_t len);
void sftp_peer_status(struct sftp_peer *, size_t i, uint32_t status);

/* Parts of a body. */
void sftp_peer_u32(struct buf *, uint32_t);
void sftp_peer_string(struct buf *, const void *, size_t len);
/* As of NAME: the name, a long one, and attributes. */
void sftp_peer_name(
    struct buf *, const void *name, size_t len, uint32_t mode, uint64_t size);
void sftp_peer_attrs(struct buf *, uint32_t mode, uint64_t size);

#endif
