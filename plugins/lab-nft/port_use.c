/*
 * What this host would lose with an interface that moves into a cell.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "port.h"

#include <arpa/inet.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

struct use {
	const struct link *link;
	char text[96]; /* empty: none was found */
};

/* "an address", or where to. */
static void
keep(struct use *u, const char *what, int family, const struct nlattr *addr,
    unsigned len)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(family, mnl_attr_get_payload(addr), text, sizeof(text)) !=
	    NULL)
		(void)snprintf(
		    u->text, sizeof(u->text), "%s %s/%u", what, text, len);
}

/* Those of IPv6 that each link has by itself are nobody's loss. */
static int
see_address(const struct nlmsghdr *h, void *data)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *a;
	struct use *u = data;

	if ((int)m->ifa_index != u->link->index ||
	    m->ifa_scope == RT_SCOPE_LINK)
		return MNL_CB_OK;
	if ((a = rtnl_find(h, sizeof(*m), IFA_LOCAL)) != NULL ||
	    (a = rtnl_find(h, sizeof(*m), IFA_ADDRESS)) != NULL)
		keep(u, "the address", m->ifa_family, a, m->ifa_prefixlen);
	return MNL_CB_OK;
}

static int
see_route(const struct nlmsghdr *h, void *data)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *oif = rtnl_find(h, sizeof(*m), RTA_OIF);
	const struct nlattr *to = rtnl_find(h, sizeof(*m), RTA_DST);
	struct use *u = data;

	if (oif == NULL || mnl_attr_get_u32(oif) != (uint32_t)u->link->index ||
	    m->rtm_type != RTN_UNICAST || m->rtm_protocol == RTPROT_KERNEL)
		return MNL_CB_OK;
	if (to == NULL)
		(void)snprintf(u->text, sizeof(u->text), "a default route");
	else
		keep(u, "the route to", m->rtm_family, to, m->rtm_dst_len);
	return MNL_CB_OK;
}

/* A veth's other end is beside it, not on it. */
static int
see_upper(const struct link *l, void *data)
{
	struct use *u = data;

	if (l->lower == u->link->index && l->index != l->lower &&
	    strcmp(l->kind, "veth") != 0)
		(void)snprintf(u->text, sizeof(u->text), "%s", l->name);
	return MNL_CB_OK;
}

struct named {
	int index;
	char name[16];
};

static int
see_name(const struct link *l, void *data)
{
	struct named *named = data;

	if (l->index == named->index)
		memcpy(named->name, l->name, sizeof(named->name));
	return MNL_CB_OK;
}

static int
refuse_port(struct job *job, const struct link *l)
{
	struct named master = { .index = (int)l->master };
	int rc = link_each(job, &job->home, see_name, &master);

	if (rc != 0)
		return rc;
	return job_why(job, EBUSY,
	    "%s is a port of %s; if it is not this host's way to somewhere: ip "
	    "link set %s nomaster",
	    l->name, master.name, l->name);
}

int
port_check_free(struct job *job, const struct link *l)
{
	struct use u = { .link = l };
	struct request r;
	int rc;

	if (l->type != ARPHRD_ETHER)
		return job_why(job, EINVAL,
		    "%s is no Ethernet interface, as machines have", l->name);
	if (strcmp(l->kind, "bridge") == 0)
		return job_why(job, EINVAL,
		    "%s is a bridge; write Bridge = %s into the lab file, or "
		    "attach an interface",
		    l->name, l->name);
	if (l->master != 0)
		return refuse_port(job, l);
	if ((rc = link_each(job, &job->home, see_upper, &u)) != 0)
		return rc;
	if (u.text[0] != '\0')
		return job_why(job, EBUSY,
		    "%s carries the interface %s of this host; attach that, or "
		    "take it away first",
		    l->name, u.text);
	/* Of all families. */
	rtnl_begin(&r, RTM_GETADDR, NLM_F_DUMP);
	(void)mnl_nlmsg_put_extra_header(r.h, sizeof(struct ifaddrmsg));
	if ((rc = rtnl_talk(job, &job->home, &r, see_address, &u)) != 0)
		return rc;
	if (u.text[0] == '\0') {
		rtnl_begin(&r, RTM_GETROUTE, NLM_F_DUMP);
		(void)mnl_nlmsg_put_extra_header(r.h, sizeof(struct rtmsg));
		rc = rtnl_talk(job, &job->home, &r, see_route, &u);
	}
	if (rc != 0 || u.text[0] == '\0')
		return rc;
	return job_why(job, EBUSY,
	    "%s carries %s of this host; if this host can do without: ip addr "
	    "flush dev %s; ip route flush dev %s",
	    l->name, u.text, l->name, l->name);
}
