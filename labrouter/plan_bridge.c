/*
 * A network that is also a bridge of the host, for a hypervisor which attaches
 * its machines by a bridge's name.
 *
 * A host answers on every link for all its addresses, so a machine on a bridge
 * of the host would find production's there, or have its answer sent to the
 * machine's original in production. Rules on the bridge itself close it to the
 * host in both directions before it goes up, and stay as long as it does; what
 * its ports send each other does not pass there. The cell is one of them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_nft.h"
#include "plan_steps.h"

static const char *
guard(struct plan *p, const struct lab *lab, const struct plan_cell *c)
{
	struct rules r = { 0 };
	const char *dev = c->bridge;

	table_begin_as(&r, "netdev",
	    plan_printf(p, "lookback-%s-%zu", lab->name, c->index + 1));
	say(&r,
	    "\tchain from_bridge {\n\t\ttype filter hook ingress device "
	    "\"%s\" priority -500; policy drop;\n\t}\n"
	    "\tchain to_bridge {\n\t\ttype filter hook egress device "
	    "\"%s\" priority -500; policy drop;\n\t}\n",
	    dev, dev);
	return table_end(p, &r);
}

static void
no_ipv6_on(struct plan *p, const char *dev, int line)
{
	/* With slashes, since a name may hold a dot. */
	add_sysctl(p, NULL,
	    (struct sysctl){
		plan_printf(p, "net/ipv6/conf/%s/disable_ipv6", dev), "1" },
	    true, line);
}

static struct lookback_step *
bridge_step(
    struct plan *p, enum lookback_step_type type, const struct plan_cell *c)
{
	return plan_add(p, type, NULL, c->bridge, c->net->line);
}

/* The bridge itself. Its MAC says whether it is ours, from its first moment. */
static struct lookback_step *
link_step(struct plan *p, const struct lab *lab, const struct plan_cell *c)
{
	struct lookback_step *s = bridge_step(p, LOOKBACK_LINK, c);

	s->u.link.kind = LOOKBACK_BRIDGE;
	plan_mac(s->mac, lab, "bridge", c->index);
	return s;
}

/* The host's end of the bridge's link to the cell. */
static const char *
port_name(struct plan *p, const struct lab *lab, const struct plan_cell *c)
{
	return plan_host_link(p, lab, plan_printf(p, "bridge %zu", c->index));
}

void
plan_bridge_add(
    struct plan *p, const struct lab *lab, const struct plan_cell *c)
{
	const int line = c->net->line;
	const char *dev = c->bridge, *port, *alias;
	struct lookback_step *s;

	if (dev == NULL)
		return;
	(void)link_step(p, lab, c);
	no_ipv6_on(p, dev, line);
	bridge_step(p, LOOKBACK_RULESET, c)->text = guard(p, lab, c);

	port = port_name(p, lab, c);
	alias = plan_printf(p, "network %.200s", c->net->name);
	s = plan_add(p, LOOKBACK_LINK, NULL, port, line);
	s->u.link.kind = LOOKBACK_VETH;
	s->u.link.peer = PLAN_HOST;
	s->u.link.peer_netns = c->netns;
	add_alias(p, NULL, port, alias, line);
	no_ipv6_on(p, port, line);
	plan_add(p, LOOKBACK_MASTER, NULL, port, line)->text = dev;
	plan_add(p, LOOKBACK_UP, NULL, port, line);
	add_alias(
	    p, c->netns, PLAN_HOST, plan_printf(p, "bridge %s", dev), line);
	plan_add(p, LOOKBACK_MASTER, c->netns, PLAN_HOST, line)->text = PLAN_IN;
	plan_add(p, LOOKBACK_UP, c->netns, PLAN_HOST, line);
	bridge_step(p, LOOKBACK_UP, c);
}

void
plan_bridge_cut(
    struct plan *p, const struct lab *lab, const struct plan_cell *c)
{
	if (c->bridge != NULL)
		plan_add(
		    p, LOOKBACK_LINK, NULL, port_name(p, lab, c), c->net->line)
		    ->remove = true;
}

/* It goes if it is ours and has no ports: those that lost their bridge would be
 * links of the host's. If it stays, so do its rules, for the sake of machines
 * that still hang on it. */
void
plan_bridge_remove(
    struct plan *p, const struct lab *lab, const struct plan_cell *c)
{
	struct lookback_step *s;

	if (c->bridge == NULL)
		return;
	link_step(p, lab, c)->remove = true;
	s = bridge_step(p, LOOKBACK_RULESET, c);
	s->text = guard(p, lab, c);
	s->remove = true;
}
