/*
 * An account's authorized_keys: the lines that lindex enrol keeps there, one a
 * host, among others that are none of its business.
 *
 * The text functions are pure; the file is read and replaced by the last two.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_AUTHORIZED_KEYS_H
#define INDEXER_AUTHORIZED_KEYS_H

#include "base/buf.h"
#include "base/err.h"

/* ---- a public key ---- */

struct public_key {
	char *type;    /* "ssh-ed25519"; owned */
	char *base64;  /* owned */
	char *comment; /* may be ""; owned */
};

/* One line as ssh-keygen writes it: an accepted type, base64 of such a key, a
 * comment; nothing else, and no options in front. */
int public_key_parse(
    struct public_key *ret, const char *text, size_t len, struct err *);
void public_key_done(struct public_key *);

/* ---- the text ---- */

/* What the key of a host may do. */
struct enrolment {
	const char *lindex; /* path of the program */
	const char *store;
	const char *config; /* NULL: the default one */
	const char *host;
	const struct public_key *key;
};

enum enrol_outcome {
	ENROL_ADDED,
	ENROL_REPLACED,
	ENROL_SAME, /* it stood there already */
};

/* Put the host's line into the text. ERR_REFUSED when the host has another
 * line and `replace` is false, and when the key stands elsewhere: sshd takes
 * the first line that has it. */
int authorized_keys_enrol(struct buf *text, const struct enrolment *,
    bool replace, enum enrol_outcome *ret, struct err *);

/* Take the host's line out. ERR_NOTFOUND when it has none. */
int authorized_keys_revoke(struct buf *text, const char *host, struct err *);

/* Each host's line to `take`, which returns 0 or stops. */
int authorized_keys_each(const struct buf *text,
    int (*take)(
	void *ctx, const char *host, const struct public_key *, struct err *),
    void *ctx, struct err *);

/* ---- the file ---- */

/* The whole file; a missing one is empty. */
int authorized_keys_read(const char *file, struct buf *ret, struct err *);

/* Read it, let `edit` change the text, and replace it whole or not at all;
 * one at a time. Its folder is made when missing. Owner and mode become, or
 * stay, such that sshd accepts them. */
int authorized_keys_edit(const char *file,
    int (*edit)(void *ctx, struct buf *text, struct err *), void *ctx,
    struct err *);

#endif
