/*
 * Dumps of a namespace, kept.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"
#include "seen_private.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* An interrupted dump is asked for again. */
#define TRIES 10

static const struct kind {
	size_t size, header;
	uint16_t ask;
	seen_parse_fn *see;
	seen_compare_fn *compare; /* NULL: as they come */
} kinds[] = {
	[SEEN_LINKS] = { sizeof(struct link), sizeof(struct ifinfomsg),
	    RTM_GETLINK, seen_parse_link, NULL },
	[SEEN_ADDRESSES] = { sizeof(struct seen_address),
	    sizeof(struct ifaddrmsg), RTM_GETADDR, seen_parse_address,
	    seen_compare_addresses },
	[SEEN_ROUTES] = { sizeof(struct seen_route), sizeof(struct rtmsg),
	    RTM_GETROUTE, seen_parse_route, seen_compare_routes },
	[SEEN_RULES] = { sizeof(struct seen_rule), sizeof(struct fib_rule_hdr),
	    RTM_GETRULE, seen_parse_rule, NULL },
	[SEEN_NEIGHBOURS] = { sizeof(struct seen_neighbour),
	    sizeof(struct ndmsg), RTM_GETNEIGH, seen_parse_neighbour,
	    seen_compare_neighbours },
	[SEEN_PROXIES] = { sizeof(struct seen_neighbour), sizeof(struct ndmsg),
	    RTM_GETNEIGH, seen_parse_neighbour, seen_compare_neighbours },
};

/* A zeroed item at the end; NULL: out of memory. It counts once n is raised. */
static void *
room_for(struct seen_list *list, size_t size)
{
	if (list->n == list->cap) {
		size_t cap = list->cap == 0 ? 16 : list->cap * 2;
		void *more = reallocarray(list->items, cap, size);

		if (more == NULL)
			return NULL;
		list->items = more;
		list->cap = cap;
	}
	return memset((char *)list->items + list->n * size, 0, size);
}

struct filling {
	const struct kind *kind;
	struct seen_list *list;
};

static int
fill(const struct nlmsghdr *h, void *data)
{
	struct filling *f = data;
	struct seen_item *item = room_for(f->list, f->kind->size);

	if (item != NULL && !f->kind->see(h, item))
		return MNL_CB_OK;
	if (item != NULL && f->kind->see != seen_parse_link &&
	    (item->raw = malloc(h->nlmsg_len)) == NULL)
		item = NULL;
	if (item == NULL) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	if (item->raw != NULL)
		memcpy(item->raw, h, h->nlmsg_len);
	if (f->kind->see == seen_parse_route)
		((struct seen_route *)(void *)item)->order = (unsigned)
								 f->list->n;
	else if (f->kind->see == seen_parse_address)
		((struct seen_address *)(void *)item)->order = (unsigned)
								   f->list->n;
	f->list->n++;
	return MNL_CB_OK;
}

static void
empty(struct seen_list *list, size_t size)
{
	for (size_t i = 0; i < list->n; i++)
		free(((struct seen_item *)(void *)((char *)list->items +
			  i * size))
			 ->raw);
	list->n = 0;
	list->known = false;
}

static void
begin(struct request *r, enum seen_kind k)
{
	uint8_t *family;

	rtnl_begin(r, kinds[k].ask, NLM_F_DUMP);
	/* The family is the first byte of each of these headers. */
	family = mnl_nlmsg_put_extra_header(r->h, kinds[k].header);
	if (k == SEEN_LINKS)
		mnl_attr_put_u32(r->h, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	else
		*family = AF_INET;
	if (k == SEEN_PROXIES)
		((struct ndmsg *)(void *)family)->ndm_flags = NTF_PROXY;
}

int
seen_get(struct job *job, struct netns *ns, enum seen_kind k,
    const struct seen_list **ret)
{
	struct seen_list *list = &ns->seen.list[k];
	struct filling f = { &kinds[k], list };
	struct request r;
	int rc = 0;

	*ret = list;
	for (int i = 0; i < TRIES && !list->known; i++) {
		empty(list, kinds[k].size);
		begin(&r, k);
		rc = netlink_talk(job, ns, BUS_ROUTE, r.h, fill, &f);
		if (rc != 0 && rc != -EINTR)
			return rc;
		list->known = rc == 0;
		if (list->known && kinds[k].compare != NULL && list->n != 0)
			qsort(list->items, list->n, kinds[k].size,
			    kinds[k].compare);
	}
	return rc;
}

size_t
seen_size(enum seen_kind k)
{
	return kinds[k].size;
}

void
seen_forget(struct seen *seen)
{
	for (size_t k = 0; k < SEEN_KINDS; k++) {
		struct seen_list *list = &seen->list[k];

		empty(list, kinds[k].size);
		free(list->items);
		*list = (struct seen_list){ 0 };
	}
}

void
seen_forget_all(struct job *job)
{
	seen_forget(&job->home.seen);
	for (size_t i = 0; i < job->n_spaces; i++)
		seen_forget(&job->spaces[i]->seen);
}

/* ---- one link ---- */

/* `data` is the link. */
static int
see_again(const struct nlmsghdr *h, void *data)
{
	(void)seen_parse_link(h, data);
	return MNL_CB_OK;
}

int
seen_link_again(struct job *job, struct netns *ns, const char *name)
{
	struct seen_list *list = &ns->seen.list[SEEN_LINKS];
	struct link *l, now = { 0 };
	struct request r;
	int rc;

	if (!list->known)
		return 0;
	rtnl_begin(&r, RTM_GETLINK, 0);
	(void)mnl_nlmsg_put_extra_header(r.h, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(r.h, IFLA_IFNAME, name);
	mnl_attr_put_u32(r.h, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if ((rc = netlink_talk(job, ns, BUS_ROUTE, r.h, see_again, &now)) !=
		0 ||
	    (rc = seen_link(job, ns, name, &l)) != 0)
		return rc;
	if (l == NULL && (l = room_for(list, sizeof(*l))) == NULL)
		return job_why(job, ENOMEM, "out of memory");
	if (l == (struct link *)list->items + list->n)
		list->n++;
	*l = now;
	return 0;
}
