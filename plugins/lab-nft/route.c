/*
 * Addresses, routes, rules and neighbours.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define CREATE (NLM_F_CREATE | NLM_F_EXCL)

/* A change that is there already, as `same` says, is none. */
static int
change(struct job *job, struct netns *ns, struct request *r, int same)
{
	int rc = rtnl_talk(job, ns, r, NULL, NULL);

	return rc == 0 ? 1 : rc == -same ? 0 : rc;
}

/* dev's number; 0 where there is no dev and `s` takes away. */
static int
number_of(
    struct job *job, struct netns *ns, const struct lookback_step *s, int *ret)
{
	struct link l;
	int rc = link_find(job, ns, s->dev, &l);

	*ret = l.index;
	if (rc == 0 && !s->remove)
		return link_get(job, ns, s->dev, &l);
	return rc < 0 ? rc : 0;
}

int
address_step(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	struct ifaddrmsg *a;
	struct request r;
	int rc, index;

	if ((rc = number_of(job, ns, s, &index)) != 0 || index == 0)
		return rc;
	rtnl_begin(
	    &r, s->remove ? RTM_DELADDR : RTM_NEWADDR, s->remove ? 0 : CREATE);
	a = mnl_nlmsg_put_extra_header(r.h, sizeof(*a));
	a->ifa_family = AF_INET;
	a->ifa_prefixlen = (uint8_t)s->len;
	a->ifa_index = (unsigned)index;
	mnl_attr_put_u32(r.h, IFA_LOCAL, htonl(s->addr));
	mnl_attr_put_u32(r.h, IFA_ADDRESS, htonl(s->addr));
	if (s->u.address.alone)
		mnl_attr_put_u32(r.h, IFA_FLAGS, IFA_F_NOPREFIXROUTE);
	return change(job, ns, &r, s->remove ? EADDRNOTAVAIL : EEXIST);
}

struct sought {
	int index;
	uint32_t addr; /* network byte order */
	bool found;
};

static int
see_address(const struct nlmsghdr *h, void *data)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *a;
	struct sought *sought = data;

	if ((int)m->ifa_index == sought->index &&
	    (a = rtnl_find(h, sizeof(*m), IFA_LOCAL)) != NULL &&
	    mnl_attr_get_u32(a) == sought->addr)
		sought->found = true;
	return MNL_CB_OK;
}

int
address_is_there(
    struct job *job, struct netns *ns, const struct lookback_step *s)
{
	struct sought sought = { .addr = htonl(s->addr) };
	struct ifaddrmsg *a;
	struct request r;
	int rc = number_of(job, ns, s, &sought.index);

	if (rc != 0)
		return rc;
	rtnl_begin(&r, RTM_GETADDR, NLM_F_DUMP);
	a = mnl_nlmsg_put_extra_header(r.h, sizeof(*a));
	a->ifa_family = AF_INET;
	rc = rtnl_talk(job, ns, &r, see_address, &sought);
	return rc != 0 ? rc : sought.found;
}

/* source 0: any */
static void
put_route(struct request *r, uint16_t type, uint16_t flags, int index,
    uint32_t source, const struct lookback_step *s)
{
	struct rtmsg *m;

	rtnl_begin(r, type, flags);
	m = mnl_nlmsg_put_extra_header(r->h, sizeof(*m));
	m->rtm_family = AF_INET;
	m->rtm_dst_len = (uint8_t)s->len;
	m->rtm_table = RT_TABLE_UNSPEC;
	m->rtm_protocol = LOOKBACK_PROTO;
	m->rtm_type = s->u.route.blackhole ? RTN_BLACKHOLE : RTN_UNICAST;
	m->rtm_scope = s->u.route.blackhole || s->u.route.via != 0 ?
	    RT_SCOPE_UNIVERSE :
	    RT_SCOPE_LINK;
	mnl_attr_put_u32(r->h, RTA_TABLE, s->u.route.table);
	if (s->len != 0)
		mnl_attr_put_u32(r->h, RTA_DST, htonl(s->addr));
	if (s->u.route.via != 0) {
		mnl_attr_put_u32(r->h, RTA_GATEWAY, htonl(s->u.route.via));
		if (!s->u.route.near)
			m->rtm_flags |= RTNH_F_ONLINK;
	}
	if (source != 0)
		mnl_attr_put_u32(r->h, RTA_PREFSRC, htonl(source));
	if (index != 0)
		mnl_attr_put_u32(r->h, RTA_OIF, (uint32_t)index);
}

int
route_step(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	int rc, index = 0;
	uint32_t source = 0;
	struct request r;

	if (s->dev != NULL &&
	    ((rc = number_of(job, ns, s, &index)) != 0 || index == 0))
		return rc;
	if (s->remove) {
		put_route(&r, RTM_DELROUTE, 0, index, 0, s);
		return change(job, ns, &r, ESRCH);
	}
	if (s->netns == NULL && (rc = host_route_is_free(job, s)) != 0)
		return rc;
	if (s->u.route.source != NULL &&
	    (rc = host_address(job, s->u.route.source,
		 s->u.route.via != 0 ? s->u.route.via : s->addr, &source)) != 0)
		return rc;
	put_route(&r, RTM_NEWROUTE, CREATE, index, source, s);
	if ((rc = change(job, ns, &r, EEXIST)) != 0)
		return rc;
	/* There is one to this prefix. Only an equal one is refused behind it;
	 * another one is taken back, and the wrong one replaced. */
	put_route(
	    &r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND, index, source, s);
	if ((rc = change(job, ns, &r, EEXIST)) <= 0)
		return rc;
	put_route(&r, RTM_DELROUTE, 0, index, source, s);
	if ((rc = change(job, ns, &r, 0)) < 0)
		return rc;
	put_route(
	    &r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, index, source, s);
	return change(job, ns, &r, 0);
}

int
rule_step(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	struct fib_rule_hdr *m;
	struct request r;

	rtnl_begin(
	    &r, s->remove ? RTM_DELRULE : RTM_NEWRULE, s->remove ? 0 : CREATE);
	m = mnl_nlmsg_put_extra_header(r.h, sizeof(*m));
	m->family = AF_INET;
	m->action = FR_ACT_TO_TBL;
	m->table = RT_TABLE_UNSPEC;
	mnl_attr_put_u32(r.h, FRA_PRIORITY, s->u.rule.priority);
	mnl_attr_put_u32(r.h, FRA_TABLE, s->u.rule.table);
	if (s->u.rule.mask != 0) {
		mnl_attr_put_u32(r.h, FRA_FWMARK, s->u.rule.mark);
		mnl_attr_put_u32(r.h, FRA_FWMASK, s->u.rule.mask);
	}
	if (s->u.rule.iif != NULL)
		mnl_attr_put_strz(r.h, FRA_IIFNAME, s->u.rule.iif);
	if (!s->remove)
		mnl_attr_put_u8(r.h, FRA_PROTOCOL, LOOKBACK_PROTO);
	return change(job, ns, &r, s->remove ? ENOENT : EEXIST);
}

/* ---- neighbours ---- */

static void
put_neighbour(struct request *r, uint16_t type, uint16_t flags, int index,
    uint32_t addr, const struct lookback_step *s)
{
	struct ndmsg *m;

	rtnl_begin(r, type, flags);
	m = mnl_nlmsg_put_extra_header(r->h, sizeof(*m));
	m->ndm_family = AF_INET;
	m->ndm_ifindex = index;
	if (s->type != LOOKBACK_NEIGHBOUR)
		m->ndm_flags = NTF_PROXY;
	mnl_attr_put_u32(r->h, NDA_DST, htonl(addr));
	if (type != RTM_NEWNEIGH)
		return;
	m->ndm_state = NUD_PERMANENT;
	if (s->type == LOOKBACK_NEIGHBOUR)
		mnl_attr_put(r->h, NDA_LLADDR, sizeof(s->mac), s->mac);
}

static int
see_neighbour(const struct nlmsghdr *h, void *data)
{
	const struct ndmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *a;
	uint8_t *mac = data;

	if ((m->ndm_state & NUD_PERMANENT) != 0 &&
	    (a = rtnl_find(h, sizeof(*m), NDA_LLADDR)) != NULL &&
	    mnl_attr_get_payload_len(a) == 6)
		memcpy(mac, mnl_attr_get_payload(a), 6);
	return MNL_CB_OK;
}

/* Whether one stands, and at which address; all zero where it is not fixed. */
static int
find_neighbour(struct job *job, struct netns *ns, int index, uint32_t addr,
    const struct lookback_step *s, uint8_t mac[6])
{
	struct request r;
	int rc;

	memset(mac, 0, 6);
	put_neighbour(&r, RTM_GETNEIGH, 0, index, addr, s);
	rc = rtnl_talk(job, ns, &r, see_neighbour, mac);
	return rc == -ENOENT ? 0 : rc == 0 ? 1 : rc;
}

int
neighbour_is_proxied(
    struct job *job, struct netns *ns, const struct lookback_step *s)
{
	uint8_t mac[6];
	int index, rc = number_of(job, ns, s, &index);

	return rc != 0 ? rc : find_neighbour(job, ns, index, s->addr, s, mac);
}

int
neighbour_step(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	uint32_t addr = s->addr;
	struct request r;
	uint8_t mac[6];
	int rc, index;

	if ((rc = number_of(job, ns, s, &index)) != 0 || index == 0)
		return rc;
	if (s->type == LOOKBACK_NEIGHBOUR && s->u.neighbour.owner != NULL &&
	    (rc = host_address(job, s->u.neighbour.owner, addr, &addr)) != 0)
		return rc;
	if (s->remove) {
		put_neighbour(&r, RTM_DELNEIGH, 0, index, addr, s);
		return change(job, ns, &r, ENOENT);
	}
	if ((rc = find_neighbour(job, ns, index, addr, s, mac)) < 0)
		return rc;
	if (rc == 1 &&
	    (s->type != LOOKBACK_NEIGHBOUR ||
		memcmp(mac, s->mac, sizeof(mac)) == 0))
		return 0;
	put_neighbour(
	    &r, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, index, addr, s);
	return change(job, ns, &r, 0);
}
