/*
 * Steps of a plan in the words of ip(8).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_private.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

static const char *
verb(const struct lookback_step *s)
{
	return s->remove ? "del" : "add";
}

static int
mac_text(struct buf *b, const uint8_t m[6])
{
	return buf_printf(b, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2],
	    m[3], m[4], m[5]);
}

static bool
has_mac(const struct lookback_step *s)
{
	static const uint8_t none[sizeof(s->mac)];

	return memcmp(s->mac, none, sizeof(none)) != 0;
}

static int
link_text(struct buf *b, const struct lookback_step *s)
{
	if (s->remove)
		return buf_printf(b, "link del %s", s->dev);
	switch (s->u.link.kind) {
	case LOOKBACK_VETH:
		if (buf_printf(b, "link add %s type veth peer name %s", s->dev,
			s->u.link.peer) != 0)
			return -1;
		return s->u.link.peer_netns == NULL ?
		    0 :
		    buf_printf(b, " netns %s", s->u.link.peer_netns);
	case LOOKBACK_BRIDGE:
		if (buf_printf(b, "link add %s ", s->dev) != 0 ||
		    (has_mac(s) &&
			(buf_add_str(b, "address ") != 0 ||
			    mac_text(b, s->mac) != 0 ||
			    buf_add_byte(b, ' ') != 0)))
			return -1;
		return buf_add_str(
		    b, "type bridge stp_state 0 forward_delay 0");
	case LOOKBACK_MACVLAN:
		break;
	}
	return buf_printf(b,
	    "link add link %s name %s%s%s type macvlan mode bridge",
	    s->u.link.parent, s->dev, s->netns != NULL ? " netns " : "",
	    s->netns != NULL ? s->netns : "");
}

/* A link of this host's namespace that may be somebody else's. */
static int
shared_link_text(struct buf *b, const struct lookback_step *s)
{
	const char *dev = s->dev;

	if (!s->remove)
		return buf_printf(b, "ip link show %s > /dev/null 2>&1 || ip ",
			   dev) != 0 ?
		    -1 :
		    link_text(b, s);
	if (buf_printf(b, "! ip link show %s | grep -q 'ether ", dev) != 0 ||
	    mac_text(b, s->mac) != 0)
		return -1;
	return buf_printf(b,
	    " ' || ip link show master %s | grep -q . || ip link del %s", dev,
	    dev);
}

static int
table_text(struct buf *b, uint32_t table)
{
	if (table == 254)
		return buf_add_str(b, "main");
	if (table == 255)
		return buf_add_str(b, "local");
	return buf_printf(b, "%" PRIu32, table);
}

/* An address, or the file that has it. */
static int
known_text(struct buf *b, uint32_t addr, const char *file)
{
	return file == NULL ? plan_add_addr(b, addr) :
			      buf_printf(b, "\"$(cat %s)\"", file);
}

/* What this device of the host's has in the network of that address. */
static int
owner_text(struct buf *b, const char *dev, uint32_t addr, const char *file)
{
	if (buf_printf(b, "\"$(ip route get ") != 0 ||
	    known_text(b, addr, file) != 0)
		return -1;
	return buf_printf(
	    b, " oif %s | sed -n 's/.* src \\([^ ]*\\).*/\\1/p')\"", dev);
}

static int
route_text(struct buf *b, const struct lookback_step *s)
{
	const char *kind = s->u.route.blackhole ? "blackhole " : "";
	const char *via_file = s->remove ? NULL : s->u.route.via_file;
	const bool via = s->u.route.via != 0 || via_file != NULL;

	/* A program may have set in its namespace what it learnt. */
	if (buf_printf(b, "route %s %s",
		via_file != NULL && s->netns != NULL ? "replace" : verb(s),
		kind) != 0 ||
	    (s->len == 0 ? buf_add_str(b, "default") :
		    s->addr_file != NULL ?
			   known_text(b, 0, s->addr_file) :
			   plan_add_prefix(b, s->addr, s->len)) != 0)
		return -1;
	if (via &&
	    (buf_add_str(b, " via ") != 0 ||
		known_text(b, s->u.route.via, via_file) != 0))
		return -1;
	if (s->dev != NULL && buf_printf(b, " dev %s", s->dev) != 0)
		return -1;
	if (via && s->dev != NULL && !s->u.route.near &&
	    buf_add_str(b, " onlink") != 0)
		return -1;
	if (s->u.route.source != NULL && (via || !s->remove) &&
	    (buf_add_str(b, " src ") != 0 ||
		(via ? owner_text(
			   b, s->u.route.source, s->u.route.via, via_file) :
		       owner_text(
			   b, s->u.route.source, s->addr, s->addr_file)) != 0))
		return -1;
	if (buf_add_str(b, " table ") != 0 ||
	    table_text(b, s->u.route.table) != 0)
		return -1;
	return buf_printf(b, " proto %d", LOOKBACK_PROTO);
}

static int
rule_text(struct buf *b, const struct lookback_step *s)
{
	if (buf_printf(
		b, "rule %s pref %" PRIu32, verb(s), s->u.rule.priority) != 0)
		return -1;
	if (s->u.rule.iif != NULL &&
	    buf_printf(b, " iif %s", s->u.rule.iif) != 0)
		return -1;
	if (s->u.rule.mask != 0 &&
	    buf_printf(b, " fwmark 0x%" PRIx32 "/0x%" PRIx32, s->u.rule.mark,
		s->u.rule.mask) != 0)
		return -1;
	if (buf_add_str(b, " lookup ") != 0 ||
	    table_text(b, s->u.rule.table) != 0)
		return -1;
	return s->remove ? 0 : buf_printf(b, " protocol %d", LOOKBACK_PROTO);
}

/* Behind "ip". */
static int
ip_text(struct buf *b, const struct lookback_step *s)
{
	switch (s->type) {
	case LOOKBACK_LINK:
		return link_text(b, s);
	case LOOKBACK_ROUTE:
		return route_text(b, s);
	case LOOKBACK_RULE:
		return rule_text(b, s);
	case LOOKBACK_MAC:
		return buf_printf(b, "link set %s address ", s->dev) != 0 ?
		    -1 :
		    mac_text(b, s->mac);
	case LOOKBACK_MTU:
		return buf_printf(
		    b, "link set %s mtu %" PRIu64, s->dev, s->number);
	case LOOKBACK_ALIAS:
		return buf_printf(b, "link set %s alias ", s->dev) != 0 ?
		    -1 :
		    text_shell(b, s->text);
	case LOOKBACK_MASTER:
		return buf_printf(b, "link set %s master %s", s->dev, s->text);
	case LOOKBACK_UP:
		return buf_printf(
		    b, "link set %s %s", s->dev, s->remove ? "down" : "up");
	case LOOKBACK_UP_NOARP:
		return buf_printf(b, "link set %s arp off up", s->dev);
	case LOOKBACK_ADDRESS:
		/* The host may have its own already. */
		if (buf_printf(b, "addr %s ",
			s->netns == NULL && !s->remove ? "replace" : verb(s)) !=
			0 ||
		    plan_add_prefix(b, s->addr, s->len) != 0)
			return -1;
		return buf_printf(b, " dev %s%s", s->dev,
		    s->u.address.alone ? " noprefixroute" : "");
	case LOOKBACK_NEIGHBOUR:
		if (buf_printf(b, "neigh %s ", verb(s)) != 0 ||
		    (s->u.neighbour.owner == NULL ?
			    known_text(b, s->addr, s->addr_file) :
			    owner_text(b, s->u.neighbour.owner, s->addr,
				s->addr_file)) != 0 ||
		    buf_add_str(b, " lladdr ") != 0 || mac_text(b, s->mac) != 0)
			return -1;
		return buf_printf(b, " dev %s nud permanent", s->dev);
	case LOOKBACK_PROXY:
		if (buf_printf(b, "neigh %s proxy ", verb(s)) != 0 ||
		    plan_add_addr(b, s->addr) != 0)
			return -1;
		return buf_printf(b, " dev %s", s->dev);
	case LOOKBACK_NETNS:
		return buf_printf(b, "netns %s %s", verb(s), s->netns);
	case LOOKBACK_SYSCTL:
	case LOOKBACK_RULESET:
	case LOOKBACK_PROBE:
	case LOOKBACK_ANNOUNCE:
	case LOOKBACK_FILE:
	case LOOKBACK_RUN:
		break;
	}
	return 0;
}

int
plan_ip_text(struct buf *b, const struct lookback_step *s)
{
	/* A macvlan is made where its parent is; so is a namespace. */
	const bool here = s->type == LOOKBACK_NETNS ||
	    (s->type == LOOKBACK_LINK && s->u.link.kind == LOOKBACK_MACVLAN &&
		!s->remove);

	if (s->type == LOOKBACK_LINK && has_mac(s))
		return shared_link_text(b, s);
	if (s->type == LOOKBACK_ROUTE && !s->remove && s->advice == NULL &&
	    s->u.route.via_file != NULL &&
	    buf_printf(b, "[ ! -s %s ] || ", s->u.route.via_file) != 0)
		return -1;
	if (s->netns == NULL || here ?
		buf_add_str(b, "ip ") != 0 :
		buf_printf(b, "ip -n %s ", s->netns) != 0)
		return -1;
	return ip_text(b, s);
}
