/*
 * What the parts of the check of [Nat] share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_CHECK_NAT_H
#define LABROUTER_CHECK_NAT_H

#include "check_private.h"

struct nat {
	struct checker *c;
	size_t i; /* the lab */
	const struct lab *lab;
	const struct lab_nat *nat;
	struct prefix net; /* of the network behind the router */
};

static inline struct place
nat_place(const struct nat *n, int line)
{
	return (struct place){ n->i, line };
}

/* The key that the line begins with. */
const char *nat_key(const struct lab_nat_rule *);

/* The k-th line beside those before it, and beside what is denied, wherever that
 * stands. */
void check_nat_pairs(const struct nat *, size_t k);
/* A Dnat, and the lines by which the machine it leads to calls outside. */
void check_nat_known(const struct nat *, const struct lab_nat_rule *in);
/* Twins, and what may not stand beside one. */
void check_nat_twins(const struct nat *);

#endif
