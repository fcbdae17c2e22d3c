/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "host_routes.h"
#include "parse.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* As much as the kernel puts into one answer. */
#define ANSWER_SIZE 32768
#define TRIES 5

static int
ask(int fd, struct err *err)
{
	struct {
		struct nlmsghdr h;
		struct rtmsg m;
	} req = { .h = { .nlmsg_len = sizeof(req),
		      .nlmsg_type = RTM_GETROUTE,
		      .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.m = { .rtm_family = AF_INET } };

	if (send(fd, &req, sizeof(req), 0) != (ssize_t)sizeof(req))
		return err_sys(err, "this host's routes");
	return 0;
}

struct list {
	struct seen_route *item;
	size_t n;
};

static int
take(struct list *list, const struct nlmsghdr *h, struct err *err)
{
	const struct rtmsg *m = NLMSG_DATA(h);
	const struct rtattr *a = RTM_RTA(m);
	size_t left = RTM_PAYLOAD(h);
	struct seen_route r = { .to.len = m->rtm_dst_len,
		.table = m->rtm_table,
		.proto = m->rtm_protocol,
		.type = m->rtm_type };
	struct seen_route *more;
	struct rtnexthop hop;
	uint32_t addr;

	if (m->rtm_family != AF_INET || (m->rtm_flags & RTM_F_CLONED) != 0)
		return 0;
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		const void *data = RTA_DATA(a);
		const size_t len = RTA_PAYLOAD(a);

		if (a->rta_type == RTA_MULTIPATH && len >= sizeof(hop)) {
			/* The first of its ways speaks for all. */
			memcpy(&hop, data, sizeof(hop));
			r.ifindex = (unsigned)hop.rtnh_ifindex;
		}
		if (len != sizeof(addr))
			continue;
		memcpy(&addr, data, sizeof(addr));
		if (a->rta_type == RTA_DST)
			r.to.addr = be32toh(addr);
		else if (a->rta_type == RTA_GATEWAY)
			r.via = be32toh(addr);
		else if (a->rta_type == RTA_OIF)
			r.ifindex = addr;
		else if (a->rta_type == RTA_TABLE)
			r.table = addr;
	}
	more = lab_list_grow(list->item, list->n, sizeof(*more));
	if (more == NULL)
		return err_nomem(err);
	list->item = more;
	more[list->n++] = r;
	return 0;
}

/* One answer of several messages; 1 after the last one, ERR_BUSY where routes
 * came or went meanwhile. */
static int
take_all(
    struct list *list, const struct nlmsghdr *h, size_t len, struct err *err)
{
	int rc;

	for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
		if (h->nlmsg_flags & NLM_F_DUMP_INTR)
			return err_set(err, ERR_BUSY,
			    "this host's routes change all the time");
		if (h->nlmsg_type == NLMSG_DONE)
			return 1;
		if (h->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *e = NLMSG_DATA(h);

			errno = -e->error;
			return err_sys(err, "this host's routes");
		}
		if (h->nlmsg_type == RTM_NEWROUTE &&
		    (rc = take(list, h, err)) != 0)
			return rc;
	}
	return 0;
}

static int
read_once(struct list *list, struct nlmsghdr *answer, struct err *err)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), rc;

	if (fd < 0)
		return err_sys(err, "this host's routes");
	rc = ask(fd, err);
	while (rc == 0) {
		ssize_t n = recv(fd, answer, ANSWER_SIZE, 0);

		if (n > 0)
			rc = take_all(list, answer, (size_t)n, err);
		else if (n == 0 || errno != EINTR)
			rc = err_sys(err, "this host's routes");
	}
	(void)close(fd);
	return rc == 1 ? 0 : rc;
}

int
host_routes_list(struct seen_route **ret, size_t *ret_n, struct err *err)
{
	struct nlmsghdr *answer = malloc(ANSWER_SIZE);
	struct list list = { 0 };
	int rc = ERR_BUSY;

	if (answer == NULL)
		return err_nomem(err);
	for (int i = 0; i < TRIES && rc == ERR_BUSY; i++) {
		list.n = 0;
		rc = read_once(&list, answer, err);
	}
	free(answer);
	if (rc != 0) {
		free(list.item);
		return rc;
	}
	*ret = list.item;
	*ret_n = list.n;
	return 0;
}

/* Of our own only those by this gateway, or of the others all. */
static bool
is_wanted(const struct seen_route *r, uint32_t ours_via)
{
	if (r->type == RTN_BROADCAST || r->type == RTN_MULTICAST)
		return false;
	return ours_via == 0 ?
	    r->proto != LAB_ROUTE_PROTO :
	    r->proto == LAB_ROUTE_PROTO && r->via == ours_via;
}

static int
read_routes(struct host_routes *ret, uint32_t ours_via, struct err *err)
{
	struct seen_route *seen;
	size_t n;
	int rc;

	*ret = (struct host_routes){ 0 };
	if ((rc = host_routes_list(&seen, &n, err)) != 0)
		return rc;
	ret->route = calloc(n + 1, sizeof(*ret->route));
	ret->dev = calloc(n + 1, sizeof(*ret->dev));
	for (size_t i = 0; ret->route != NULL && ret->dev != NULL && i < n;
	     i++) {
		char *dev = ret->dev[ret->n];

		if (!is_wanted(&seen[i], ours_via))
			continue;
		/* An interface that is gone meanwhile took its routes with it.
		 */
		if (seen[i].ifindex != 0 &&
		    if_indextoname(seen[i].ifindex, dev) == NULL)
			continue;
		ret->route[ret->n++] = (struct host_route){ .to = seen[i].to,
			.dev = dev,
			.via = seen[i].via,
			.own = seen[i].type == RTN_LOCAL &&
			    seen[i].to.len == 32 };
	}
	free(seen);
	if (ret->route != NULL && ret->dev != NULL)
		return 0;
	host_routes_done(ret);
	return err_nomem(err);
}

int
host_routes_read(struct host_routes *ret, struct err *err)
{
	return read_routes(ret, 0, err);
}

int
host_routes_read_ours(struct host_routes *ret, uint32_t via, struct err *err)
{
	return read_routes(ret, via, err);
}

void
host_routes_done(struct host_routes *r)
{
	free(r->route);
	free(r->dev);
	*r = (struct host_routes){ 0 };
}
