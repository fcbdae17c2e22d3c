/*
 * A table takes the place of one that stands, so that no packet is lost in
 * between that both let through, and none gets through that one of them stops.
 *
 * One transaction is not enough. The kernel counts it from one moment on, but
 * the elements of sets with intervals are there a little later, and chains of
 * the table before are hooked in a little longer, empty, and drop by policy. So
 * a second table of the same rules stands in while the first one is exchanged,
 * and each comes with its sets first and goes with its policies first.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_EXCHANGE_H
#define LAB_NFT_EXCHANGE_H

struct job;
struct nft_ctx;
struct table;

/* Behind the name of the one that stands in. */
#define EXCHANGE_ASIDE "-aside"

/* A plan's text (a table's two commands and the table, its blocks a tab in) takes
 * the place of that table, which nft lists so. Where that fails, something of
 * both may stand, and is closed. */
int exchange_tables(struct job *, struct nft_ctx *, const struct table *,
    const char *text, const char *listing);
/* How many transactions that takes. */
unsigned exchange_transactions(const char *text, const char *listing);
/* Take away what stands in, which is there. */
int exchange_clear(struct job *, struct nft_ctx *, const struct table *);

#endif
