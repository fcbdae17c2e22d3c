/*
 * Check: the addresses that a lab claims in production. An outer address
 * belongs to one network, a Static gives the whole of it to one machine, and a
 * published machine has one outer address: what it answers from is what it is
 * known by. There may be ten thousand, so they are sorted, not compared each
 * with each.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "check_private.h"

#include <stdlib.h>

struct claim {
	uint32_t outer, inner;
	size_t lab, network;
	int line;
	const struct lab_publish *publish; /* borrowed; NULL: a Static */
};

static const char *
key_of(const struct claim *claim)
{
	return claim->publish != NULL ? "Publish" : "Static";
}

/* ---- one claim ---- */

const char *
check_taken_as(const struct lab *lab, uint32_t addr, int *ret_line)
{
	*ret_line = lab->production.address_line;
	if (has_address(lab) && addr == lab->production.address.addr)
		return "the router's own Address";
	if (has_address(lab) && prefix_holds(lab->production.address, addr) &&
	    prefix_reserves(lab->production.address, addr))
		return "the first or the last of production's subnet";
	*ret_line = lab->production.gateway_line;
	if (*ret_line != 0 && addr == lab->production.gateway)
		return "production's gateway";
	for (size_t k = 0; k < lab->n_networks; k++) {
		const struct lab_network *net = &lab->network[k];

		*ret_line = net->gateway_line;
		if (addr == net->gateway.addr)
			return "a gateway of production";
		*ret_line = net->mask_line;
		if (prefix_holds(net->mask, addr))
			return "in a mask, so that a machine has it already";
	}
	return NULL;
}

static void
check_taken(struct checker *c, const struct claim *claim)
{
	struct place at = { claim->lab, claim->line };

	if (check_is_hosts(c, c->labs[claim->lab], claim->outer)) {
		check_error(c, at, NO_PLACE,
		    "%s: " IP_FMT " is this host's own; write a free address",
		    key_of(claim), IP(claim->outer));
		return;
	}
	for (size_t i = 0; i < c->n_labs; i++) {
		int line;
		const char *what = check_taken_as(
		    c->labs[i], claim->outer, &line);

		if (what == NULL)
			continue;
		check_error(c, at, (struct place){ i, line },
		    "%s: " IP_FMT " is %s; write a free address, outside of "
		    "all masks",
		    key_of(claim), IP(claim->outer), what);
		return;
	}
}

static void
check_claim(struct checker *c, const struct claim *claim)
{
	struct place at = { claim->lab, claim->line };
	const struct lab *lab = c->labs[claim->lab];

	check_inner(
	    c, at, &lab->network[claim->network], key_of(claim), claim->inner);
	if (claim->outer == claim->inner)
		check_error(c, at, NO_PLACE,
		    "%s: " IP_FMT " is the original's address; write a free "
		    "address before the arrow",
		    key_of(claim), IP(claim->outer));
	else if (holds_hub(lab, (struct prefix){ claim->outer, 32 }))
		check_error(c, at, NO_PLACE,
		    "%s: " IP_FMT " is the lab's own; write another address",
		    key_of(claim), IP(claim->outer));
	else
		check_taken(c, claim);
}

/* ---- two claims of one outer address ---- */

/* Publish has ports, always. */
static bool
ranges_meet(const struct ports *a, const struct ports *b, uint16_t *ret_port)
{
	for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
		struct port_range ra = a->range[i], rb = b->range[k];

		if (ra.last < rb.first)
			i++;
		else if (rb.last < ra.first)
			k++;
		else {
			*ret_port = ra.first > rb.first ? ra.first : rb.first;
			return true;
		}
	}
	return false;
}

/* Returns whether something was said: one word for two lines is enough. */
static bool
check_two(struct checker *c, const struct claim *a, const struct claim *b)
{
	struct place at = { b->lab, b->line }, other = { a->lab, a->line };
	uint16_t port;

	if (a->lab != b->lab || a->network != b->network) {
		check_error(c, at, other,
		    "%s: " IP_FMT " is claimed for another network, and only "
		    "one can have it; write another free address",
		    key_of(b), IP(b->outer));
		return true;
	}
	if (a->publish == NULL && b->publish == NULL) {
		if (a->inner == b->inner)
			check_error(c, at, other,
			    "Static: " IP_FMT " is mapped so already; delete "
			    "this line",
			    IP(b->outer));
		else
			check_error(c, at, other,
			    "Static: " IP_FMT " is mapped to " IP_FMT
			    " already; write another free address",
			    IP(b->outer), IP(a->inner));
		return true;
	}
	if (a->publish == NULL || b->publish == NULL) {
		const struct claim *whole = a->publish == NULL ? a : b;

		if (a->inner == b->inner)
			return false;
		check_error(c, at, other,
		    "%s: " IP_FMT " is %s; write its ports as Publish one by "
		    "one instead of Static, or another free address",
		    key_of(b), IP(b->outer),
		    whole == a ? "mapped to another machine as a whole" :
				 "published for another machine");
		return true;
	}
	if (a->publish->proto != b->publish->proto ||
	    !ranges_meet(&a->publish->ports, &b->publish->ports, &port))
		return false;
	check_error(c, at, other,
	    "Publish: port %u of " IP_FMT " is published already; write each "
	    "port once",
	    port, IP(b->outer));
	return true;
}

static int
by_outer(const void *va, const void *vb)
{
	const struct claim *a = va, *b = vb;

	if (a->outer != b->outer)
		return a->outer < b->outer ? -1 : 1;
	if (a->lab != b->lab)
		return a->lab < b->lab ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

static void
check_same_outer(struct checker *c, struct claim *claims, size_t n)
{
	qsort(claims, n, sizeof(*claims), by_outer);
	for (size_t first = 0, i = 0; i < n; i++) {
		if (claims[first].outer != claims[i].outer)
			first = i;
		for (size_t k = first; k < i; k++)
			if (check_two(c, &claims[k], &claims[i]))
				break;
	}
}

/* ---- by machine ---- */

static int
by_machine(const void *va, const void *vb)
{
	const struct claim *a = va, *b = vb;

	if (a->lab != b->lab)
		return a->lab < b->lab ? -1 : 1;
	if (a->network != b->network)
		return a->network < b->network ? -1 : 1;
	if (a->inner != b->inner)
		return a->inner < b->inner ? -1 : 1;
	return 0;
}

static int
by_inner(const void *va, const void *vb)
{
	const struct claim *a = va, *b = vb;
	int order = by_machine(a, b);

	return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

/* The router answers for outer addresses inside, too: no machine there may
 * have one. Sorted by inner. */
static void
check_chains(struct checker *c, const struct claim *claims, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct claim *claim = &claims[i], *other;
		struct claim key = *claim;

		key.inner = claim->outer;
		other = bsearch(&key, claims, n, sizeof(*claims), by_machine);
		if (other == NULL || claim->inner == claim->outer)
			continue;
		while (other > claims && by_machine(other - 1, &key) == 0)
			other--;
		check_error(c, (struct place){ claim->lab, claim->line },
		    (struct place){ other->lab, other->line },
		    "%s: " IP_FMT " is a machine's own address; write a free "
		    "address before the arrow",
		    key_of(claim), IP(claim->outer));
	}
}

/* A machine published as two would call out as the one on some ports and as
 * the other on the rest, by the order of the rules. Sorted by inner. */
static void
check_identity(struct checker *c, const struct claim *claims, size_t n)
{
	const struct claim *first = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct claim *claim = &claims[i];

		if (claim->publish == NULL)
			continue;
		if (first == NULL || first->lab != claim->lab ||
		    first->network != claim->network ||
		    first->inner != claim->inner)
			first = claim;
		else if (first->outer != claim->outer)
			check_error(c,
			    (struct place){ claim->lab, claim->line },
			    (struct place){ first->lab, first->line },
			    "Publish: " IP_FMT " would answer as " IP_FMT
			    " here and as " IP_FMT " there; write one outer "
			    "address for all that it publishes",
			    IP(claim->inner), IP(claim->outer),
			    IP(first->outer));
	}
}

/* ---- all ---- */

static size_t
collect(const struct checker *c, struct claim *claims)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_labs; i++)
		for (size_t k = 0; k < c->labs[i]->n_networks; k++) {
			const struct lab_network *net = &c->labs[i]->network[k];

			for (size_t s = 0; s < net->n_statics; s++, n++)
				if (claims != NULL)
					claims[n] = (struct claim){
						net->statics[s].outer,
						net->statics[s].inner, i, k,
						net->statics[s].line, NULL
					};
			for (size_t p = 0; p < net->n_publish; p++, n++)
				if (claims != NULL)
					claims[n] = (struct claim){
						net->publish[p].outer,
						net->publish[p].inner, i, k,
						net->publish[p].line,
						&net->publish[p]
					};
		}
	return n;
}

void
check_claims(struct checker *c)
{
	size_t n = collect(c, NULL);
	struct claim *claims;

	if (n == 0)
		return;
	if ((claims = reallocarray(NULL, n, sizeof(*claims))) == NULL) {
		c->nomem = true;
		return;
	}
	(void)collect(c, claims);
	for (size_t i = 0; i < n; i++)
		check_claim(c, &claims[i]);
	check_same_outer(c, claims, n);
	qsort(claims, n, sizeof(*claims), by_inner);
	check_identity(c, claims, n);
	check_chains(c, claims, n);
	free(claims);
}
