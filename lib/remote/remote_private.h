/*
 * The parts of a connection, for the files of this folder only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef REMOTE_REMOTE_PRIVATE_H
#define REMOTE_REMOTE_PRIVATE_H

#include "remote/remote.h"

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* ---- a session: connected, both sides proven ---- */

struct session {
	ssh_session ssh; /* owned */
	struct ssh_callbacks_struct callbacks;
	int fd;		    /* the socket that we made, -1: none */
	struct stat socket; /* which one that is */
	int timeout_s;
};

/* Tries again for a while where the server has too many at once. */
int session_connect(
    struct session *, const struct remote_options *, struct err *);
void session_close(struct session *);

/* ERR_REFUSED with what libssh says of it. */
int session_failed(struct session *, const char *what, struct err *);

/* ---- its parts ---- */

/* A connected socket, without delay and with a bound on how long sent bytes
 * may stay unacknowledged. Every address of the name is tried. */
int tcp_connect(
    int *ret_fd, const char *host, unsigned port, int timeout_s, struct err *);

/* That the key which the server showed is the one that is known. */
int hostkey_check(ssh_session, const struct remote_options *, struct err *);

/* What libssh asks for a passphrase: nobody is there to give one. Without it,
 * the crypto library would ask on the terminal. */
int no_passphrase(const char *prompt, char *buf, size_t len, int echo,
    int verify, void *userdata);

/* Prove who we are, without a prompt. A failure is final, however it came
 * about: more tries get a host banned. */
int auth_by_key(
    ssh_session, const struct remote_options *, int timeout_s, struct err *);

#endif
