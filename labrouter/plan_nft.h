/*
 * Rules of nftables as text, one table for one transaction that works at the
 * first load and at each later one.
 *
 * Names of interfaces are always quoted and no name of ours is a word of nft's.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_PLAN_NFT_H
#define LABROUTER_PLAN_NFT_H

#include "plan_private.h"

/* Text that remembers that it failed. */
struct rules {
	struct buf b;
	bool failed;
	bool listing; /* elements stand before what comes */
	bool closed;  /* the chain drops what no rule of it takes */
};

/* For "%s" in place: address(a).text. */
struct address {
	char text[20]; /* 255.255.255.255/32 */
};
struct address address(uint32_t);
struct address prefix(uint32_t, unsigned len);
struct address port_text(struct port_range); /* "80" or "8000-8080" */
const char *proto_name(enum lab_proto);	     /* "" for any */

void say(struct rules *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* table_end empties the text and keeps it in the plan. */
void table_begin(struct rules *, const char *family);
/* Under another name than ours, where it is not the namespace that says whose
 * the table is. */
void table_begin_as(struct rules *, const char *family, const char *name);
const char *table_end(struct plan *, struct rules *);

/* What stands between begin and end are elements. */
void set_begin(struct rules *, const char *kind, const char *name,
    const char *type, bool interval);
void element_begin(struct rules *);
#define ELEMENT(r, ...) (element_begin(r), say((r), __VA_ARGS__))
void set_end(struct rules *);

/* "type" and what follows it. What a chain of policy drop does not take is
 * dropped by a rule at its end as well: while a table takes another's place, the
 * rules of both count at once, their policies a moment later. */
void chain_begin(struct rules *, const char *name, const char *hook);
#define RULE(r, ...) (say((r), "\t\t" __VA_ARGS__), say((r), "\n"))
#define CHAIN_END(r) chain_end(r)
void chain_end(struct rules *);

/* ---- what layouts share, in plan_rules_net.c: of one network or of several */

/* The map statics, outer to inner address. */
void net_statics(struct rules *, const struct plan_cell *, size_t n);
/* The maps of Publish, where there is one: publish, publish_port and published,
 * each outer address to itself. */
void net_publish(struct rules *, const struct plan_cell *, size_t n);
/* The rules of a nat chain by these maps; `when` stands before each. */
void net_translate(
    struct rules *, const char *when, const struct plan_cell *, size_t n);
/* A chain of this name that takes what the network's Allow and Publish list,
 * and drops all else. */
void net_admit(struct rules *, const char *name, const struct plan_cell *);
/* "tcp dport { 80, 443 } ", or what else is asked; "" for anything. */
void net_ports(struct rules *, enum lab_proto, const struct ports *);
/* FTP names addresses in what it says; the helper masks them. */
void net_ftp(struct rules *, const char *when);

/* ---- [Nat], in plan_rules_nat.c: its rules in each chain of layout single */

void nat_marks(struct rules *, const struct lab *, const struct plan_single *);
void nat_own_marks(
    struct rules *, const struct lab *, const struct plan_single *);
void nat_inward(struct rules *, const struct lab *, const struct plan_single *);
void nat_outward(
    struct rules *, const struct lab *, const struct plan_single *);
void nat_forward(
    struct rules *, const struct lab *, const struct plan_single *);
void nat_input(struct rules *, const struct lab *, const struct plan_single *);

#endif
