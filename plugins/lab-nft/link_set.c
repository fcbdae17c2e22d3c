/*
 * A step about a link that is there: its MAC, MTU, alias, bridge, flags.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

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
