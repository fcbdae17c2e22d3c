/*
 * The generation of a namespace's rules: the kernel counts the transactions that
 * changed any of them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_GENERATION_H
#define LAB_NFT_GENERATION_H

#include <stdint.h>

struct job;
struct netns;

/* What stands before it in a table's comment. */
#define GENERATION " gen="
/* The kernel's own limit, with a NUL. */
#define TABLE_COMMENT 256

struct table {
	char family[16], name[64];
	char comment[TABLE_COMMENT]; /* "" where it has none */
};

int generation_get(struct job *, struct netns *, uint32_t *ret);
/* 1: the table is there, and its comment filled in. 0: it is not. */
int generation_table(struct job *, struct netns *, struct table *);
/* Each table of the namespace, but those that go with who made them, until fn
 * returns other than 0, which is then the result. */
typedef int generation_table_fn(void *ctx, const struct table *);
int generation_tables(
    struct job *, struct netns *, generation_table_fn *, void *ctx);

#endif
