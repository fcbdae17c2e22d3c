/*
 * SFTP, version 3 (draft-ietf-secsh-filexfer-02): the bytes of what is asked
 * and of what is answered, as far as reading a tree and its files needs them.
 * Whatever a server sends is checked here or said to be unchecked.
 *
 *	u32 length | u8 type | u32 id | what the type has
 *
 * Numbers are big-endian; a string is a u32 length and its bytes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef REMOTE_SFTP_WIRE_H
#define REMOTE_SFTP_WIRE_H

#include "base/buf.h"

enum sftp_type {
	SFTP_INIT = 1,
	SFTP_VERSION = 2,
	SFTP_OPEN = 3,
	SFTP_CLOSE = 4,
	SFTP_READ = 5,
	SFTP_LSTAT = 7,
	SFTP_FSTAT = 8,
	SFTP_OPENDIR = 11,
	SFTP_READDIR = 12,
	SFTP_REALPATH = 16,
	SFTP_READLINK = 19,
	SFTP_STATUS = 101,
	SFTP_HANDLE = 102,
	SFTP_DATA = 103,
	SFTP_NAME = 104,
	SFTP_ATTRS = 105,
};

enum sftp_status {
	SFTP_OK = 0,
	SFTP_EOF = 1,
	SFTP_NO_SUCH_FILE = 2,
	SFTP_PERMISSION_DENIED = 3,
};

#define SFTP_MESSAGE_MAX ((size_t)256 * 1024) /* OpenSSH's */
#define SFTP_HANDLE_MAX 256		      /* the draft's */

/* ---- what is asked ---- */

/* Each appends a whole message: 0, -1 out of memory. */
int sftp_put_init(struct buf *);
/* All that have one string, a path or a handle, and nothing else: CLOSE, LSTAT,
 * FSTAT, OPENDIR, READDIR, REALPATH, READLINK. */
int sftp_put(
    struct buf *, enum sftp_type, uint32_t id, const void *, size_t len);
/* For reading. */
int sftp_put_open(struct buf *, uint32_t id, const void *path, size_t len);
int sftp_put_read(struct buf *, uint32_t id, const void *handle, size_t len,
    uint64_t off, uint32_t n);

/* ---- what is answered ---- */

struct sftp_attrs {
	bool has_size, has_owner, has_mode, has_mtime;
	uint64_t size;
	uint32_t uid, gid;
	uint32_t mode; /* with the type, as st_mode has them */
	uint32_t mtime;
};

struct sftp_reply {
	enum sftp_type type; /* STATUS, HANDLE, DATA, NAME or ATTRS */
	uint32_t id;
	uint32_t status; /* of STATUS; may be none of ours */
	/* of STATUS: words, maybe none; of HANDLE and DATA: it. In place. */
	const char *bytes;
	size_t len;
	struct sftp_attrs attrs; /* of ATTRS */
	uint32_t n_names;	 /* of NAME: that are left */
	struct reader names;
};

/* A message without its length. False: it is none, or none that anybody asked
 * for. The names of a NAME are not looked at yet. */
bool sftp_reply_parse(struct sftp_reply *, const void *, size_t len);
/* A VERSION without its length, and that it is 3: false otherwise. */
bool sftp_version_parse(const void *, size_t len);

/* The next name, any bytes, in place, and its attributes. 1 at the end; -1:
 * there are fewer than the answer says. */
int sftp_name_next(
    struct sftp_reply *, const char **name, size_t *len, struct sftp_attrs *);

#endif
