/*
 * Links: looked at, made, set.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>

struct ifinfomsg *
link_begin(struct request *r, uint16_t type, uint16_t flags)
{
	rtnl_begin(r, type, flags);
	return mnl_nlmsg_put_extra_header(r->h, sizeof(struct ifinfomsg));
}

int
link_find(struct job *job, struct netns *ns, const char *dev, struct link *ret)
{
	struct link *l;
	int rc = seen_link(job, ns, dev, &l);

	memset(ret, 0, sizeof(*ret));
	if (rc == 0 && l != NULL)
		*ret = *l;
	return rc != 0 ? rc : l != NULL;
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
link_each(struct job *job, struct netns *ns, link_see_fn *fn, void *data)
{
	const struct seen_list *list;
	const struct link *l;
	int rc = seen_get(job, ns, SEEN_LINKS, &list);

	l = list->items;
	for (size_t i = 0; rc == 0 && i < list->n; i++)
		if (fn(&l[i], data) == MNL_CB_ERROR)
			break;
	return rc;
}

int
look_number(struct job *job, struct netns *ns, const struct lookback_step *s,
    struct look *look, int *ret)
{
	struct link *l;
	int rc = seen_link(job, ns, s->dev, &l);

	*ret = rc == 0 && l != NULL ? l->index : 0;
	if (rc != 0 || l != NULL)
		return rc;
	if (s->remove)
		look_is(look, LOOKBACK_STANDS, "%s", "");
	else
		look_is(look, LOOKBACK_MISSING, "there is no link %s", s->dev);
	return 0;
}

static const char *const kinds[] = {
	[LOOKBACK_VETH] = "veth",
	[LOOKBACK_MACVLAN] = "macvlan",
	[LOOKBACK_BRIDGE] = "bridge",
};

/* Each end must name the other one. */
static int
veth_look(struct job *job, const struct link *l, const struct lookback_step *s,
    struct look *look)
{
	const char *netns = s->u.link.peer_netns;
	struct netns *ns;
	struct link *peer;
	int rc = netns_get(job, netns, &ns);

	if (rc == -ENOENT) {
		look_is(look, LOOKBACK_DIFFERS, "its other end is not in %s",
		    netns);
		return 0;
	}
	if (rc != 0 || (rc = seen_link(job, ns, s->u.link.peer, &peer)) != 0)
		return rc;
	if (peer != NULL && peer->index == l->other &&
	    peer->other == l->index) {
		peer->item.wanted = true;
		return 0;
	}
	look_is(look, LOOKBACK_DIFFERS, "its other end is not %s%s%s",
	    s->u.link.peer, netns != NULL ? " in " : "",
	    netns != NULL ? netns : "");
	return 0;
}

static int
macvlan_look(struct job *job, const struct link *l,
    const struct lookback_step *s, struct look *look)
{
	struct link *parent;
	int rc = seen_link(job, &job->home, s->u.link.parent, &parent);

	if (rc != 0)
		return rc;
	if (parent == NULL || parent->index != l->other) {
		const struct link *is = seen_link_of(&job->home, l->other);

		look_is(look, LOOKBACK_DIFFERS, "it is on %s, not on %s",
		    is != NULL ? is->name : "another link", s->u.link.parent);
	} else if (!l->plain) {
		look_is(look, LOOKBACK_DIFFERS, "its mode is not bridge");
	}
	return 0;
}

static bool
has_mac(const struct lookback_step *s)
{
	static const uint8_t none[sizeof(s->mac)];

	return memcmp(s->mac, none, sizeof(none)) != 0;
}

/* One with another MAC than the plan's is somebody else's, and none of ours is
 * left. */
static void
look_gone(
    const struct link *l, const struct lookback_step *s, struct look *look)
{
	if (l != NULL &&
	    (!has_mac(s) || memcmp(l->mac, s->mac, sizeof(l->mac)) == 0))
		look_is(look, LOOKBACK_DIFFERS, "there is a %s", l->kind);
	else
		look_is(look, LOOKBACK_STANDS, "%s", "");
}

int
link_look(struct job *job, struct netns *ns, const struct lookback_step *s,
    struct look *look)
{
	struct link *l;
	int rc = seen_link(job, ns, s->dev, &l);

	if (rc != 0)
		return rc;
	if (s->remove) {
		look_gone(l, s, look);
		return 0;
	}
	if (l == NULL) {
		look_is(look, LOOKBACK_MISSING, "%s", "");
		return 0;
	}
	l->item.wanted = true;
	look_is(look, LOOKBACK_STANDS, "%s", "");
	if (strcmp(l->kind, kinds[s->u.link.kind]) != 0)
		look_is(look, LOOKBACK_DIFFERS, "it is a %s, not a %s",
		    l->kind[0] != '\0' ? l->kind : "real interface",
		    kinds[s->u.link.kind]);
	else if (s->u.link.kind == LOOKBACK_VETH)
		return veth_look(job, l, s, look);
	else if (s->u.link.kind == LOOKBACK_MACVLAN)
		return macvlan_look(job, l, s, look);
	else if (!l->plain && !has_mac(s))
		look_is(
		    look, LOOKBACK_DIFFERS, "it has STP or a forward delay");
	return 0;
}

/* ---- made ---- */

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
	const char *kind = kinds[s->u.link.kind];
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
	if (has_mac(s))
		mnl_attr_put(r.h, IFLA_ADDRESS, sizeof(s->mac), s->mac);
	if (parent.index != 0)
		mnl_attr_put_u32(r.h, IFLA_LINK, (uint32_t)parent.index);
	if (s->u.link.kind == LOOKBACK_VETH)
		put_queues(&r);
	info = mnl_attr_nest_start(r.h, IFLA_LINKINFO);
	mnl_attr_put_strz(r.h, IFLA_INFO_KIND, kinds[s->u.link.kind]);
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
	mnl_attr_put_strz(r.h, IFLA_INFO_KIND, kinds[LOOKBACK_BRIDGE]);
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
		return has_mac(s) ? delete_ours(job, ns, s) :
				    link_delete(job, ns, s->dev);
	if ((rc = link_find(job, ns, s->dev, &now)) < 0)
		return rc;
	if (s->u.link.kind == LOOKBACK_BRIDGE &&
	    look->state == LOOKBACK_DIFFERS &&
	    strcmp(now.kind, kinds[LOOKBACK_BRIDGE]) == 0)
		return set_bridge(job, ns, s->dev);
	if (s->u.link.kind == LOOKBACK_VETH &&
	    (rc = netns_get(job, s->u.link.peer_netns, &peer_ns)) != 0)
		return rc;
	if ((rc = make_way(job, ns, peer_ns, s)) != 0)
		return rc;
	return make(job, ns, peer_ns, s);
}

/* ---- set ---- */

/* Flags that the step is for. */
static unsigned
flags_of(const struct lookback_step *s)
{
	return s->type == LOOKBACK_UP_NOARP && !s->remove ? IFF_UP | IFF_NOARP :
							    IFF_UP;
}

static void
flags_look(
    const struct link *l, const struct lookback_step *s, struct look *look)
{
	const unsigned is = l->flags & flags_of(s);

	if (is != (s->remove ? 0 : flags_of(s)))
		look_is(look, LOOKBACK_DIFFERS, "%s is %s", s->dev,
		    (is & IFF_UP) == 0 ? "down" :
			s->remove      ? "up" :
					 "up with ARP");
}

static int
master_look(struct job *job, struct netns *ns, const struct link *l,
    const struct lookback_step *s, struct look *look)
{
	const struct link *is;
	struct link *bridge = NULL;
	int rc = s->remove ? 0 : seen_link(job, ns, s->text, &bridge);

	if (rc != 0 || (s->remove && l->master == 0) ||
	    (bridge != NULL && (int)l->master == bridge->index))
		return rc;
	if (l->master == 0) {
		look_is(look, LOOKBACK_MISSING, "%s",
		    bridge == NULL ? "there is no such bridge" : "");
		return 0;
	}
	is = seen_link_of(ns, (int)l->master);
	look_is(look, LOOKBACK_DIFFERS, "it is a port of %s",
	    is != NULL ? is->name : "another bridge");
	return 0;
}

static void
mac_look(const struct link *l, const struct lookback_step *s, struct look *look)
{
	const uint8_t *m = l->mac;

	if (memcmp(m, s->mac, sizeof(s->mac)) != 0)
		look_is(look, LOOKBACK_DIFFERS,
		    "it has %02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2],
		    m[3], m[4], m[5]);
}

int
link_set_look(struct job *job, struct netns *ns, const struct lookback_step *s,
    struct look *look)
{
	struct link *l;
	int rc = seen_link(job, ns, s->dev, &l), index;

	if (rc != 0 || l == NULL)
		return rc != 0 ? rc : look_number(job, ns, s, look, &index);
	look_is(look, LOOKBACK_STANDS, "%s", "");
	switch (s->type) {
	case LOOKBACK_MAC:
		mac_look(l, s, look);
		break;
	case LOOKBACK_MTU:
		if (l->mtu != s->number)
			look_is(look, LOOKBACK_DIFFERS, "it is %u", l->mtu);
		break;
	case LOOKBACK_ALIAS:
		if (strcmp(l->alias, s->remove ? "" : s->text) == 0)
			break;
		look_is(look,
		    l->alias[0] == '\0' ? LOOKBACK_MISSING : LOOKBACK_DIFFERS,
		    "%s%s", l->alias[0] == '\0' ? "" : "it is ", l->alias);
		break;
	case LOOKBACK_MASTER:
		return master_look(job, ns, l, s, look);
	default:
		flags_look(l, s, look);
		break;
	}
	return 0;
}

/* Up or down: what is down loses its routes. */
static int
set_flags(struct job *job, struct netns *ns, struct link *l,
    const struct lookback_step *s)
{
	const unsigned mask = flags_of(s);
	struct ifinfomsg *i;
	struct request r;
	int rc;

	i = link_begin(&r, RTM_NEWLINK, 0);
	i->ifi_index = l->index;
	i->ifi_change = mask;
	i->ifi_flags = s->remove ? 0 : mask;
	if (s->remove)
		return rtnl_talk(job, ns, &r, NULL, NULL);
	if ((rc = rtnl_add(job, ns, &r)) == 0)
		l->flags |= mask;
	return rc;
}

int
link_set_do(struct job *job, struct netns *ns, const struct lookback_step *s,
    const struct look *look)
{
	const char *alias = s->remove ? "" : s->text;
	struct link *l, bridge = { 0 };
	struct request r;
	int rc = seen_link(job, ns, s->dev, &l);

	(void)look;
	if (rc != 0)
		return rc;
	if (l == NULL)
		return job_why(job, ENODEV, "there is no link %s", s->dev);
	link_begin(&r, RTM_NEWLINK, 0)->ifi_index = l->index;
	switch (s->type) {
	case LOOKBACK_MAC:
		mnl_attr_put(r.h, IFLA_ADDRESS, sizeof(s->mac), s->mac);
		break;
	case LOOKBACK_MTU:
		mnl_attr_put_u32(r.h, IFLA_MTU, (uint32_t)s->number);
		break;
	case LOOKBACK_ALIAS:
		mnl_attr_put(r.h, IFLA_IFALIAS, strlen(alias) + 1, alias);
		break;
	case LOOKBACK_MASTER:
		if (!s->remove &&
		    (rc = link_get(job, ns, s->text, &bridge)) != 0)
			return rc;
		/* A bridge becomes as small as its smallest port. */
		if (bridge.mtu > l->mtu)
			mnl_attr_put_u32(r.h, IFLA_MTU, bridge.mtu);
		mnl_attr_put_u32(r.h, IFLA_MASTER, (uint32_t)bridge.index);
		break;
	default:
		rc = set_flags(job, ns, l, s);
		return rc == 0 ? 1 : rc;
	}
	if ((rc = rtnl_add(job, ns, &r)) != 0 ||
	    (rc = seen_link_again(job, ns, s->dev)) != 0)
		return rc;
	return 1;
}
