/*
 * Links: made, looked at, set.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

struct ifinfomsg *
link_begin(struct request *r, uint16_t type, uint16_t flags)
{
	rtnl_begin(r, type, flags);
	return mnl_nlmsg_put_extra_header(r->h, sizeof(struct ifinfomsg));
}

static void
keep_text(char *to, size_t size, const struct nlattr *a)
{
	(void)snprintf(to, size, "%.*s", (int)mnl_attr_get_payload_len(a),
	    (const char *)mnl_attr_get_payload(a));
}

static void
read_link(const struct nlmsghdr *h, struct link *l)
{
	const struct ifinfomsg *i = mnl_nlmsg_get_payload(h);
	const unsigned skip = sizeof(*i);
	const struct nlattr *a;

	memset(l, 0, sizeof(*l));
	l->index = i->ifi_index;
	l->type = i->ifi_type;
	l->flags = i->ifi_flags;
	if ((a = rtnl_find(h, skip, IFLA_IFNAME)) != NULL)
		keep_text(l->name, sizeof(l->name), a);
	if ((a = rtnl_find(h, skip, IFLA_LINK)) != NULL)
		l->other = (int)mnl_attr_get_u32(a);
	if (rtnl_find(h, skip, IFLA_LINK_NETNSID) == NULL)
		l->lower = l->other;
	if ((a = rtnl_find(h, skip, IFLA_ADDRESS)) != NULL &&
	    mnl_attr_get_payload_len(a) == sizeof(l->mac))
		memcpy(l->mac, mnl_attr_get_payload(a), sizeof(l->mac));
	if ((a = rtnl_find(h, skip, IFLA_MTU)) != NULL)
		l->mtu = mnl_attr_get_u32(a);
	if ((a = rtnl_find(h, skip, IFLA_MASTER)) != NULL)
		l->master = mnl_attr_get_u32(a);
	if ((a = rtnl_find(h, skip, IFLA_IFALIAS)) != NULL)
		keep_text(l->alias, sizeof(l->alias), a);
	if ((a = rtnl_find(h, skip, IFLA_LINKINFO)) != NULL &&
	    (a = rtnl_find_in(a, IFLA_INFO_KIND)) != NULL)
		keep_text(l->kind, sizeof(l->kind), a);
}

static int
see(const struct nlmsghdr *h, void *data)
{
	read_link(h, data);
	return MNL_CB_OK;
}

struct each {
	link_see_fn *see;
	void *data;
};

static int
see_each(const struct nlmsghdr *h, void *data)
{
	const struct each *each = data;
	struct link l;

	read_link(h, &l);
	return each->see(&l, each->data);
}

int
link_each(struct job *job, struct netns *ns, link_see_fn *fn, void *data)
{
	struct each each = { fn, data };
	struct request r;

	link_begin(&r, RTM_GETLINK, NLM_F_DUMP);
	return rtnl_talk(job, ns, &r, see_each, &each);
}

int
link_find(struct job *job, struct netns *ns, const char *dev, struct link *ret)
{
	struct request r;
	int rc;

	memset(ret, 0, sizeof(*ret));
	link_begin(&r, RTM_GETLINK, 0);
	mnl_attr_put_strz(r.h, IFLA_IFNAME, dev);
	rc = rtnl_talk(job, ns, &r, see, ret);
	if (rc == -ENODEV)
		return 0;
	return rc == 0 ? 1 : rc;
}

int
link_get(struct job *job, struct netns *ns, const char *dev, struct link *ret)
{
	int rc = link_find(job, ns, dev, ret);

	if (rc == 0)
		return job_why(job, ENODEV, "there is no link %s", dev);
	return rc < 0 ? rc : 0;
}

int
link_delete(struct job *job, struct netns *ns, const char *dev)
{
	struct request r;
	int rc;

	link_begin(&r, RTM_DELLINK, 0);
	mnl_attr_put_strz(r.h, IFLA_IFNAME, dev);
	rc = rtnl_talk(job, ns, &r, NULL, NULL);
	return rc == -ENODEV ? 0 : rc == 0 ? 1 : rc;
}

static const char *const kinds[] = {
	[LOOKBACK_VETH] = "veth",
	[LOOKBACK_MACVLAN] = "macvlan",
	[LOOKBACK_BRIDGE] = "bridge",
};

/* A pair of which one end is not where it should be is no pair of this plan:
 * its namespace went, and the kernel has not come to it yet. */
static int
stands(struct job *job, struct netns *ns, struct netns *peer_ns,
    const struct lookback_step *s)
{
	const char *kind = kinds[s->u.link.kind];
	struct link l;
	int rc = link_find(job, ns, s->dev, &l);

	if (rc <= 0)
		return rc;
	if (strcmp(l.kind, kind) != 0)
		return job_why(
		    job, EEXIST, "%s stands and is no %s", s->dev, kind);
	if (s->u.link.kind != LOOKBACK_VETH)
		return 1;
	if ((rc = link_find(job, peer_ns, s->u.link.peer, &l)) != 0)
		return rc;
	rc = link_delete(job, ns, s->dev);
	return rc < 0 ? rc : 0;
}

static void
put_veth(struct request *r, const struct netns *peer_ns, const char *peer)
{
	struct nlattr *data = mnl_attr_nest_start(r->h, IFLA_INFO_DATA);
	struct nlattr *to = mnl_attr_nest_start(r->h, VETH_INFO_PEER);

	mnl_nlmsg_put_extra_header(r->h, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(r->h, IFLA_IFNAME, peer);
	mnl_attr_put_u32(r->h, IFLA_NET_NS_FD, (uint32_t)peer_ns->fd);
	mnl_attr_nest_end(r->h, to);
	mnl_attr_nest_end(r->h, data);
}

static bool
has_mac(const struct lookback_step *s)
{
	static const uint8_t none[sizeof(s->mac)];

	return memcmp(s->mac, none, sizeof(none)) != 0;
}

/* A port of the bridge of this number. */
struct port {
	int bridge;
	char name[16]; /* empty: none was found */
};

static int
see_port(const struct link *l, void *data)
{
	struct port *port = data;

	if (l->master == (unsigned)port->bridge)
		memcpy(port->name, l->name, sizeof(port->name));
	return MNL_CB_OK;
}

/* Made with this MAC, so nobody else made it. Without its bridge a port would
 * be an interface of this host, which answers on each by all its addresses. */
static int
delete_ours(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	struct link l;
	int rc = link_find(job, ns, s->dev, &l);
	struct port port = { .bridge = l.index };

	if (rc <= 0 || memcmp(l.mac, s->mac, sizeof(l.mac)) != 0)
		return rc < 0 ? rc : 0;
	if ((rc = link_each(job, ns, see_port, &port)) != 0)
		return rc;
	if (port.name[0] == '\0')
		return link_delete(job, ns, s->dev);
	job->host->log(job->host->ctx, LOOKBACK_WARN,
	    "%s stays, since %s is a port of it", s->dev, port.name);
	return 0;
}

int
link_step(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	struct netns *peer_ns = NULL, *at = ns;
	struct nlattr *info, *data;
	struct link parent = { 0 };
	struct request r;
	int rc;

	if (s->remove)
		return has_mac(s) ? delete_ours(job, ns, s) :
				    link_delete(job, ns, s->dev);
	if (s->u.link.kind == LOOKBACK_VETH &&
	    (rc = netns_get(job, s->u.link.peer_netns, &peer_ns)) != 0)
		return rc;
	if ((rc = stands(job, ns, peer_ns, s)) != 0)
		return rc < 0 ? rc : 0;
	if (s->u.link.kind == LOOKBACK_MACVLAN) {
		at = &job->home;
		if ((rc = link_get(job, at, s->u.link.parent, &parent)) != 0)
			return rc;
	}
	link_begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	mnl_attr_put_strz(r.h, IFLA_IFNAME, s->dev);
	mnl_attr_put_u32(r.h, IFLA_NET_NS_FD, (uint32_t)ns->fd);
	if (has_mac(s))
		mnl_attr_put(r.h, IFLA_ADDRESS, sizeof(s->mac), s->mac);
	if (parent.index != 0)
		mnl_attr_put_u32(r.h, IFLA_LINK, (uint32_t)parent.index);
	info = mnl_attr_nest_start(r.h, IFLA_LINKINFO);
	mnl_attr_put_strz(r.h, IFLA_INFO_KIND, kinds[s->u.link.kind]);
	if (s->u.link.kind == LOOKBACK_VETH) {
		put_veth(&r, peer_ns, s->u.link.peer);
	} else {
		data = mnl_attr_nest_start(r.h, IFLA_INFO_DATA);
		if (s->u.link.kind == LOOKBACK_MACVLAN) {
			mnl_attr_put_u32(
			    r.h, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
		} else {
			mnl_attr_put_u32(r.h, IFLA_BR_STP_STATE, 0);
			mnl_attr_put_u32(r.h, IFLA_BR_FORWARD_DELAY, 0);
		}
		mnl_attr_nest_end(r.h, data);
	}
	mnl_attr_nest_end(r.h, info);
	rc = rtnl_talk(job, at, &r, NULL, NULL);
	return rc == 0 ? 1 : rc;
}

/* What differs from `now` goes into the request; false: nothing does. */
static bool
put_change(struct request *r, struct ifinfomsg *i, const struct link *now,
    uint32_t master, const struct lookback_step *s)
{
	const char *alias = s->remove ? "" : s->text;
	unsigned mask = IFF_UP;

	switch (s->type) {
	case LOOKBACK_MAC:
		mnl_attr_put(r->h, IFLA_ADDRESS, sizeof(s->mac), s->mac);
		return memcmp(now->mac, s->mac, sizeof(s->mac)) != 0;
	case LOOKBACK_MTU:
		mnl_attr_put_u32(r->h, IFLA_MTU, (uint32_t)s->number);
		return now->mtu != s->number;
	case LOOKBACK_ALIAS:
		mnl_attr_put(r->h, IFLA_IFALIAS, strlen(alias) + 1, alias);
		return strcmp(now->alias, alias) != 0;
	case LOOKBACK_MASTER:
		mnl_attr_put_u32(r->h, IFLA_MASTER, master);
		return now->master != master;
	case LOOKBACK_UP_NOARP:
		if (!s->remove)
			mask |= IFF_NOARP;
		break;
	default:
		break;
	}
	i->ifi_change = mask;
	i->ifi_flags = s->remove ? 0 : mask;
	return (now->flags & mask) != i->ifi_flags;
}

int
link_set_step(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	struct link now, bridge = { 0 };
	struct ifinfomsg *i;
	struct request r;
	int rc = link_find(job, ns, s->dev, &now);

	if (rc == 0 && s->remove)
		return 0;
	if (rc <= 0)
		return rc < 0 ? rc : link_get(job, ns, s->dev, &now);
	if (s->type == LOOKBACK_MASTER && !s->remove &&
	    (rc = link_get(job, ns, s->text, &bridge)) != 0)
		return rc;
	i = link_begin(&r, RTM_NEWLINK, 0);
	i->ifi_index = now.index;
	if (!put_change(&r, i, &now, (uint32_t)bridge.index, s))
		return 0;
	rc = rtnl_talk(job, ns, &r, NULL, NULL);
	return rc == 0 ? 1 : rc;
}
