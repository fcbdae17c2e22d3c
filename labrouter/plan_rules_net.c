/*
 * What the tables of all layouts say about a network.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_nft.h"

void
net_statics(struct rules *r, const struct plan_cell *cells, size_t n)
{
	set_begin(r, "map", "statics", "ipv4_addr : ipv4_addr", false);
	for (size_t i = 0; i < n; i++) {
		const struct lab_network *net = cells[i].net;

		for (size_t k = 0; k < net->n_statics; k++)
			ELEMENT(r, "%s : %s",
			    address(net->statics[k].outer).text,
			    address(net->statics[k].inner).text);
	}
	set_end(r);
}

/* ---- Publish ---- */

static bool
any_published(const struct plan_cell *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cells[i].n_published != 0)
			return true;
	return false;
}

static const struct ports *
ports_of(const struct lab_publish *pub)
{
	static struct port_range whole = { 1, UINT16_MAX };
	static const struct ports all = { &whole, 1 };

	return pub->ports.n != 0 ? &pub->ports : &all;
}

/* The elements that keep their port ... */
static void
publish_same(struct rules *r, const struct lab_network *net)
{
	for (size_t i = 0; i < net->n_publish; i++) {
		const struct lab_publish *pub = &net->publish[i];
		const struct ports *ports = ports_of(pub);

		for (size_t j = 0; pub->inner_port == 0 && j < ports->n; j++)
			ELEMENT(r, "%s . %s . %s : %s",
			    address(pub->outer).text, proto_name(pub->proto),
			    port_text(ports->range[j]).text,
			    address(pub->inner).text);
	}
}

/* ... and those that change it, port by port: nft takes no ranges here. */
static void
publish_changed(struct rules *r, const struct lab_network *net)
{
	for (size_t i = 0; i < net->n_publish; i++) {
		const struct lab_publish *pub = &net->publish[i];
		const struct ports *ports = ports_of(pub);

		for (size_t j = 0; pub->inner_port != 0 && j < ports->n; j++)
			for (unsigned port = ports->range[j].first;
			     port <= ports->range[j].last; port++)
				ELEMENT(r, "%s . %s . %u : %s . %u",
				    address(pub->outer).text,
				    proto_name(pub->proto), port,
				    address(pub->inner).text, pub->inner_port);
	}
}

void
net_publish(struct rules *r, const struct plan_cell *cells, size_t n)
{
	if (!any_published(cells, n))
		return;
	set_begin(r, "map", "publish",
	    "ipv4_addr . inet_proto . inet_service : ipv4_addr", true);
	for (size_t i = 0; i < n; i++)
		publish_same(r, cells[i].net);
	set_end(r);
	set_begin(r, "map", "publish_port",
	    "ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service",
	    false);
	for (size_t i = 0; i < n; i++)
		publish_changed(r, cells[i].net);
	set_end(r);
	set_begin(r, "map", "published", "ipv4_addr : ipv4_addr", false);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < cells[i].n_published; k++)
			ELEMENT(r, "%s : %s",
			    address(cells[i].published[k]).text,
			    address(cells[i].published[k]).text);
	set_end(r);
}

void
net_translate(
    struct rules *r, const char *when, const struct plan_cell *cells, size_t n)
{
	RULE(r, "%sdnat ip to ip daddr map @statics", when);
	if (!any_published(cells, n))
		return;
	RULE(r, "%sdnat ip to ip daddr . meta l4proto . th dport map @publish",
	    when);
	RULE(r,
	    "%sdnat ip to ip daddr . meta l4proto . th dport map @publish_port",
	    when);
}

/* ---- who may enter ---- */

void
net_ports(struct rules *r, enum lab_proto proto, const struct ports *ports)
{
	if (proto != LAB_ANY && ports->n == 0)
		say(r, "meta l4proto %s ", proto_name(proto));
	if (ports->n == 1)
		say(r, "%s dport %s ", proto_name(proto),
		    port_text(ports->range[0]).text);
	for (size_t j = 0; j < ports->n && ports->n > 1; j++) {
		if (j == 0)
			say(r, "%s dport { ", proto_name(proto));
		say(r, "%s%s", port_text(ports->range[j]).text,
		    j + 1 < ports->n ? ", " : " } ");
	}
}

static void
allow(struct rules *r, const struct lab_allow *a, const struct ports *ports)
{
	say(r, "\t\t");
	if (a->has_from && a->from.len != 0)
		say(r, "ip saddr %s ", prefix(a->from.addr, a->from.len).text);
	say(r, "ip daddr %s ", address(a->addr).text);
	net_ports(r, a->proto, ports);
	say(r, "accept\n");
}

/* A range is a rule of its own: a set with intervals is there a little later than
 * the rules around it, and packets of the lab before would get lost meanwhile. */
static void
allow_ports(struct rules *r, const struct lab_allow *a)
{
	bool ranges = false;

	for (size_t j = 0; j < a->ports.n; j++)
		ranges = ranges ||
		    a->ports.range[j].first != a->ports.range[j].last;
	if (!ranges) {
		allow(r, a, &a->ports);
		return;
	}
	for (size_t j = 0; j < a->ports.n; j++) {
		const struct ports one = { &a->ports.range[j], 1 };

		allow(r, a, &one);
	}
}

void
net_admit(struct rules *r, const char *name, const struct plan_cell *c)
{
	const struct lab_network *net = c->net;

	say(r, "\tchain %s {\n", name);
	for (size_t i = 0; i < net->n_allow; i++)
		allow_ports(r, &net->allow[i]);
	/* What is published is meant to be reached. */
	for (size_t i = 0; i < c->n_published; i++)
		say(r, "%s%s%s", i == 0 ? "\t\tct original ip daddr { " : ", ",
		    address(c->published[i]).text,
		    i + 1 == c->n_published ? " } accept\n" : "");
	RULE(r, "counter name denied drop");
	CHAIN_END(r);
}

void
net_ftp(struct rules *r, const char *when)
{
	say(r, "\tct helper ftp_mask {\n\t\ttype \"ftp\" protocol tcp\n\t}\n");
	chain_begin(r, "helpers",
	    "filter hook prerouting priority filter; policy accept;");
	RULE(r, "%stcp dport 21 ct helper set \"ftp_mask\"", when);
	CHAIN_END(r);
}
