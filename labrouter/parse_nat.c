/*
 * The lines of [Nat]. Each reads "FROM -> TO", or FROM alone.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "model.h"
#include "parse.h"
#include "value.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

/* What a line has to look like, by kind. */
static const char *const forms[] = {
	[LAB_SNAT] = "SOURCE [tcp|udp PORTS | icmp] -> ADDRESS [PORTS], like "
		     "192.168.1.0/24 -> 203.0.113.7",
	[LAB_MASQUERADE] = "SOURCE [tcp|udp PORTS | icmp] [-> PORTS], like "
			   "192.168.1.0/24",
	[LAB_PASS] = "SOURCE [tcp|udp PORTS | icmp], like 192.168.1.3",
	[LAB_DENY] = "SOURCE [tcp|udp PORTS | icmp], like 192.168.1.4 tcp 25",
	[LAB_DNAT] = "ADDRESS [tcp|udp PORTS] -> INNER [PORT], like "
		     "203.0.113.7 tcp 80 -> 192.168.1.2 8080",
	[LAB_REDIRECT] = "any -> INNER, or tcp|udp PORTS -> INNER [PORT], or "
			 "tcp|udp PORT -> PORT of the router",
	[LAB_NETMAP_TO] = "to OUTER -> INNER or from INNER -> OUTER, like "
			  "to 203.0.113.0/24 -> 192.168.1.0/24",
	[LAB_TWIN] = "OUTER -> INNER, like 192.168.2.0/24 -> 192.168.1.0/24",
	[LAB_CLAIM] = "an address like 203.0.113.8",
};

struct line {
	const struct config_item *item;
	struct lab_nat_rule *rule;
	struct words left, right;
	bool arrow;
	struct err *err;
};

static int
want(const struct line *l)
{
	return config_bad(l->item, l->err, "\"%.96s\": want %s", l->item->value,
	    forms[l->rule->kind]);
}

/* ---- pieces ---- */

static int
take_address(const struct line *l, struct word w, struct prefix *ret)
{
	if (w.len == 0)
		return want(l);
	ret->len = 32;
	return value_addr(l->item, w.s, w.len, &ret->addr, l->err);
}

static int
take_network(const struct line *l, struct word w, struct prefix *ret)
{
	return w.len == 0 ? want(l) :
			    value_network(l->item, w.s, w.len, ret, l->err);
}

/* A machine, or a network of them. */
static int
take_source(const struct line *l, struct word w, struct prefix *ret)
{
	return memchr(w.s, '/', w.len) == NULL ? take_address(l, w, ret) :
						 take_network(l, w, ret);
}

/* What is left of the left side: nothing, "icmp", or ports of a protocol. */
static int
take_proto(struct line *l, struct word w, bool icmp)
{
	int rc;

	if (w.len == 0)
		return 0;
	if (icmp && word_is(w, "icmp")) {
		l->rule->proto = LAB_ICMP;
		return words_done(&l->left) ? 0 : want(l);
	}
	rc = words_ports(
	    l->item, &l->left, w, &l->rule->proto, &l->rule->ports, l->err);
	return rc == 1 ? want(l) : rc;
}

/* One port, or where `many` a range of them. */
static int
take_to_ports(struct line *l, struct word w, bool many)
{
	struct port_range range;
	struct ports ports;
	size_t n;
	int rc;

	if ((rc = value_ports(l->item, w.s, w.len, &ports, l->err)) != 0)
		return rc;
	range = ports.range[0];
	n = ports.n;
	free(ports.range);
	if (n != 1 || (!many && range.first != range.last))
		return config_bad(l->item, l->err, "\"%.*s\": want one %s",
		    (int)(w.len < 64 ? w.len : 64), w.s,
		    many ? "port or range" : "port");
	l->rule->to_ports = range;
	return words_done(&l->right) ? 0 : want(l);
}

/* Only one port can become another one. */
static int
take_inner_port(struct line *l, struct word w)
{
	const struct ports *p = &l->rule->ports;

	if (w.len == 0)
		return 0;
	if (p->n != 1 || p->range[0].first != p->range[0].last)
		return config_bad(l->item, l->err,
		    "only one port can become another one: write a line for "
		    "each port");
	return take_to_ports(l, w, false);
}

/* ---- kinds ---- */

static int
take_outward(struct line *l)
{
	struct lab_nat_rule *r = l->rule;
	struct word w;
	int rc;

	if ((rc = take_source(l, word_next(&l->left), &r->from)) != 0 ||
	    (rc = take_proto(l, word_next(&l->left), true)) != 0)
		return rc;
	if (!l->arrow)
		return r->kind == LAB_SNAT ? want(l) : 0;
	if (r->kind == LAB_PASS || r->kind == LAB_DENY)
		return want(l);
	w = word_next(&l->right);
	if (r->kind == LAB_SNAT) {
		r->has_to = true;
		if ((rc = take_address(l, w, &r->to)) != 0)
			return rc;
		w = word_next(&l->right);
		if (w.len == 0)
			return 0;
	}
	if (w.len == 0)
		return want(l);
	if (r->proto == LAB_ICMP)
		return config_bad(
		    l->item, l->err, "icmp has no ports: leave them out");
	return take_to_ports(l, w, true);
}

static int
take_inward(struct line *l)
{
	struct lab_nat_rule *r = l->rule;
	struct word w = word_next(&l->left);
	int rc = 0;

	if (!l->arrow || w.len == 0)
		return want(l);
	if (r->kind == LAB_DNAT) {
		rc = take_address(l, w, &r->from);
		w = word_next(&l->left);
	} else if (word_is(w, "any"))
		w = word_next(&l->left);
	if (rc != 0 || (rc = take_proto(l, w, false)) != 0)
		return rc;
	w = word_next(&l->right);
	if (r->kind == LAB_REDIRECT && w.len != 0 &&
	    memchr(w.s, '.', w.len) == NULL)
		return take_inner_port(l, w);
	r->has_to = true;
	rc = take_address(l, w, &r->to);
	return rc != 0 ? rc : take_inner_port(l, word_next(&l->right));
}

static int
take_nets(struct line *l)
{
	struct lab_nat_rule *r = l->rule;
	struct word w = word_next(&l->left);
	int rc;

	if (!l->arrow)
		return want(l);
	if (r->kind == LAB_NETMAP_TO) {
		if (word_is(w, "from"))
			r->kind = LAB_NETMAP_FROM;
		else if (!word_is(w, "to"))
			return want(l);
		w = word_next(&l->left);
	}
	r->has_to = true;
	if ((rc = take_network(l, w, &r->from)) != 0 ||
	    (rc = take_network(l, word_next(&l->right), &r->to)) != 0)
		return rc;
	return words_done(&l->left) && words_done(&l->right) ? 0 : want(l);
}

static int
take_claim(struct line *l)
{
	int rc = take_address(l, word_next(&l->left), &l->rule->from);

	if (rc != 0)
		return rc;
	return l->arrow || !words_done(&l->left) ? want(l) : 0;
}

static int
take_line(struct line *l)
{
	switch (l->rule->kind) {
	case LAB_SNAT:
	case LAB_MASQUERADE:
	case LAB_PASS:
	case LAB_DENY:
		return take_outward(l);
	case LAB_DNAT:
	case LAB_REDIRECT:
		return take_inward(l);
	case LAB_NETMAP_TO:
	case LAB_NETMAP_FROM:
	case LAB_TWIN:
		return take_nets(l);
	case LAB_CLAIM:
		break;
	}
	return take_claim(l);
}

int
lab_take_nat(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct lab_nat *nat = &((struct lab *)into)->nat;
	struct lab_nat_rule *list;
	struct lab_nat_rule rule = { .kind = (enum lab_nat_kind)row->min,
		.line = item->line };
	struct line l = { .item = item, .rule = &rule, .err = err };
	int rc;

	l.arrow = words_split(item->value, &l.left, &l.right);
	if (!l.arrow)
		l.left = words_of(item->value);
	if ((rc = take_line(&l)) == 0) {
		list = lab_list_grow(nat->rule, nat->n_rules, sizeof(*list));
		if (list != NULL) {
			nat->rule = list;
			list[nat->n_rules++] = rule;
			return 0;
		}
		rc = err_nomem(err);
	}
	free(rule.ports.range);
	return rc;
}
