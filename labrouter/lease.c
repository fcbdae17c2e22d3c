/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lease.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <limits.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host_routes.h"
#include "plan_private.h"

struct lease {
	struct prefix address; /* 0: none */
	uint32_t gateway;      /* 0: none */
};

/* ---- in the namespace where the thread is ---- */

static uint32_t
number(const struct sockaddr *sa)
{
	struct sockaddr_in in;

	memcpy(&in, sa, sizeof(in));
	return ntohl(in.sin_addr.s_addr);
}

static void
read_address(struct lease *l, const char *dev)
{
	struct ifaddrs *all = NULL;

	if (getifaddrs(&all) != 0)
		return;
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next)
		if (a->ifa_addr != NULL && a->ifa_addr->sa_family == AF_INET &&
		    strcmp(a->ifa_name, dev) == 0 && l->address.addr == 0)
			l->address = (struct prefix){ number(a->ifa_addr),
				(unsigned)__builtin_popcount(
				    number(a->ifa_netmask)) };
	freeifaddrs(all);
}

static int
read_gateway(struct lease *l, const char *dev, struct err *err)
{
	const unsigned index = if_nametoindex(dev);
	struct seen_route *all;
	size_t n;
	int rc = host_routes_list(&all, &n, err);

	if (rc != 0)
		return rc;
	for (size_t i = 0; i < n; i++)
		if (all[i].to.len == 0 && all[i].table == RT_TABLE_MAIN &&
		    all[i].ifindex == index && l->gateway == 0)
			l->gateway = all[i].via;
	free(all);
	return 0;
}

static int
read_here(struct lease *l, const char *dev, struct err *err)
{
	read_address(l, dev);
	return l->address.addr == 0 ? 0 : read_gateway(l, dev, err);
}

/* ---- where it is ---- */

static int
read_front(struct lease *l, const char *lab, struct err *err)
{
	char path[PATH_MAX];
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int front, rc = 0;

	(void)snprintf(path, sizeof(path), "/run/netns/lookback.%s", lab);
	front = open(path, O_RDONLY | O_CLOEXEC);
	if (home >= 0 && front >= 0 && setns(front, CLONE_NEWNET) == 0) {
		rc = read_here(l, PLAN_OUTER, err);
		if (setns(home, CLONE_NEWNET) != 0)
			rc = err_sys(err, "back from %s", path);
	}
	if (home >= 0)
		(void)close(home);
	if (front >= 0)
		(void)close(front);
	return rc;
}

int
lease_take(struct lab *lab, struct err *err)
{
	struct lease l = { 0 };
	int rc;

	if (!lab->production.dhcp)
		return 1;
	rc = lab_is_on_host(lab) ? read_here(&l, lab->production.attach, err) :
				   read_front(&l, lab->name, err);
	if (rc != 0 || l.address.addr == 0)
		return rc;
	lab->production.address = l.address;
	if (lab->production.gateway_line == 0 && l.gateway != 0) {
		lab->production.gateway = l.gateway;
		lab->production.gateway_line = lab->production.address_line;
	}
	return 1;
}

int
lease_router(const char *lab, uint32_t *ret, struct err *err)
{
	struct lease l = { 0 };
	int rc = read_front(&l, lab, err);

	*ret = l.address.addr;
	return rc;
}
