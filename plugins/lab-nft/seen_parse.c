/*
 * One message of the kernel's into one item.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"
#include "seen_private.h"

#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void
keep_text(char *to, size_t size, const struct nlattr *a)
{
	(void)snprintf(to, size, "%.*s", (int)mnl_attr_get_payload_len(a),
	    (const char *)mnl_attr_get_payload(a));
}

/* Attributes by their type. */
#define MOST 64
struct attrs {
	const struct nlattr *of[MOST];
};

static int
sort_in(const struct nlattr *a, void *data)
{
	struct attrs *to = data;

	if (mnl_attr_get_type(a) < MOST)
		to->of[mnl_attr_get_type(a)] = a;
	return MNL_CB_OK;
}

static struct attrs
attrs_of(const struct nlmsghdr *h, size_t header)
{
	struct attrs to = { 0 };

	(void)mnl_attr_parse(h, (unsigned)header, sort_in, &to);
	return to;
}

/* 0 where there is none. */
static uint32_t
u32_of(const struct attrs *a, unsigned type)
{
	const struct nlattr *at = a->of[type];

	return at == NULL || mnl_attr_get_payload_len(at) < 4 ?
	    0 :
	    mnl_attr_get_u32(at);
}

static uint32_t
addr_of(const struct attrs *a, unsigned type)
{
	return ntohl(u32_of(a, type));
}

static bool
is_plain(const char *kind, const struct nlattr *data)
{
	const struct nlattr *a, *b;

	if (data == NULL)
		return false;
	if (strcmp(kind, "macvlan") == 0)
		return (a = rtnl_find_in(data, IFLA_MACVLAN_MODE)) != NULL &&
		    mnl_attr_get_u32(a) == MACVLAN_MODE_BRIDGE;
	return (a = rtnl_find_in(data, IFLA_BR_STP_STATE)) != NULL &&
	    (b = rtnl_find_in(data, IFLA_BR_FORWARD_DELAY)) != NULL &&
	    mnl_attr_get_u32(a) == 0 && mnl_attr_get_u32(b) == 0;
}

bool
seen_parse_link(const struct nlmsghdr *h, void *item)
{
	const struct ifinfomsg *i = mnl_nlmsg_get_payload(h);
	const struct attrs a = attrs_of(h, sizeof(*i));
	const struct nlattr *at;
	struct link *l = item;

	l->index = i->ifi_index;
	l->type = i->ifi_type;
	l->flags = i->ifi_flags;
	l->other = (int)u32_of(&a, IFLA_LINK);
	if (a.of[IFLA_LINK_NETNSID] == NULL)
		l->lower = l->other;
	l->mtu = u32_of(&a, IFLA_MTU);
	l->master = u32_of(&a, IFLA_MASTER);
	if ((at = a.of[IFLA_IFNAME]) != NULL)
		keep_text(l->name, sizeof(l->name), at);
	if ((at = a.of[IFLA_ADDRESS]) != NULL &&
	    mnl_attr_get_payload_len(at) == sizeof(l->mac))
		memcpy(l->mac, mnl_attr_get_payload(at), sizeof(l->mac));
	if ((at = a.of[IFLA_IFALIAS]) != NULL)
		keep_text(l->alias, sizeof(l->alias), at);
	if (a.of[IFLA_LINKINFO] != NULL &&
	    (at = rtnl_find_in(a.of[IFLA_LINKINFO], IFLA_INFO_KIND)) != NULL) {
		keep_text(l->kind, sizeof(l->kind), at);
		l->plain = is_plain(
		    l->kind, rtnl_find_in(a.of[IFLA_LINKINFO], IFLA_INFO_DATA));
	}
	return true;
}

bool
seen_parse_address(const struct nlmsghdr *h, void *item)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	const struct attrs a = attrs_of(h, sizeof(*m));
	uint32_t flags = m->ifa_flags | u32_of(&a, IFA_FLAGS);
	struct seen_address *to = item;

	to->index = (int)m->ifa_index;
	to->addr = addr_of(&a, IFA_LOCAL);
	to->len = m->ifa_prefixlen;
	to->net = addr_of(&a, IFA_ADDRESS);
	to->scope = m->ifa_scope;
	to->alone = (flags & IFA_F_NOPREFIXROUTE) != 0;
	to->expires = (flags & IFA_F_PERMANENT) == 0;
	return m->ifa_family == AF_INET;
}

/* What the kernel adds with each address is not kept. */
bool
seen_parse_route(const struct nlmsghdr *h, void *item)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	const struct attrs a = attrs_of(h, sizeof(*m));
	struct seen_route *to = item;

	to->table = a.of[RTA_TABLE] != NULL ? u32_of(&a, RTA_TABLE) :
					      m->rtm_table;
	to->addr = addr_of(&a, RTA_DST);
	to->len = m->rtm_dst_len;
	to->metric = u32_of(&a, RTA_PRIORITY);
	to->via = addr_of(&a, RTA_GATEWAY);
	to->source = addr_of(&a, RTA_PREFSRC);
	to->index = (int)u32_of(&a, RTA_OIF);
	to->type = m->rtm_type;
	to->proto = m->rtm_protocol;
	to->scope = m->rtm_scope;
	to->tos = m->rtm_tos;
	to->onlink = (m->rtm_flags & RTNH_F_ONLINK) != 0;
	to->odd = a.of[RTA_MULTIPATH] != NULL || a.of[RTA_VIA] != NULL ||
	    a.of[RTA_METRICS] != NULL || a.of[RTA_NH_ID] != NULL ||
	    a.of[RTA_ENCAP] != NULL;
	return m->rtm_family == AF_INET && (m->rtm_flags & RTM_F_CLONED) == 0 &&
	    (to->table != RT_TABLE_LOCAL || to->proto != RTPROT_KERNEL);
}

bool
seen_parse_rule(const struct nlmsghdr *h, void *item)
{
	static const unsigned others[] = { FRA_DST, FRA_SRC, FRA_OIFNAME,
		FRA_FLOW, FRA_TUN_ID, FRA_L3MDEV, FRA_UID_RANGE, FRA_IP_PROTO,
		FRA_SPORT_RANGE, FRA_DPORT_RANGE, FRA_GOTO };
	const struct fib_rule_hdr *m = mnl_nlmsg_get_payload(h);
	const struct attrs a = attrs_of(h, sizeof(*m));
	struct seen_rule *to = item;

	to->priority = u32_of(&a, FRA_PRIORITY);
	to->mark = u32_of(&a, FRA_FWMARK);
	to->mask = u32_of(&a, FRA_FWMASK);
	to->table = a.of[FRA_TABLE] != NULL ? u32_of(&a, FRA_TABLE) : m->table;
	to->action = m->action;
	if (a.of[FRA_PROTOCOL] != NULL)
		to->proto = mnl_attr_get_u8(a.of[FRA_PROTOCOL]);
	if (a.of[FRA_IIFNAME] != NULL)
		keep_text(to->iif, sizeof(to->iif), a.of[FRA_IIFNAME]);
	to->odd = m->tos != 0 || (m->flags & FIB_RULE_INVERT) != 0 ||
	    (a.of[FRA_SUPPRESS_PREFIXLEN] != NULL &&
		u32_of(&a, FRA_SUPPRESS_PREFIXLEN) != UINT32_MAX);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		to->odd |= a.of[others[i]] != NULL;
	return m->family == AF_INET;
}

bool
seen_parse_neighbour(const struct nlmsghdr *h, void *item)
{
	const struct ndmsg *m = mnl_nlmsg_get_payload(h);
	const struct attrs a = attrs_of(h, sizeof(*m));
	struct seen_neighbour *to = item;

	to->index = m->ndm_ifindex;
	to->addr = addr_of(&a, NDA_DST);
	to->permanent = (m->ndm_state & NUD_PERMANENT) != 0;
	if (a.of[NDA_LLADDR] != NULL &&
	    mnl_attr_get_payload_len(a.of[NDA_LLADDR]) == sizeof(to->mac))
		memcpy(to->mac, mnl_attr_get_payload(a.of[NDA_LLADDR]),
		    sizeof(to->mac));
	return m->ndm_family == AF_INET;
}
