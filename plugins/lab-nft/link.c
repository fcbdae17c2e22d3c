/*
 * Links: found, and deleted.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

struct ifinfomsg *
link_begin(struct request *r, uint16_t type, uint16_t flags)
{
	rtnl_begin(r, type, flags);
	return mnl_nlmsg_put_extra_header(r->h, sizeof(struct ifinfomsg));
}

int
link_find(struct job *job, struct netns *ns, const char *dev, struct link *ret)
{
	struct link *l;
	int rc = seen_link(job, ns, dev, &l);

	memset(ret, 0, sizeof(*ret));
	if (rc == 0 && l != NULL)
		*ret = *l;
	return rc != 0 ? rc : l != NULL;
}

int
link_get(struct job *job, struct netns *ns, const char *dev, struct link *ret)
{
	int rc = link_find(job, ns, dev, ret);

	if (rc == 0)
		return job_why(job, ENODEV, "there is no link %s", dev);
	return rc < 0 ? rc : 0;
}

int
link_each(struct job *job, struct netns *ns, link_see_fn *fn, void *data)
{
	const struct seen_list *list;
	const struct link *l;
	int rc = seen_get(job, ns, SEEN_LINKS, &list);

	l = list->items;
	for (size_t i = 0; rc == 0 && i < list->n; i++)
		if (fn(&l[i], data) == MNL_CB_ERROR)
			break;
	return rc;
}

int
look_number(struct job *job, struct netns *ns, const struct lookback_step *s,
    struct look *look, int *ret)
{
	struct link *l;
	int rc = seen_link(job, ns, s->dev, &l);

	*ret = rc == 0 && l != NULL ? l->index : 0;
	if (rc != 0 || l != NULL)
		return rc;
	if (s->remove)
		look_is(look, LOOKBACK_STANDS, "%s", "");
	else
		look_is(look, LOOKBACK_MISSING, "there is no link %s", s->dev);
	return 0;
}

int
link_delete(struct job *job, struct netns *ns, const char *dev)
{
	struct request r;
	int rc;

	link_begin(&r, RTM_DELLINK, 0);
	mnl_attr_put_strz(r.h, IFLA_IFNAME, dev);
	rc = rtnl_talk(job, ns, &r, NULL, NULL);
	return rc == -ENODEV ? 0 : rc == 0 ? 1 : rc;
}
