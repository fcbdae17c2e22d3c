/*
 * A step that makes a link: it is made, put right or deleted.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"
#include "link_private.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if_arp.h>
#include <string.h>

/* The kernel uses one, but makes one a processor where nobody says how many; and
 * to put the others away it waits for all that may be in them. */
static void
put_queues(struct request *r)
{
	mnl_attr_put_u32(r->h, IFLA_NUM_TX_QUEUES, 1);
	mnl_attr_put_u32(r->h, IFLA_NUM_RX_QUEUES, 1);
}

static void
put_veth(struct request *r, const struct netns *peer_ns, const char *peer)
{
	struct nlattr *data = mnl_attr_nest_start(r->h, IFLA_INFO_DATA);
	struct nlattr *to = mnl_attr_nest_start(r->h, VETH_INFO_PEER);

	mnl_nlmsg_put_extra_header(r->h, sizeof(struct ifinfomsg));
	put_queues(r);
	mnl_attr_put_strz(r->h, IFLA_IFNAME, peer);
	mnl_attr_put_u32(r->h, IFLA_NET_NS_FD, (uint32_t)peer_ns->fd);
	mnl_attr_nest_end(r->h, to);
	mnl_attr_nest_end(r->h, data);
}

static void
put_bridge(struct request *r)
{
	struct nlattr *data = mnl_attr_nest_start(r->h, IFLA_INFO_DATA);

	mnl_attr_put_u32(r->h, IFLA_BR_STP_STATE, 0);
	mnl_attr_put_u32(r->h, IFLA_BR_FORWARD_DELAY, 0);
	mnl_attr_nest_end(r->h, data);
}

static void
put_macvlan(struct request *r)
{
	struct nlattr *data = mnl_attr_nest_start(r->h, IFLA_INFO_DATA);

	mnl_attr_put_u32(r->h, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
	mnl_attr_nest_end(r->h, data);
}

/* What stands in the way goes first: all of this name in a namespace of the
 * lab's is the lab's. A pair of which one end is not where it should be is no
 * pair of this plan: its namespace went, and the kernel has not come to it
 * yet. */
static int
make_way(struct job *job, struct netns *ns, struct netns *peer_ns,
    const struct lookback_step *s)
{
	const char *kind = link_kinds[s->u.link.kind];
	struct link l;
	int rc = link_find(job, ns, s->dev, &l);

	if (rc == 1 && ns == &job->home && strcmp(l.kind, kind) != 0)
		return job_why(
		    job, EEXIST, "%s stands and is no %s", s->dev, kind);
	if (rc == 1)
		rc = link_delete(job, ns, s->dev);
	if (rc >= 0 && peer_ns != NULL && peer_ns != &job->home &&
	    (rc = link_find(job, peer_ns, s->u.link.peer, &l)) == 1)
		rc = link_delete(job, peer_ns, s->u.link.peer);
	return rc < 0 ? rc : 0;
}

/* What the kernel would refuse in fewer words. */
static int
check_parent(struct job *job, const struct link *parent)
{
	const struct link *of = seen_link_of(&job->home, (int)parent->master);

	if (parent->type != ARPHRD_ETHER)
		return job_why(
		    job, EINVAL, "%s is no Ethernet interface", parent->name);
	if (parent->master != 0)
		return job_why(job, EBUSY,
		    "%s is a port of %s, which has all that comes; name that "
		    "one as Attach",
		    parent->name, of != NULL ? of->name : "another interface");
	return 0;
}

static int
make(struct job *job, struct netns *ns, struct netns *peer_ns,
    const struct lookback_step *s)
{
	struct link parent = { 0 };
	struct netns *at = ns;
	struct nlattr *info;
	struct request r;
	int rc;

	if (s->u.link.kind == LOOKBACK_MACVLAN) {
		at = &job->home;
		if ((rc = link_get(job, at, s->u.link.parent, &parent)) != 0 ||
		    (rc = check_parent(job, &parent)) != 0)
			return rc;
	}
	link_begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	mnl_attr_put_strz(r.h, IFLA_IFNAME, s->dev);
	mnl_attr_put_u32(r.h, IFLA_NET_NS_FD, (uint32_t)ns->fd);
	if (link_has_mac(s))
		mnl_attr_put(r.h, IFLA_ADDRESS, sizeof(s->mac), s->mac);
	if (parent.index != 0)
		mnl_attr_put_u32(r.h, IFLA_LINK, (uint32_t)parent.index);
	if (s->u.link.kind == LOOKBACK_VETH)
		put_queues(&r);
	info = mnl_attr_nest_start(r.h, IFLA_LINKINFO);
	mnl_attr_put_strz(r.h, IFLA_INFO_KIND, link_kinds[s->u.link.kind]);
	if (s->u.link.kind == LOOKBACK_VETH)
		put_veth(&r, peer_ns, s->u.link.peer);
	else if (s->u.link.kind == LOOKBACK_MACVLAN)
		put_macvlan(&r);
	else
		put_bridge(&r);
	mnl_attr_nest_end(r.h, info);
	if ((rc = rtnl_add(job, at, &r)) != 0 ||
	    (rc = seen_link_again(job, ns, s->dev)) != 0)
		return rc;
	rc = peer_ns == NULL ? 0 :
			       seen_link_again(job, peer_ns, s->u.link.peer);
	return rc == 0 ? 1 : rc;
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
	int rc = link_get(job, ns, s->dev, &l);
	struct port port = { .bridge = l.index };

	if (rc != 0 || (rc = link_each(job, ns, see_port, &port)) != 0)
		return rc;
	if (port.name[0] == '\0')
		return link_delete(job, ns, s->dev);
	job->host->log(job->host->ctx, LOOKBACK_WARN,
	    "%s stays, since %s is a port of it", s->dev, port.name);
	return 0;
}

/* One attribute of a bridge. */
static int
set_bridge_u32(struct job *job, struct netns *ns, const char *dev,
    uint16_t attribute, uint32_t value)
{
	struct nlattr *info, *data;
	struct request r;

	link_begin(&r, RTM_NEWLINK, 0);
	mnl_attr_put_strz(r.h, IFLA_IFNAME, dev);
	info = mnl_attr_nest_start(r.h, IFLA_LINKINFO);
	mnl_attr_put_strz(r.h, IFLA_INFO_KIND, link_kinds[LOOKBACK_BRIDGE]);
	data = mnl_attr_nest_start(r.h, IFLA_INFO_DATA);
	mnl_attr_put_u32(r.h, attribute, value);
	mnl_attr_nest_end(r.h, data);
	mnl_attr_nest_end(r.h, info);
	return rtnl_add(job, ns, &r);
}

/* Its ports stay. Only without STP there may be no delay. */
static int
set_bridge(struct job *job, struct netns *ns, const char *dev)
{
	int rc = set_bridge_u32(job, ns, dev, IFLA_BR_STP_STATE, 0);

	if (rc == 0)
		rc = set_bridge_u32(job, ns, dev, IFLA_BR_FORWARD_DELAY, 0);
	if (rc == 0)
		rc = seen_link_again(job, ns, dev);
	return rc == 0 ? 1 : rc;
}

int
link_do(struct job *job, struct netns *ns, const struct lookback_step *s,
    const struct look *look)
{
	struct netns *peer_ns = NULL;
	struct link now;
	int rc;

	if (s->remove)
		return link_has_mac(s) ? delete_ours(job, ns, s) :
					 link_delete(job, ns, s->dev);
	if ((rc = link_find(job, ns, s->dev, &now)) < 0)
		return rc;
	if (s->u.link.kind == LOOKBACK_BRIDGE &&
	    look->state == LOOKBACK_DIFFERS &&
	    strcmp(now.kind, link_kinds[LOOKBACK_BRIDGE]) == 0)
		return set_bridge(job, ns, s->dev);
	if (s->u.link.kind == LOOKBACK_VETH &&
	    (rc = netns_get(job, s->u.link.peer_netns, &peer_ns)) != 0)
		return rc;
	if ((rc = make_way(job, ns, peer_ns, s)) != 0)
		return rc;
	return make(job, ns, peer_ns, s);
}
