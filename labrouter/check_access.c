/*
 * Check: who may reach whom. All of Allow is permission, so order means
 * nothing, and an entry that a wider one covers does nothing. Join is mutual:
 * one line opens both networks to each other, and both may say so.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "check_private.h"

#include <stdlib.h>

static struct prefix
from_of(const struct lab_allow *allow)
{
	return allow->has_from ? allow->from : (struct prefix){ 0, 0 };
}

/* ---- one entry ---- */

static void
check_from(struct checker *c, struct place at, struct prefix from)
{
	if (from.len == 0) {
		check_warning(c, at, NO_PLACE,
		    "Allow: from " NET_FMT " is everybody; leave it out",
		    NET(from));
		return;
	}
	if (!prefix_is_unicast(from)) {
		check_error(c, at, NO_PLACE,
		    "Allow: no packet comes from " NET_FMT
		    "; write a prefix of production",
		    NET(from));
		return;
	}
	for (size_t i = 0; i < c->n_labs; i++)
		for (size_t k = 0; k < c->labs[i]->n_networks; k++) {
			const struct lab_network *net = &c->labs[i]->network[k];

			if (!prefix_covers(net->mask, from))
				continue;
			check_error(c, at, (struct place){ i, net->mask_line },
			    "Allow: no packet comes from " NET_FMT
			    ", since a mask is only a destination; write the "
			    "source's own prefix",
			    NET(from));
			return;
		}
}

/* The first port of the range that no udp publication of the machine brings
 * to it, or 0. */
static uint32_t
unpublished(
    const struct lab_network *net, uint32_t inner, struct port_range want)
{
	uint32_t port = want.first;

	for (size_t i = 0; i < net->n_publish && port <= want.last;) {
		const struct lab_publish *pub = &net->publish[i++];

		if (pub->inner != inner || pub->proto != LAB_UDP)
			continue;
		if (pub->inner_port != 0) {
			if (pub->inner_port != port)
				continue;
			port++;
			i = 0; /* what was passed over may fit now */
			continue;
		}
		for (size_t r = 0; r < pub->ports.n; r++)
			if (pub->ports.range[r].first <= port &&
			    port <= pub->ports.range[r].last) {
				port = pub->ports.range[r].last + 1U;
				i = 0;
			}
	}
	return port <= want.last ? port : 0;
}

/* A published machine has an address towards outside. Where udp is open to
 * everybody beside that, answers and what the machine sends by itself go out
 * under its private address (the article's DNS server). */
static void
check_udp(struct checker *c, struct place at, const struct lab_network *net,
    const struct lab_allow *allow)
{
	const struct lab_publish *pub = NULL;
	uint32_t port = 0;

	if (allow->proto != LAB_UDP || from_of(allow).len != 0)
		return;
	for (size_t i = 0; i < net->n_publish && pub == NULL; i++)
		if (net->publish[i].inner == allow->addr)
			pub = &net->publish[i];
	if (pub == NULL)
		return;
	for (size_t i = 0; i < net->n_statics; i++)
		if (net->statics[i].inner == allow->addr)
			return;
	for (size_t i = 0; i < allow->ports.n && port == 0; i++)
		port = unpublished(net, allow->addr, allow->ports.range[i]);
	if (port != 0)
		check_error(c, at, (struct place){ at.lab, pub->line },
		    "Allow: udp %u of " IP_FMT " is open, but no Publish gives "
		    "it a source address; write Publish = " IP_FMT
		    " udp %u -> " IP_FMT
		    ", or from PREFIX for those who come by the mask",
		    port, IP(allow->addr), IP(pub->outer), port,
		    IP(allow->addr));
}

/* ---- two entries ---- */

static bool
allow_covers(const struct lab_allow *a, const struct lab_allow *b)
{
	return prefix_covers(from_of(a), from_of(b)) &&
	    (a->proto == LAB_ANY ||
		(a->proto == b->proto &&
		    check_ports_cover(&a->ports, &b->ports)));
}

static int
by_addr(const void *va, const void *vb)
{
	const struct lab_allow *a = *(const struct lab_allow *const *)va;
	const struct lab_allow *b = *(const struct lab_allow *const *)vb;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

/* Of two equal entries the later one is too many. */
static void
check_covered(struct checker *c, size_t lab, const struct lab_allow **all,
    size_t first, size_t end, size_t i)
{
	for (size_t k = first; k < end; k++) {
		if (k == i || !allow_covers(all[k], all[i]) ||
		    (k > i && allow_covers(all[i], all[k])))
			continue;
		check_warning(c, (struct place){ lab, all[i]->line },
		    (struct place){ lab, all[k]->line },
		    "Allow: all of this is allowed by a wider entry; delete "
		    "this line, or the wider one");
		return;
	}
}

static void
check_shadows(struct checker *c, size_t lab, const struct lab_network *net)
{
	const struct lab_allow **all;

	if (net->n_allow < 2)
		return;
	if ((all = reallocarray(NULL, net->n_allow, sizeof(*all))) == NULL) {
		c->nomem = true;
		return;
	}
	for (size_t i = 0; i < net->n_allow; i++)
		all[i] = &net->allow[i];
	qsort(all, net->n_allow, sizeof(*all), by_addr);
	for (size_t first = 0, end; first < net->n_allow; first = end) {
		for (end = first + 1;
		     end < net->n_allow && all[end]->addr == all[first]->addr;)
			end++;
		for (size_t i = first; i < end; i++)
			check_covered(c, lab, all, first, end, i);
	}
	free(all);
}

/* ---- joined networks ---- */

/* The line of i that joins it with k, or else that of k with i, or 0. */
static int
join_line(const struct lab *lab, size_t i, size_t k)
{
	for (size_t n = 0; n < lab->network[i].n_join; n++)
		if (lab->network[i].join[n].network == k)
			return lab->network[i].join[n].line;
	for (size_t n = 0; n < lab->network[k].n_join; n++)
		if (lab->network[k].join[n].network == i)
			return lab->network[k].join[n].line;
	return 0;
}

static void
check_join_lines(struct checker *c, size_t i, const struct lab *lab, size_t k)
{
	const struct lab_network *net = &lab->network[k];

	for (size_t n = 0; n < net->n_join; n++) {
		const struct lab_join *join = &net->join[n];
		struct place at = { i, join->line };

		if (join->network == k)
			check_error(c, at, (struct place){ i, net->line },
			    "Join: this is the network itself; write another "
			    "one of this file");
		for (size_t m = 0; m < n; m++)
			if (net->join[m].network == join->network) {
				check_warning(c, at,
				    (struct place){ i, net->join[m].line },
				    "Join: this network is joined already; "
				    "delete this line");
				break;
			}
	}
}

/* Joined networks see each other's true addresses, so no two that meet in one
 * place may share any. */
static void
check_join_subnets(struct checker *c, size_t i, const struct lab *lab, size_t k)
{
	for (size_t a = 0; a < lab->n_networks; a++) {
		int line = a != k ? join_line(lab, k, a) : 0;
		struct prefix real = lab->network[a].gateway;

		if (line == 0)
			continue;
		/* The pair itself is said once, by the lower of the two. */
		if (k < a && prefix_overlaps(real, lab->network[k].gateway))
			check_error(c, (struct place){ i, line },
			    (struct place){ i, lab->network[a].gateway_line },
			    "Join: both networks have " NET_FMT
			    ", and machines cannot tell them apart; delete "
			    "this line, and reach them by their masks",
			    NET(real));
		for (size_t b = 0; b < a; b++) {
			int other = b != k ? join_line(lab, k, b) : 0;

			if (other == 0 ||
			    !prefix_overlaps(real, lab->network[b].gateway))
				continue;
			check_error(c, (struct place){ i, line },
			    (struct place){ i, other },
			    "Join: two networks with " NET_FMT
			    " are joined with the same third; delete one of "
			    "these lines",
			    NET(real));
		}
	}
}

void
check_access(struct checker *c)
{
	for (size_t i = 0; i < c->n_labs; i++)
		for (size_t k = 0; k < c->labs[i]->n_networks; k++) {
			const struct lab_network *net = &c->labs[i]->network[k];

			for (size_t n = 0; n < net->n_allow; n++) {
				const struct lab_allow *allow = &net->allow[n];
				struct place at = { i, allow->line };

				check_inner(c, at, net, "Allow", allow->addr);
				if (allow->has_from)
					check_from(c, at, allow->from);
				check_udp(c, at, net, allow);
			}
			check_shadows(c, i, net);
			check_join_lines(c, i, c->labs[i], k);
			/* In single layout twice the same is an error by
			 * itself. */
			if (c->labs[i]->layout == LAB_CELLS)
				check_join_subnets(c, i, c->labs[i], k);
		}
}
