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

static bool
is_wanted(const struct host_routes *ret, const struct rtmsg *m)
{
	return m->rtm_family == AF_INET &&
	    (m->rtm_protocol == LAB_ROUTE_PROTO) == (ret->ours_via != 0) &&
	    (m->rtm_flags & RTM_F_CLONED) == 0 &&
	    m->rtm_type != RTN_BROADCAST && m->rtm_type != RTN_MULTICAST;
}

static int
add(struct host_routes *ret, struct prefix to, uint32_t via, unsigned ifindex,
    struct err *err)
{
	struct host_route *route;
	char(*dev)[IF_NAMESIZE];

	route = lab_list_grow(ret->route, ret->n, sizeof(*route));
	if (route == NULL)
		return err_nomem(err);
	ret->route = route;
	dev = lab_list_grow(ret->dev, ret->n, sizeof(*dev));
	if (dev == NULL)
		return err_nomem(err);
	ret->dev = dev;
	route[ret->n].to = to;
	route[ret->n].via = via;
	/* An interface that is gone meanwhile took its routes with it. */
	if (ifindex != 0 && if_indextoname(ifindex, dev[ret->n]) == NULL)
		return 0;
	ret->n++;
	return 0;
}

static int
take(struct host_routes *ret, const struct nlmsghdr *h, struct err *err)
{
	const struct rtmsg *m = NLMSG_DATA(h);
	const struct rtattr *a = RTM_RTA(m);
	size_t left = RTM_PAYLOAD(h);
	struct prefix to = { .len = m->rtm_dst_len };
	struct rtnexthop hop;
	unsigned ifindex = 0;
	uint32_t addr, via = 0;

	if (!is_wanted(ret, m))
		return 0;
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == RTA_DST && RTA_PAYLOAD(a) == sizeof(addr)) {
			memcpy(&addr, RTA_DATA(a), sizeof(addr));
			to.addr = be32toh(addr);
		} else if (a->rta_type == RTA_GATEWAY &&
		    RTA_PAYLOAD(a) == sizeof(addr)) {
			memcpy(&addr, RTA_DATA(a), sizeof(addr));
			via = be32toh(addr);
		} else if (a->rta_type == RTA_OIF &&
		    RTA_PAYLOAD(a) == sizeof(ifindex))
			memcpy(&ifindex, RTA_DATA(a), sizeof(ifindex));
		else if (a->rta_type == RTA_MULTIPATH &&
		    RTA_PAYLOAD(a) >= sizeof(hop)) {
			/* The first of its ways speaks for all. */
			memcpy(&hop, RTA_DATA(a), sizeof(hop));
			ifindex = (unsigned)hop.rtnh_ifindex;
		}
	}
	if (ret->ours_via != 0 && ret->ours_via != via)
		return 0;
	return add(ret, to, via, ifindex, err);
}

/* One answer of several messages; 1 after the last one, ERR_BUSY where routes
 * came or went meanwhile. */
static int
take_all(struct host_routes *ret, const struct nlmsghdr *h, size_t len,
    struct err *err)
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
		    (rc = take(ret, h, err)) != 0)
			return rc;
	}
	return 0;
}

static int
read_once(struct host_routes *ret, struct nlmsghdr *answer, struct err *err)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), rc;

	if (fd < 0)
		return err_sys(err, "this host's routes");
	rc = ask(fd, err);
	while (rc == 0) {
		ssize_t n = recv(fd, answer, ANSWER_SIZE, 0);

		if (n > 0)
			rc = take_all(ret, answer, (size_t)n, err);
		else if (n == 0 || errno != EINTR)
			rc = err_sys(err, "this host's routes");
	}
	(void)close(fd);
	return rc == 1 ? 0 : rc;
}

static int
read_routes(struct host_routes *ret, uint32_t ours_via, struct err *err)
{
	struct nlmsghdr *answer = malloc(ANSWER_SIZE);
	int rc = ERR_BUSY;

	*ret = (struct host_routes){ .ours_via = ours_via };
	if (answer == NULL)
		return err_nomem(err);
	for (int i = 0; i < TRIES && rc == ERR_BUSY; i++) {
		ret->n = 0;
		rc = read_once(ret, answer, err);
	}
	free(answer);
	if (rc != 0)
		host_routes_done(ret);
	for (size_t i = 0; i < ret->n; i++)
		ret->route[i].dev = ret->dev[i];
	return rc;
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
