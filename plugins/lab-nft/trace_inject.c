/*
 * A frame that comes in by any interface of this host, as if from its wire: what
 * a tap of ours receives is handed to that interface. Both the tap and the filter
 * that does so end with its descriptor.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "frames.h"
#include "trace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* It takes what is for the other's MAC address. */
static int
set_up(struct job *job, int tap, const struct link *as)
{
	struct request r;
	struct ifinfomsg *i = link_begin(&r, RTM_NEWLINK, 0);

	i->ifi_index = tap;
	i->ifi_flags = i->ifi_change = IFF_UP;
	mnl_attr_put(r.h, IFLA_ADDRESS, sizeof(as->mac), as->mac);
	return rtnl_talk(job, &job->home, &r, NULL, NULL);
}

static struct tcmsg *
begin(struct request *r, uint16_t type, int tap, uint32_t parent)
{
	struct tcmsg *t;

	rtnl_begin(r, type, NLM_F_CREATE | NLM_F_EXCL);
	t = mnl_nlmsg_put_extra_header(r->h, sizeof(*t));
	t->tcm_ifindex = tap;
	t->tcm_parent = parent;
	return t;
}

static int
hand_on(struct job *job, int tap, int to)
{
	const uint32_t root = TC_H_MAKE(TC_H_INGRESS, 0);
	const struct tc_mirred give = { .action = TC_ACT_STOLEN,
		.eaction = TCA_INGRESS_REDIR,
		.ifindex = (uint32_t)to };
	const struct tc_u32_sel sel = { .flags = TC_U32_TERMINAL, .nkeys = 1 };
	/* With a key behind it, whose mask is empty. */
	char all[sizeof(sel) + sizeof(struct tc_u32_key)] = { 0 };
	struct nlattr *options, *actions, *first, *action;
	struct request r;
	int rc;

	memcpy(all, &sel, sizeof(sel));
	begin(&r, RTM_NEWQDISC, tap, TC_H_INGRESS)->tcm_handle = root;
	mnl_attr_put_strz(r.h, TCA_KIND, "ingress");
	if ((rc = rtnl_talk(job, &job->home, &r, NULL, NULL)) != 0)
		return rc;
	begin(&r, RTM_NEWTFILTER, tap, root)->tcm_info = TC_H_MAKE(
	    1U << 16, htons(ETH_P_ALL));
	mnl_attr_put_strz(r.h, TCA_KIND, "u32");
	options = mnl_attr_nest_start(r.h, TCA_OPTIONS);
	mnl_attr_put(r.h, TCA_U32_SEL, sizeof(all), all);
	actions = mnl_attr_nest_start(r.h, TCA_U32_ACT);
	first = mnl_attr_nest_start(r.h, 1);
	mnl_attr_put_strz(r.h, TCA_ACT_KIND, "mirred");
	action = mnl_attr_nest_start(r.h, TCA_ACT_OPTIONS);
	mnl_attr_put(r.h, TCA_MIRRED_PARMS, sizeof(give), &give);
	mnl_attr_nest_end(r.h, action);
	mnl_attr_nest_end(r.h, first);
	mnl_attr_nest_end(r.h, actions);
	mnl_attr_nest_end(r.h, options);
	return rtnl_talk(job, &job->home, &r, NULL, NULL);
}

int
trace_inject(
    struct job *job, const struct link *to, const void *frame, size_t len)
{
	char name[IFNAMSIZ];
	struct link tap;
	int rc, fd;

	(void)snprintf(name, sizeof(name), "trace%d", (int)getpid() % 1000000);
	if ((rc = frames_tap(job, &job->home, name, &fd)) != 0)
		return rc;
	if ((rc = link_get(job, &job->home, name, &tap)) == 0 &&
	    (rc = set_up(job, tap.index, to)) == 0 &&
	    (rc = hand_on(job, tap.index, to->index)) == 0 &&
	    write(fd, frame, len) < 0)
		rc = job_why(job, errno, "tap: %s", strerror(errno));
	(void)close(fd);
	return rc;
}
