/*
 * Addresses, routes and rules.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define CREATE (NLM_F_CREATE | NLM_F_EXCL)

/* Something stands that a step takes away, or that is not as it should be. */
static void
stands_as(struct look *look, const struct netns *ns, enum seen_kind kind,
    const void *item)
{
	char text[SEEN_TEXT];

	seen_text(text, ns, kind, item);
	look_is(look, LOOKBACK_DIFFERS, "there is %s", text);
}

/* ---- addresses ---- */

/* But for how long it lasts. */
static bool
is_right(const struct seen_address *a, const struct lookback_step *s)
{
	return s->len == 32 || a->alone == s->u.address.alone;
}

int
address_look(struct job *job, struct netns *ns, const struct lookback_step *s,
    struct look *look)
{
	struct seen_address *a;
	int index, rc = look_number(job, ns, s, look, &index);

	if (rc != 0 || index == 0 ||
	    (rc = seen_address(job, ns, index, s->addr, s->len, &a)) != 0)
		return rc;
	look_is(look,
	    a != NULL || s->remove ? LOOKBACK_STANDS : LOOKBACK_MISSING, "%s",
	    "");
	if (a == NULL)
		return 0;
	a->item.wanted = true;
	/* The host may have its own already, and as it likes. */
	if (s->remove || (ns != &job->home && (a->expires || !is_right(a, s))))
		stands_as(look, ns, SEEN_ADDRESSES, a);
	return 0;
}

static void
put_address(struct request *r, uint16_t type, uint16_t flags, int index,
    const struct lookback_step *s)
{
	struct ifaddrmsg *a;

	rtnl_begin(r, type, flags);
	a = mnl_nlmsg_put_extra_header(r->h, sizeof(*a));
	a->ifa_family = AF_INET;
	a->ifa_prefixlen = (uint8_t)s->len;
	a->ifa_index = (unsigned)index;
	mnl_attr_put_u32(r->h, IFA_LOCAL, htonl(s->addr));
	mnl_attr_put_u32(r->h, IFA_ADDRESS, htonl(s->addr));
	if (s->u.address.alone)
		mnl_attr_put_u32(r->h, IFA_FLAGS, IFA_F_NOPREFIXROUTE);
}

int
address_do(struct job *job, struct netns *ns, const struct lookback_step *s,
    const struct look *look)
{
	struct seen_address *a;
	struct request r;
	struct link l;
	int rc = link_get(job, ns, s->dev, &l);

	if (rc != 0 ||
	    (rc = seen_address(job, ns, l.index, s->addr, s->len, &a)) != 0)
		return rc;
	/* The kernel sets how long one lasts, and no flags. With the last one
	 * of a link its routes go. */
	if (look->state == LOOKBACK_DIFFERS && (s->remove || !is_right(a, s))) {
		put_address(&r, RTM_DELADDR, 0, l.index, s);
		if ((rc = rtnl_talk(job, ns, &r, NULL, NULL)) != 0)
			return rc;
	}
	if (!s->remove) {
		put_address(
		    &r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, l.index, s);
		rc = rtnl_add(job, ns, &r);
	}
	return rc == 0 ? 1 : rc;
}

/* ---- routes ---- */

static uint8_t
type_of(const struct lookback_step *s)
{
	return s->u.route.blackhole ? RTN_BLACKHOLE : RTN_UNICAST;
}

/* What of a step is not in its numbers. */
struct ends {
	int index;	 /* of the device */
	uint32_t source; /* 0: any */
};

static int
find_source(struct job *job, const struct lookback_step *s, struct ends *ends)
{
	if (s->u.route.source == NULL || s->remove)
		return 0;
	return host_address(job, s->u.route.source,
	    s->u.route.via != 0 ? s->u.route.via : s->addr, &ends->source);
}

static bool
by_any_hop(const struct lookback_step *s)
{
	return s->remove && s->dev == NULL && s->u.route.via == 0 &&
	    !s->u.route.blackhole;
}

/* One is taken away whatever its device and source are, if none is named. */
static bool
same_route(const struct seen_route *r, const struct lookback_step *s,
    const struct ends *ends)
{
	if (r->odd || r->tos != 0 || r->metric != 0 || r->type != type_of(s) ||
	    (r->via != s->u.route.via && !by_any_hop(s)) ||
	    r->proto != LOOKBACK_PROTO)
		return false;
	if (s->remove)
		return s->dev == NULL || r->index == ends->index;
	return r->index == ends->index && r->source == ends->source &&
	    (r->via == 0 || r->onlink == !s->u.route.near);
}

int
route_look(struct job *job, struct netns *ns, const struct lookback_step *s,
    struct look *look)
{
	struct seen_route *r, *is = NULL;
	struct ends ends = { 0 };
	bool same = false;
	size_t n;
	int rc;

	if (s->dev != NULL &&
	    ((rc = look_number(job, ns, s, look, &ends.index)) != 0 ||
		ends.index == 0))
		return rc;
	if ((rc = seen_routes(
		 job, ns, s->u.route.table, s->addr, s->len, &r, &n)) != 0)
		return rc;
	/* Of anybody else's in the host's, it is not for us to say. */
	if (ns == &job->home && !s->remove &&
	    (rc = host_route_is_free(job, s)) != 0)
		return rc;
	if ((rc = find_source(job, s, &ends)) != 0)
		return rc;
	for (size_t i = 0; i < n && !same; i++) {
		same = same_route(&r[i], s, &ends);
		if (same || is == NULL)
			is = &r[i];
	}
	look_is(look, LOOKBACK_STANDS, "%s", "");
	if (is != NULL && (same || !s->remove))
		is->item.wanted = true;
	if (s->remove ? same : is != NULL && !same)
		stands_as(look, ns, SEEN_ROUTES, is);
	else if (!s->remove && is == NULL)
		look_is(look, LOOKBACK_MISSING, "%s", "");
	return 0;
}

static void
put_route(struct request *r, uint16_t type, uint16_t flags,
    const struct ends *ends, const struct lookback_step *s)
{
	struct rtmsg *m;

	rtnl_begin(r, type, flags);
	m = mnl_nlmsg_put_extra_header(r->h, sizeof(*m));
	m->rtm_family = AF_INET;
	m->rtm_dst_len = (uint8_t)s->len;
	m->rtm_table = RT_TABLE_UNSPEC;
	m->rtm_protocol = LOOKBACK_PROTO;
	m->rtm_type = type_of(s);
	m->rtm_scope = by_any_hop(s)			? RT_SCOPE_NOWHERE :
	    s->u.route.blackhole || s->u.route.via != 0 ? RT_SCOPE_UNIVERSE :
							  RT_SCOPE_LINK;
	mnl_attr_put_u32(r->h, RTA_TABLE, s->u.route.table);
	if (s->len != 0)
		mnl_attr_put_u32(r->h, RTA_DST, htonl(s->addr));
	if (s->u.route.via != 0) {
		mnl_attr_put_u32(r->h, RTA_GATEWAY, htonl(s->u.route.via));
		if (!s->u.route.near)
			m->rtm_flags |= RTNH_F_ONLINK;
	}
	if (ends->source != 0)
		mnl_attr_put_u32(r->h, RTA_PREFSRC, htonl(ends->source));
	if (ends->index != 0)
		mnl_attr_put_u32(r->h, RTA_OIF, (uint32_t)ends->index);
}

int
route_do(struct job *job, struct netns *ns, const struct lookback_step *s,
    const struct look *look)
{
	struct link l = { 0 };
	struct ends ends = { 0 };
	struct request r;
	int rc = 0;

	if ((s->dev != NULL && (rc = link_get(job, ns, s->dev, &l)) != 0) ||
	    (rc = find_source(job, s, &ends)) != 0)
		return rc;
	ends.index = l.index;
	if (s->remove) {
		put_route(&r, RTM_DELROUTE, 0, &ends, s);
		rc = rtnl_talk(job, ns, &r, NULL, NULL);
	} else {
		/* At once: in between, packets would take another one. */
		put_route(&r, RTM_NEWROUTE,
		    look->state == LOOKBACK_DIFFERS ?
			NLM_F_CREATE | NLM_F_REPLACE :
			CREATE,
		    &ends, s);
		rc = rtnl_add(job, ns, &r);
	}
	return rc == 0 ? 1 : rc;
}

/* ---- rules ---- */

static bool
same_rule(const struct seen_rule *r, const struct lookback_step *s)
{
	const char *iif = s->u.rule.iif == NULL ? "" : s->u.rule.iif;

	return !r->odd && r->action == FR_ACT_TO_TBL &&
	    r->priority == s->u.rule.priority && r->table == s->u.rule.table &&
	    r->mask == s->u.rule.mask &&
	    (r->mask == 0 || r->mark == s->u.rule.mark) &&
	    strcmp(r->iif, iif) == 0;
}

int
rule_look(struct job *job, struct netns *ns, const struct lookback_step *s,
    struct look *look)
{
	const struct seen_list *list;
	struct seen_rule *r = NULL, *at = NULL;
	int rc = seen_get(job, ns, SEEN_RULES, &list);
	char text[SEEN_TEXT] = "";

	if (rc != 0)
		return rc;
	for (size_t i = 0; i < list->n; i++) {
		struct seen_rule *is = (struct seen_rule *)list->items + i;

		if (is->priority == s->u.rule.priority)
			at = is;
		if (same_rule(is, s))
			r = is;
	}
	look_is(look, LOOKBACK_STANDS, "%s", "");
	if (r != NULL) {
		r->item.wanted = true;
		if (s->remove)
			stands_as(look, ns, SEEN_RULES, r);
	} else if (!s->remove) {
		if (at != NULL)
			seen_text(text, ns, SEEN_RULES, at);
		look_is(look, LOOKBACK_MISSING, "%s%s",
		    at != NULL ? "there is " : "", text);
	}
	return 0;
}

int
rule_do(struct job *job, struct netns *ns, const struct lookback_step *s,
    const struct look *look)
{
	struct fib_rule_hdr *m;
	struct request r;
	int rc;

	(void)look;
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
	/* The others stay as they are. */
	rc = rtnl_add(job, ns, &r);
	return rc == 0 ? 1 : rc;
}
