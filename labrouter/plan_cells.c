/*
 * The cells of a lab: what a plan needs to know of each network, and what no
 * plan does yet.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An outer address and who claims it. */
struct claim {
	uint32_t addr;
	int line;
	bool published;
};

static int
refuse(struct err *err, const struct lab *lab, int line, const char *what)
{
	return err_set(err, ERR_USAGE, "%s:%d: %s", lab->file, line, what);
}

static int
check_lab(const struct lab *lab, struct err *err)
{
	if (lab->layout == LAB_CELLS && lab->nat.line != 0)
		return refuse(
		    err, lab, lab->nat.line, "[Nat] is for Layout = single");
	/* A host has its address by itself, however it gets it. */
	if (lab->layout == LAB_SINGLE && lab->production.dhcp &&
	    !lab_is_on_host(lab))
		return refuse(err, lab, lab->production.address_line,
		    "Address = dhcp is for Layout = cells, or for a lab on "
		    "Interfaces of this host; give an address");
	if (lab->nat.line != 0 && lab_is_on_host(lab) &&
	    lab->nat.interface == NULL)
		return refuse(err, lab, lab->nat.line,
		    "other networks have an Interface of this host; write one "
		    "here");
	return 0;
}

static int
check_link(
    const struct lab *lab, const struct lab_network *net, struct err *err)
{
	if (lab->layout == LAB_CELLS)
		return net->interface == NULL ?
		    0 :
		    refuse(err, lab, net->line,
			"Interface is for Layout = single only");
	if (net->bridge != NULL)
		return refuse(
		    err, lab, net->line, "Bridge is for Layout = cells only");
	if (net->proxy || net->dns)
		return refuse(err, lab, net->line,
		    "Proxy and Dns are for Layout = cells only");
	if (net->interface == NULL && lab_is_on_host(lab))
		return refuse(err, lab, net->line,
		    "other networks have an Interface of this host; write one "
		    "here");
	return 0;
}

static int
check_network(
    const struct lab *lab, const struct lab_network *net, struct err *err)
{
	if (net->gateway.len != net->mask.len || net->mask.len == 0)
		return refuse(err, lab, net->mask_line,
		    "Mask is not as large as the Gateway's network");
	for (size_t i = 0; net->bridge != NULL && i < lab->n_networks; i++) {
		const struct lab_network *other = &lab->network[i];

		if (other != net && other->bridge != NULL &&
		    strcmp(other->bridge, net->bridge) == 0)
			return refuse(err, lab, net->line,
			    "Bridge is another network's as well");
	}
	if (net->bridge != NULL &&
	    strcmp(net->bridge, lab->production.attach) == 0)
		return refuse(
		    err, lab, net->line, "Bridge is production's, Attach");
	return check_link(lab, net, err);
}

static int
compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* Each outer address once. One may be published many times, port by port, but
 * mapped only once and then not published. */
static int
gather_claims(struct plan_cell *cell, const struct lab *lab, struct err *err)
{
	const struct lab_network *net = cell->net;
	size_t n = net->n_statics + net->n_publish, i;
	struct claim *all;

	if (n == 0)
		return 0;
	all = calloc(n, sizeof(*all));
	cell->claims = calloc(n, sizeof(*cell->claims));
	cell->claim_lines = calloc(n, sizeof(*cell->claim_lines));
	cell->published = calloc(n, sizeof(*cell->published));
	if (all == NULL || cell->claims == NULL || cell->claim_lines == NULL ||
	    cell->published == NULL) {
		free(all);
		return err_nomem(err);
	}
	for (i = 0; i < net->n_statics; i++)
		all[i] = (struct claim){ net->statics[i].outer,
			net->statics[i].line, false };
	for (i = 0; i < net->n_publish; i++)
		all[net->n_statics + i] = (struct claim){ net->publish[i].outer,
			net->publish[i].line, true };
	qsort(all, n, sizeof(*all), compare_claims);
	for (i = 0; i < n; i++) {
		if (i > 0 && all[i].addr == all[i - 1].addr) {
			if (all[i].published && all[i - 1].published)
				continue;
			err_set(err, ERR_USAGE,
			    "%s:%d: line %d claims this address already",
			    lab->file, all[i].line, all[i - 1].line);
			free(all);
			return ERR_USAGE;
		}
		if (all[i].published)
			cell->published[cell->n_published++] = all[i].addr;
		cell->claim_lines[cell->n_claims] = all[i].line;
		cell->claims[cell->n_claims++] = all[i].addr;
	}
	free(all);
	return 0;
}

bool
plan_joined(const struct lab *lab, size_t a, size_t b)
{
	const struct lab_network *x = &lab->network[a], *y = &lab->network[b];

	for (size_t i = 0; i < x->n_join; i++)
		if (x->join[i].network == b)
			return true;
	for (size_t i = 0; i < y->n_join; i++)
		if (y->join[i].network == a)
			return true;
	return false;
}

bool
plan_joins_any(const struct lab *lab, size_t a)
{
	for (size_t b = 0; b < lab->n_networks; b++)
		if (b != a && plan_joined(lab, a, b))
			return true;
	return false;
}

bool
plan_has_joins(const struct lab *lab)
{
	for (size_t i = 0; i < lab->n_networks; i++)
		if (lab->network[i].n_join != 0)
			return true;
	return false;
}

static bool
overlap(const struct plan_cell *a, const struct plan_cell *b)
{
	uint32_t both = prefix_mask(a->len < b->len ? a->len : b->len);

	return (a->real & both) == (b->real & both);
}

/* One namespace has one way to an address. */
static int
check_reals(
    const struct lab *lab, const struct plan_cell *cells, struct err *err)
{
	for (size_t i = 0; i < lab->n_networks; i++)
		for (size_t j = 0; j < i; j++)
			if (overlap(&cells[i], &cells[j]))
				return refuse(err, lab,
				    lab->network[i].gateway_line,
				    "the real subnet is there twice; write "
				    "Layout = cells");
	return 0;
}

/* The front has one table for all that joined, so their subnets are apart,
 * also where they did not join each other. */
static int
check_joins(
    const struct lab *lab, const struct plan_cell *cells, struct err *err)
{
	const size_t n = lab->n_networks;
	const struct lab_join **with = calloc(n + 1, sizeof(*with));

	if (with == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < lab->network[i].n_join; j++)
			with[i] = with[lab->network[i].join[j].network] =
			    &lab->network[i].join[j];
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (with[i] != NULL && with[j] != NULL &&
			    overlap(&cells[i], &cells[j])) {
				int line = with[i]->line;

				free(with);
				return err_set(err, ERR_USAGE,
				    "%s:%d: networks that join others need "
				    "subnets of their own; \"%s\" and \"%s\" "
				    "overlap",
				    lab->file, line, lab->network[j].name,
				    lab->network[i].name);
			}
	free(with);
	return 0;
}

static void
name_cell(struct plan *p, const struct lab *lab, struct plan_cell *cell)
{
	size_t number = cell->index + 1;

	if (lab->layout == LAB_CELLS) {
		cell->netns = plan_printf(
		    p, "lookback.%s.%zu", lab->name, number);
		cell->link = plan_printf(p, "c%zu", number);
	} else if (lab_is_on_host(lab)) {
		cell->link = cell->net->interface;
	} else {
		cell->netns = plan_printf(p, "lookback.%s", lab->name);
		cell->link = plan_printf(p, PLAN_IN "%zu", number);
	}
}

int
plan_cells(struct plan *p, const struct lab *lab, struct plan_cell **ret_cells,
    struct err *err)
{
	struct plan_cell *cells;
	int rc;

	if ((rc = check_lab(lab, err)) != 0)
		return rc;
	if ((cells = calloc(lab->n_networks + 1, sizeof(*cells))) == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < lab->n_networks; i++) {
		const struct lab_network *net = &lab->network[i];
		struct plan_cell *cell = &cells[i];

		if ((rc = check_network(lab, net, err)) != 0)
			goto fail;
		cell->net = net;
		cell->index = i;
		cell->bridge = net->bridge;
		name_cell(p, lab, cell);
		cell->len = net->mask.len;
		cell->real = net->gateway.addr & prefix_mask(cell->len);
		cell->mask = net->mask.addr & prefix_mask(cell->len);
		cell->outside = cell->mask |
		    (net->gateway.addr & ~prefix_mask(cell->len));
		if ((rc = gather_claims(cell, lab, err)) != 0)
			goto fail;
	}
	rc = lab->layout == LAB_CELLS ? check_joins(lab, cells, err) :
					check_reals(lab, cells, err);
	if (rc != 0)
		goto fail;
	*ret_cells = cells;
	return 0;
fail:
	plan_cells_free(cells, lab->n_networks);
	return rc;
}

void
plan_cells_free(struct plan_cell *cells, size_t n)
{
	for (size_t i = 0; cells != NULL && i < n; i++) {
		free(cells[i].claims);
		free(cells[i].claim_lines);
		free(cells[i].published);
	}
	free(cells);
}
