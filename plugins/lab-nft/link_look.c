/*
 * A step that makes a link: what there is of it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"
#include "link_private.h"

#include <errno.h>
#include <string.h>

const char *const link_kinds[] = {
	[LOOKBACK_VETH] = "veth",
	[LOOKBACK_MACVLAN] = "macvlan",
	[LOOKBACK_BRIDGE] = "bridge",
};

bool
link_has_mac(const struct lookback_step *s)
{
	static const uint8_t none[sizeof(s->mac)];

	return memcmp(s->mac, none, sizeof(none)) != 0;
}

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

/* One with another MAC than the plan's is somebody else's, and none of ours is
 * left. */
static void
look_gone(
    const struct link *l, const struct lookback_step *s, struct look *look)
{
	if (l != NULL &&
	    (!link_has_mac(s) || memcmp(l->mac, s->mac, sizeof(l->mac)) == 0))
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
	if (strcmp(l->kind, link_kinds[s->u.link.kind]) != 0)
		look_is(look, LOOKBACK_DIFFERS, "it is a %s, not a %s",
		    l->kind[0] != '\0' ? l->kind : "real interface",
		    link_kinds[s->u.link.kind]);
	else if (s->u.link.kind == LOOKBACK_VETH)
		return veth_look(job, l, s, look);
	else if (s->u.link.kind == LOOKBACK_MACVLAN)
		return macvlan_look(job, l, s, look);
	else if (!l->plain && !link_has_mac(s))
		look_is(
		    look, LOOKBACK_DIFFERS, "it has STP or a forward delay");
	return 0;
}
