/*
 * Descriptors that hear frames.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_LISTEN_H
#define LABROUTER_LISTEN_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Longer frames are not heard, so that a busy network costs little: all of the
 * attack are shorter, also inside an ICMP error. */
#define LISTEN_FRAME_MAX 640

struct listen_frame {
	const uint8_t *data; /* borrowed for the call */
	size_t len;
	int ifindex;   /* 0 where only one interface is heard */
	unsigned type; /* PACKET_OUTGOING ..., see packet(7); or 0 */
};
typedef void listen_fn(void *ctx, const struct listen_frame *);

/* Hear all interfaces of this host's namespace, both ways; the caller closes
 * the descriptor. */
int listen_open(int *ret_fd, struct err *);
/* Make a descriptor of frames one to listen by: reads do not wait, and a socket
 * holds as much as the kernel allows and takes short frames only. */
int listen_ready(int fd, struct err *);

/* Hand on the frames that are there. */
int listen_read(int fd, listen_fn *, void *ctx, struct err *);
/* How many frames were lost since the last call, for want of room. */
unsigned listen_lost(int fd);

#endif
