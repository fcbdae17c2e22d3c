/*
 * What is the host's own, and how a lab keeps off it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>

static uint32_t
mask_of(unsigned len)
{
	return len == 0 ? 0 : UINT32_MAX << (32 - len);
}

static uint32_t
host_order(const struct nlattr *a)
{
	return ntohl(mnl_attr_get_u32(a));
}

/* ---- addresses ---- */

struct wanted {
	unsigned index;
	uint32_t in;
	uint32_t found;
};

/* The first one, as the kernel would choose. */
static int
see_address(const struct nlmsghdr *h, void *data)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *local = rtnl_find(h, sizeof(*m), IFA_LOCAL),
			    *net = rtnl_find(h, sizeof(*m), IFA_ADDRESS);
	struct wanted *w = data;

	if (w->found == 0 && m->ifa_index == w->index && local != NULL &&
	    net != NULL && m->ifa_scope == RT_SCOPE_UNIVERSE &&
	    ((host_order(net) ^ w->in) & mask_of(m->ifa_prefixlen)) == 0)
		w->found = host_order(local);
	return MNL_CB_OK;
}

int
host_address(struct job *job, const char *dev, uint32_t in, uint32_t *ret)
{
	const uint32_t net = htonl(in);
	char text[INET_ADDRSTRLEN];
	struct wanted w = { .in = in };
	struct ifaddrmsg *m;
	struct request r;
	struct link l;
	int rc;

	if ((rc = link_get(job, &job->home, dev, &l)) != 0)
		return rc;
	w.index = (unsigned)l.index;
	rtnl_begin(&r, RTM_GETADDR, NLM_F_DUMP);
	m = mnl_nlmsg_put_extra_header(r.h, sizeof(*m));
	m->ifa_family = AF_INET;
	if ((rc = rtnl_talk(job, &job->home, &r, see_address, &w)) != 0)
		return rc;
	*ret = w.found;
	return w.found != 0 ? 0 :
			      job_why(job, EADDRNOTAVAIL,
				  "%s has no address in the network of %s", dev,
				  inet_ntop(AF_INET, &net, text, sizeof(text)));
}

/* ---- routes ---- */

struct foreign_route {
	uint32_t addr;
	unsigned len;
	uint32_t table;
	unsigned proto;
};

/* Which tables are asked is the host's matter; one's own addresses, in the
 * local one, are another matter. */
static int
see_route(const struct nlmsghdr *h, void *data)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *to = rtnl_find(h, sizeof(*m), RTA_DST);
	const struct nlattr *table = rtnl_find(h, sizeof(*m), RTA_TABLE);
	struct job *job = data;
	struct foreign_route *more;

	if (m->rtm_family != AF_INET || m->rtm_protocol == LOOKBACK_PROTO ||
	    (m->rtm_flags & RTM_F_CLONED) != 0 ||
	    m->rtm_table == RT_TABLE_LOCAL || m->rtm_dst_len == 0 || to == NULL)
		return MNL_CB_OK;
	more = reallocarray(
	    job->foreign, job->n_foreign + 1, sizeof(*job->foreign));
	if (more == NULL) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	job->foreign = more;
	more[job->n_foreign++] = (struct foreign_route){ host_order(to),
		m->rtm_dst_len,
		table != NULL ? mnl_attr_get_u32(table) : m->rtm_table,
		m->rtm_protocol };
	return MNL_CB_OK;
}

/* A table of the lab's own is asked by the lab's marks alone: only what stands
 * in it is in the way. */
int
host_route_is_free(struct job *job, const struct lookback_step *s)
{
	const uint32_t net = htonl(s->addr), table = s->u.route.table;
	char text[INET_ADDRSTRLEN];
	struct rtmsg *m;
	struct request r;
	int rc;

	if (!job->has_foreign) {
		rtnl_begin(&r, RTM_GETROUTE, NLM_F_DUMP);
		m = mnl_nlmsg_put_extra_header(r.h, sizeof(*m));
		m->rtm_family = AF_INET;
		if ((rc = rtnl_talk(job, &job->home, &r, see_route, job)) != 0)
			return rc;
		job->has_foreign = true;
	}
	for (size_t i = 0; i < job->n_foreign; i++)
		if (job->foreign[i].addr == s->addr &&
		    job->foreign[i].len == s->len &&
		    (table == RT_TABLE_MAIN || job->foreign[i].table == table))
			return job_why(job, EEXIST,
			    "this host has a route to %s/%u that is not ours "
			    "(proto %u)",
			    inet_ntop(AF_INET, &net, text, sizeof(text)),
			    s->len, job->foreign[i].proto);
	return 0;
}
