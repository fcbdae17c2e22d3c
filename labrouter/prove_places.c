/*
 * Where a lab is attacked and where production begins.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_private.h"
#include "prove_private.h"

#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct lookback_place
place(const char *netns, const char *dev)
{
	return (
	    struct lookback_place){ sizeof(struct lookback_place), netns, dev };
}

struct lookback_place
prove_switch(const struct lab_use *use, size_t net, char *room, size_t size)
{
	if (use->lab.layout == LAB_SINGLE)
		return place(NULL, use->lab.network[net].interface);
	(void)snprintf(room, size, "lookback.%s.%zu", use->lab.name, net + 1);
	return place(room, PLAN_IN);
}

/* Both names in one piece of memory. */
struct lookback_place
prove_front(const struct lab_use *use, size_t net, char *room, size_t size)
{
	const int dev = snprintf(room, size, "c%zu", net + 1) + 1;

	if (use->lab.layout == LAB_SINGLE)
		return place(NULL, NULL);
	(void)snprintf(
	    room + dev, size - (size_t)dev, "lookback.%s", use->lab.name);
	return place(room + dev, room);
}

struct lookback_place
prove_outer(const struct lab_use *use, char *room, size_t size)
{
	if (use->lab.layout == LAB_SINGLE)
		return place(NULL, use->lab.production.attach);
	(void)snprintf(room, size, "lookback.%s", use->lab.name);
	return place(room, PLAN_OUTER);
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
