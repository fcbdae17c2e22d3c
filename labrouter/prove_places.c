/*
 * Where a lab is attacked and where production begins.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "place.h"
#include "plan_private.h"
#include "prove_private.h"

#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct lookback_place
prove_switch(const struct lab_use *use, size_t net, struct prove_names *names)
{
	return lab_switch(&use->lab, net, names->netns, names->dev);
}

struct lookback_place
prove_front(const struct lab_use *use, size_t net, struct prove_names *names)
{
	struct lookback_place front = prove_outer(use, names);

	if (use->lab.layout == LAB_SINGLE)
		front.dev = NULL;
	else {
		(void)snprintf(names->dev, sizeof(names->dev), "c%zu", net + 1);
		front.dev = names->dev;
	}
	return front;
}

struct lookback_place
prove_outer(const struct lab_use *use, struct prove_names *names)
{
	struct lookback_place outer = { .size = sizeof(outer) };

	if (lab_is_on_host(&use->lab)) {
		outer.dev = use->lab.production.attach;
		return outer;
	}
	(void)snprintf(
	    names->netns, sizeof(names->netns), "lookback.%s", use->lab.name);
	outer.netns = names->netns;
	outer.dev = PLAN_OUTER;
	return outer;
}

static bool
is_at(const struct lookback_step *s, const struct lookback_place *place)
{
	return strcmp(s->netns == NULL ? "" : s->netns,
		   place->netns == NULL ? "" : place->netns) == 0 &&
	    strcmp(s->dev, place->dev) == 0;
}

int
prove_mac(const struct lab_use *use, const struct lookback_place *place,
    uint8_t ret_mac[6], struct err *err)
{
	const struct lookback_plan *plan = use->plan;
	struct ifreq ask = { 0 };
	int fd, rc = 0;

	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].type == LOOKBACK_MAC &&
		    is_at(&plan->steps[i], place)) {
			memcpy(ret_mac, plan->steps[i].mac, 6);
			return 0;
		}
	(void)snprintf(ask.ifr_name, IFNAMSIZ, "%s", place->dev);
	if ((fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0 ||
	    ioctl(fd, SIOCGIFHWADDR, &ask) != 0)
		rc = err_sys(err, "%s", place->dev);
	else
		memcpy(ret_mac, ask.ifr_hwaddr.sa_data, 6);
	prove_shut(&fd);
	return rc;
}

static bool
is_same(const char *name, const char *of_lab)
{
	return of_lab != NULL && strcmp(name, of_lab) == 0;
}

static bool
is_named(const struct lab *lab, const char *name)
{
	for (size_t i = 0; i < lab->n_networks; i++)
		if (is_same(name, lab->network[i].interface) ||
		    is_same(name, lab->network[i].bridge))
			return true;
	return false;
}

bool
prove_is_inside(const struct lab *lab, int ifindex)
{
	char name[IF_NAMESIZE], path[64], master[PATH_MAX];
	const char *base;
	ssize_t n;

	if (if_indextoname((unsigned)ifindex, name) == NULL)
		return false;
	if (strcmp(name, "lo") == 0 || is_named(lab, name))
		return true;
	(void)snprintf(path, sizeof(path), "/sys/class/net/%s/master", name);
	if ((n = readlink(path, master, sizeof(master) - 1)) < 0)
		return false;
	master[n] = '\0';
	base = strrchr(master, '/');
	return is_named(lab, base == NULL ? master : base + 1);
}
