/*
 * An interface moves, gets its alias, becomes a port and goes up by one message,
 * so that a kill finds it here or hung up, and never between.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "port.h"
#include "frames.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What an attached interface's alias is. */
#define OF_HOST "attached: an interface of this host"
#define OF_PROGRAM "attached: a tap of a program"

struct where {
	struct netns *ns;
	struct link bridge;
};

static int
find_switch(
    struct job *job, const struct lookback_place *place, struct where *ret)
{
	int rc;

	rc = place->netns == NULL ? -ENOENT :
				    netns_get(job, place->netns, &ret->ns);
	if (rc == 0)
		rc = link_find(job, ret->ns, place->dev, &ret->bridge);
	if (rc == 1)
		return 0;
	if (rc != 0 && rc != -ENOENT)
		return rc;
	(void)job_why(job, ENETDOWN,
	    "the lab does not stand (there is no switch \"%s\" in %s); start "
	    "it first",
	    place->dev, place->netns != NULL ? place->netns : "no namespace");
	return -ENETDOWN;
}

/* The link, in `from`, is a port of the bridge of this number in `to`, or stays
 * down where that is 0. */
static int
put(struct job *job, struct netns *from, int index, const struct netns *to,
    int bridge, const char *alias)
{
	struct request r;
	struct ifinfomsg *i = link_begin(&r, RTM_NEWLINK, 0);

	i->ifi_index = index;
	i->ifi_change = IFF_UP;
	i->ifi_flags = bridge != 0 ? IFF_UP : 0;
	if (from != to)
		mnl_attr_put_u32(r.h, IFLA_NET_NS_FD, (uint32_t)to->fd);
	mnl_attr_put(r.h, IFLA_IFALIAS, strlen(alias) + 1, alias);
	if (bridge != 0)
		mnl_attr_put_u32(r.h, IFLA_MASTER, (uint32_t)bridge);
	return rtnl_talk(job, from, &r, NULL, NULL);
}

/* The cell has a link of this name: one that was attached hangs again if its
 * switch was made anew meanwhile. */
static int
hang_again(struct job *job, const struct where *at, const struct link *l)
{
	if (strcmp(l->alias, OF_HOST) != 0)
		return job_why(job, EEXIST,
		    "the network has a %s already; call the interface "
		    "otherwise: ip link set %s name NAME",
		    l->name, l->name);
	if (l->master == (unsigned)at->bridge.index)
		return job_why(
		    job, EALREADY, "%s is attached already", l->name);
	return put(job, at->ns, l->index, at->ns, at->bridge.index, OF_HOST);
}

static int
move_in(struct job *job, const struct where *at, const char *name)
{
	struct link l;
	int rc = link_find(job, &job->home, name, &l);
	char why[sizeof(job->why)];

	if (rc <= 0)
		return rc < 0 ?
		    rc :
		    job_why(job, ENODEV, "this host has no interface %s", name);
	if ((rc = port_check_free(job, &l)) != 0)
		return rc;
	rc = put(job, &job->home, l.index, at->ns, at->bridge.index, OF_HOST);
	if (rc == 0)
		return 0;
	/* It may have moved and then be refused as a port. */
	memcpy(why, job->why, sizeof(why));
	if (link_find(job, at->ns, l.name, &l) == 1)
		(void)put(job, at->ns, l.index, &job->home, 0, "");
	return job_why(job, -rc, "%s: %s", name, why);
}

static int
open_tap(struct job *job, const struct where *at, const char *name, int *ret_fd)
{
	char given[IFNAMSIZ];

	if (strlen(name) >= IFNAMSIZ || strchr(name, '%') != NULL)
		return job_why(job, EINVAL, "no name for a tap: %s", name);
	(void)snprintf(given, sizeof(given), "%s", name);
	return frames_tap(job, at->ns, given, ret_fd);
}

static int
make_tap(struct job *job, const struct where *at, const char *name, int *ret_fd)
{
	struct link l;
	int rc, fd = -1;

	if ((rc = open_tap(job, at, name, &fd)) != 0)
		return rc;
	if ((rc = link_get(job, at->ns, name, &l)) == 0)
		rc = put(
		    job, at->ns, l.index, at->ns, at->bridge.index, OF_PROGRAM);
	if (rc != 0)
		(void)close(fd);
	else
		*ret_fd = fd;
	return rc;
}

int
port_attach(struct job *job, const struct lookback_place *place,
    const char *name, int *ret_fd)
{
	struct where at;
	struct link l;
	int rc;

	if ((rc = find_switch(job, place, &at)) != 0 ||
	    (rc = link_find(job, at.ns, name, &l)) < 0)
		return rc;
	if (rc == 1 && ret_fd == NULL)
		return hang_again(job, &at, &l);
	if (rc == 1)
		return job_why(job, EEXIST,
		    "the network has a %s already; give the tap another name",
		    name);
	return ret_fd != NULL ? make_tap(job, &at, name, ret_fd) :
				move_in(job, &at, name);
}

static int
move_out(struct job *job, struct netns *ns, const struct link *l)
{
	int rc = put(job, ns, l->index, &job->home, 0, "");

	return rc != -EEXIST ?
	    rc :
	    job_why(job, EEXIST,
		"this host has another %s by now; call that one otherwise",
		l->name);
}

int
port_detach(
    struct job *job, const struct lookback_place *place, const char *name)
{
	struct where at;
	struct link l;
	int rc;

	if ((rc = find_switch(job, place, &at)) != 0 ||
	    (rc = link_find(job, at.ns, name, &l)) < 0)
		return rc;
	if (rc == 0)
		return job_why(job, ENODEV, "%s is not attached", name);
	if (strcmp(l.alias, OF_HOST) == 0)
		return move_out(job, at.ns, &l);
	if (strcmp(l.alias, OF_PROGRAM) != 0)
		return job_why(job, EPERM, "labrouter did not attach %s", name);
	rc = link_delete(job, at.ns, name);
	return rc < 0 ? rc : 0;
}

/* The next of this host's by number. */
struct next {
	int after;
	struct link link;
};

static int
see_next(const struct link *l, void *data)
{
	struct next *next = data;

	if (l->index > next->after && strcmp(l->alias, OF_HOST) == 0 &&
	    (next->link.index == 0 || l->index < next->link.index))
		next->link = *l;
	return MNL_CB_OK;
}

int
port_return_all(struct job *job, struct netns *ns)
{
	struct next next = { 0 };
	int rc;

	while ((rc = link_each(job, ns, see_next, &next)) == 0 &&
	    next.link.index != 0) {
		if (move_out(job, ns, &next.link) != 0)
			job->host->log(job->host->ctx, LOOKBACK_WARN,
			    "%s does not come back: %s", next.link.name,
			    job->why);
		next.after = next.link.index;
		next.link.index = 0;
	}
	return rc;
}
