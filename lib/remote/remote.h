/*
 * A command or a subsystem on another machine over SSH (libssh): its standard
 * input and output as a stream. Never a prompt.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef REMOTE_REMOTE_H
#define REMOTE_REMOTE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct remote_options {
	const char *host;	 /* name, address or ssh_config alias */
	int port;		 /* 0: ssh_config's, else 22 */
	const char *user;	 /* NULL: ssh_config's, else lookback, or ... */
	bool own_user;		 /* ... this account's name, as ssh has it */
	const char *identity;	 /* key file; NULL: agent and defaults */
	const char *known_hosts; /* the only file that counts; NULL: the
					   user's and the system's */
	/* The name in known_hosts that vouches for it, whatever its address
	 * and port: HostKeyAlias of ssh_config(5). NULL: its own. */
	const char *host_key_alias;
	int timeout_s; /* of each wait; 0: 60 */
	/* For messages: what lets a key in there, and how one is named here;
	 * NULL: nothing is said of it. */
	const char *how_to_enrol, *how_to_name_key;
	/* Not 0: reads give ERR_CANCELLED soon. NULL: none. */
	int (*stopping)(void *ctx);
	void *ctx;
};

struct remote;

/* Connect, check the host key against known_hosts (unknown or changed is
 * ERR_REFUSED with a text that says what to do), authenticate by key, start
 * `command`. A connection closed before authentication is tried again with
 * back-off, a bounded number of times. */
int remote_open(struct remote **ret, const struct remote_options *,
    const char *command, struct err *);
/* The same with a subsystem of the server's, as "sftp". */
int remote_open_subsystem(struct remote **ret, const struct remote_options *,
    const char *name, struct err *);

/* All of it, or an error. */
int remote_write(struct remote *, const void *, size_t, struct err *);
/* Exactly len bytes; ERR_NOTFOUND "connection closed by the server" with what
 * it said on stderr, when it ends before. */
int remote_read(struct remote *, void *, size_t len, struct err *);
/* What is there, at least a byte and at most len. */
int remote_read_some(
    struct remote *, void *, size_t len, size_t *ret, struct err *);
/* Nothing more will be written: the command reads the end. */
int remote_end(struct remote *, struct err *);
/* Sends EOF, waits for the exit status. Frees in any case. */
int remote_close(struct remote *, int *ret_status, struct err *);
/* Frees without waiting. NULL is fine. */
void remote_abort(struct remote *);

/* Bytes sent and received so far on the channel. */
void remote_traffic(const struct remote *, unsigned long long *sent,
    unsigned long long *received);

/* A public key as "ssh-ed25519" and base64 has them: that it is one, and its
 * fingerprint, "SHA256:...". ERR_FORMAT otherwise. */
#define REMOTE_FINGERPRINT 64
int remote_key_fingerprint(const char *type, const char *base64,
    char ret[static REMOTE_FINGERPRINT], struct err *);

#endif
