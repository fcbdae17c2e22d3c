/*
 * Neighbours that are fixed, and those that ARP is answered for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"

#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static enum seen_kind
kind_of(const struct lookback_step *s)
{
	return s->type == LOOKBACK_NEIGHBOUR ? SEEN_NEIGHBOURS : SEEN_PROXIES;
}

/* Whose address it is. */
static int
find_addr(struct job *job, const struct lookback_step *s, uint32_t *ret)
{
	*ret = s->addr;
	return s->type == LOOKBACK_NEIGHBOUR && s->u.neighbour.owner != NULL ?
	    host_address(job, s->u.neighbour.owner, s->addr, ret) :
	    0;
}

int
neighbour_look(struct job *job, struct netns *ns, const struct lookback_step *s,
    struct look *look)
{
	const enum seen_kind kind = kind_of(s);
	struct seen_neighbour *n;
	char text[SEEN_TEXT];
	uint32_t addr;
	int index, rc = look_number(job, ns, s, look, &index);

	if (rc != 0 || index == 0 || (rc = find_addr(job, s, &addr)) != 0 ||
	    (rc = seen_neighbour(job, ns, kind, index, addr, &n)) != 0)
		return rc;
	look_is(look,
	    n != NULL || s->remove ? LOOKBACK_STANDS : LOOKBACK_MISSING, "%s",
	    "");
	if (n == NULL)
		return 0;
	n->item.wanted = true;
	if (!s->remove &&
	    (kind == SEEN_PROXIES ||
		(n->permanent && memcmp(n->mac, s->mac, sizeof(n->mac)) == 0)))
		return 0;
	seen_text(text, ns, kind, n);
	look_is(look, LOOKBACK_DIFFERS, "there is %s", text);
	return 0;
}

int
neighbour_do(struct job *job, struct netns *ns, const struct lookback_step *s,
    const struct look *look)
{
	struct request r;
	struct ndmsg *m;
	struct link l;
	uint32_t addr;
	int rc = link_get(job, ns, s->dev, &l);

	(void)look;
	if (rc != 0 || (rc = find_addr(job, s, &addr)) != 0)
		return rc;
	rtnl_begin(&r, s->remove ? RTM_DELNEIGH : RTM_NEWNEIGH,
	    s->remove ? 0 : NLM_F_CREATE | NLM_F_REPLACE);
	m = mnl_nlmsg_put_extra_header(r.h, sizeof(*m));
	m->ndm_family = AF_INET;
	m->ndm_ifindex = l.index;
	mnl_attr_put_u32(r.h, NDA_DST, htonl(addr));
	if (s->type != LOOKBACK_NEIGHBOUR)
		m->ndm_flags = NTF_PROXY;
	if (!s->remove) {
		m->ndm_state = NUD_PERMANENT;
		if (s->type == LOOKBACK_NEIGHBOUR)
			mnl_attr_put(r.h, NDA_LLADDR, sizeof(s->mac), s->mac);
	}
	rc = rtnl_add(job, ns, &r);
	return rc == 0 ? 1 : rc;
}
