/*
 * Both ends of a push in one process, over a pair of sockets.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_PUSHING_H
#define SUPPORT_PUSHING_H

#include "indexer/push_session.h"
#include "indexer/receive_session.h"

struct pushed {
	int sent, received; /* what each end returned */
	struct push_result push;
	struct receive_result receive;
	struct err push_err, receive_err;
};

/* Push the series of `host` from one store to another. `limits` may be NULL.
 * The client's bytes end after `cut` of them, where that is not SIZE_MAX. */
struct pushed push_between(const char *from, const char *to, const char *host,
    const struct receive_limits *limits, size_t cut);

/* Let these bytes be all that a client ever says. */
struct pushed receive_bytes(const void *, size_t, const char *to,
    const char *host, const struct receive_limits *limits);

#endif
