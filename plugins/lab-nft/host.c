/*
 * What is the host's own, and how a lab keeps off it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

static uint32_t
mask_of(unsigned len)
{
	return len == 0 ? 0 : UINT32_MAX << (32 - len);
}

/* The first one, as the kernel would choose. */
int
host_address(struct job *job, const char *dev, uint32_t in, uint32_t *ret)
{
	const uint32_t net = htonl(in);
	const struct seen_address *a, *found = NULL;
	const struct seen_list *list;
	char text[INET_ADDRSTRLEN];
	struct link l;
	int rc;

	if ((rc = link_get(job, &job->home, dev, &l)) != 0 ||
	    (rc = seen_get(job, &job->home, SEEN_ADDRESSES, &list)) != 0)
		return rc;
	a = list->items;
	for (size_t i = 0; i < list->n; i++)
		if (a[i].index == l.index && a[i].scope == RT_SCOPE_UNIVERSE &&
		    ((a[i].net ^ in) & mask_of(a[i].len)) == 0 &&
		    (found == NULL || a[i].order < found->order))
			found = &a[i];
	if (found == NULL)
		return job_why(job, EADDRNOTAVAIL,
		    "%s has no address in the network of %s", dev,
		    inet_ntop(AF_INET, &net, text, sizeof(text)));
	*ret = found->addr;
	return 0;
}

/* Which tables are asked is the host's matter; one's own addresses, in the
 * local one, are another matter. A table of the lab's own is asked by the lab's
 * marks alone: only what stands in it is in the way. */
int
host_route_is_free(struct job *job, const struct lookback_step *s)
{
	const uint32_t net = htonl(s->addr), table = s->u.route.table;
	char text[INET_ADDRSTRLEN];
	struct seen_route *r;
	size_t n;
	int rc = seen_routes(job, &job->home,
	    table == RT_TABLE_MAIN ? 0 : table, s->addr, s->len, &r, &n);

	for (size_t i = 0; rc == 0 && i < n && s->len != 0; i++)
		if (r[i].proto != LOOKBACK_PROTO &&
		    r[i].table != RT_TABLE_LOCAL)
			rc = job_why(job, EEXIST,
			    "this host has a route to %s/%u that is not ours "
			    "(proto %u)",
			    inet_ntop(AF_INET, &net, text, sizeof(text)),
			    s->len, r[i].proto);
	return rc;
}
