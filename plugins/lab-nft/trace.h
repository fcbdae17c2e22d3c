/*
 * One packet, and what the kernel says of its way.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_TRACE_H
#define LAB_NFT_TRACE_H

#include "lab_nft.h"

#include <lookback/lab.h>

/* As struct lookback_lab's trace. */
int trace_flow(
    struct job *, const struct lookback_flow *, lookback_line_fn *, void *ctx);

/* ---- trace_send.c ---- */

/* The packet comes in at its place as if another machine had sent it: from a
 * port of the switch, or from the other side of interface 0, with this
 * identification. What is made for that goes with the process, or at the end. */
int trace_send(struct job *, const struct lookback_flow *, uint16_t id);

/* ---- trace_inject.c ---- */

/* The frame comes in by this interface of the host's own namespace. */
int trace_inject(
    struct job *, const struct link *, const void *frame, size_t len);

/* ---- trace_words.c ---- */

/* What the kernel told of packets in one namespace. */
struct trace_events {
	struct netns *ns;
	struct nft_ctx *nft; /* of that namespace */
	char *data;	     /* owned; netlink messages */
	size_t len;
	const char *own; /* the table that picked the packet out */
};

/* Tell all of it. Returns how many lines that were, or a negative errno. */
int trace_tell(
    struct job *, const struct trace_events *, lookback_line_fn *, void *ctx);

#endif
