/*
 * Dumps of a namespace, kept and searched.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* An interrupted dump is asked for again. */
#define TRIES 10

static void
keep_text(char *to, size_t size, const struct nlattr *a)
{
	(void)snprintf(to, size, "%.*s", (int)mnl_attr_get_payload_len(a),
	    (const char *)mnl_attr_get_payload(a));
}

/* ---- one message into one item; false: nothing of interest ---- */

/* Attributes by their type. */
#define MOST 64
struct attrs {
	const struct nlattr *of[MOST];
};

static int
sort_in(const struct nlattr *a, void *data)
{
	struct attrs *to = data;

	if (mnl_attr_get_type(a) < MOST)
		to->of[mnl_attr_get_type(a)] = a;
	return MNL_CB_OK;
}

static struct attrs
attrs_of(const struct nlmsghdr *h, size_t header)
{
	struct attrs to = { 0 };

	(void)mnl_attr_parse(h, (unsigned)header, sort_in, &to);
	return to;
}

/* 0 where there is none. */
static uint32_t
u32_of(const struct attrs *a, unsigned type)
{
	const struct nlattr *at = a->of[type];

	return at == NULL || mnl_attr_get_payload_len(at) < 4 ?
	    0 :
	    mnl_attr_get_u32(at);
}

static uint32_t
addr_of(const struct attrs *a, unsigned type)
{
	return ntohl(u32_of(a, type));
}

static bool
is_plain(const char *kind, const struct nlattr *data)
{
	const struct nlattr *a, *b;

	if (data == NULL)
		return false;
	if (strcmp(kind, "macvlan") == 0)
		return (a = rtnl_find_in(data, IFLA_MACVLAN_MODE)) != NULL &&
		    mnl_attr_get_u32(a) == MACVLAN_MODE_BRIDGE;
	return (a = rtnl_find_in(data, IFLA_BR_STP_STATE)) != NULL &&
	    (b = rtnl_find_in(data, IFLA_BR_FORWARD_DELAY)) != NULL &&
	    mnl_attr_get_u32(a) == 0 && mnl_attr_get_u32(b) == 0;
}

static bool
see_link(const struct nlmsghdr *h, void *item)
{
	const struct ifinfomsg *i = mnl_nlmsg_get_payload(h);
	const struct attrs a = attrs_of(h, sizeof(*i));
	const struct nlattr *at;
	struct link *l = item;

	l->index = i->ifi_index;
	l->type = i->ifi_type;
	l->flags = i->ifi_flags;
	l->other = (int)u32_of(&a, IFLA_LINK);
	if (a.of[IFLA_LINK_NETNSID] == NULL)
		l->lower = l->other;
	l->mtu = u32_of(&a, IFLA_MTU);
	l->master = u32_of(&a, IFLA_MASTER);
	if ((at = a.of[IFLA_IFNAME]) != NULL)
		keep_text(l->name, sizeof(l->name), at);
	if ((at = a.of[IFLA_ADDRESS]) != NULL &&
	    mnl_attr_get_payload_len(at) == sizeof(l->mac))
		memcpy(l->mac, mnl_attr_get_payload(at), sizeof(l->mac));
	if ((at = a.of[IFLA_IFALIAS]) != NULL)
		keep_text(l->alias, sizeof(l->alias), at);
	if (a.of[IFLA_LINKINFO] != NULL &&
	    (at = rtnl_find_in(a.of[IFLA_LINKINFO], IFLA_INFO_KIND)) != NULL) {
		keep_text(l->kind, sizeof(l->kind), at);
		l->plain = is_plain(
		    l->kind, rtnl_find_in(a.of[IFLA_LINKINFO], IFLA_INFO_DATA));
	}
	return true;
}

static bool
see_address(const struct nlmsghdr *h, void *item)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	const struct attrs a = attrs_of(h, sizeof(*m));
	uint32_t flags = m->ifa_flags | u32_of(&a, IFA_FLAGS);
	struct seen_address *to = item;

	to->index = (int)m->ifa_index;
	to->addr = addr_of(&a, IFA_LOCAL);
	to->len = m->ifa_prefixlen;
	to->net = addr_of(&a, IFA_ADDRESS);
	to->scope = m->ifa_scope;
	to->alone = (flags & IFA_F_NOPREFIXROUTE) != 0;
	to->expires = (flags & IFA_F_PERMANENT) == 0;
	return m->ifa_family == AF_INET;
}

/* What the kernel adds with each address is not kept. */
static bool
see_route(const struct nlmsghdr *h, void *item)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	const struct attrs a = attrs_of(h, sizeof(*m));
	struct seen_route *to = item;

	to->table = a.of[RTA_TABLE] != NULL ? u32_of(&a, RTA_TABLE) :
					      m->rtm_table;
	to->addr = addr_of(&a, RTA_DST);
	to->len = m->rtm_dst_len;
	to->metric = u32_of(&a, RTA_PRIORITY);
	to->via = addr_of(&a, RTA_GATEWAY);
	to->source = addr_of(&a, RTA_PREFSRC);
	to->index = (int)u32_of(&a, RTA_OIF);
	to->type = m->rtm_type;
	to->proto = m->rtm_protocol;
	to->scope = m->rtm_scope;
	to->tos = m->rtm_tos;
	to->onlink = (m->rtm_flags & RTNH_F_ONLINK) != 0;
	to->odd = a.of[RTA_MULTIPATH] != NULL || a.of[RTA_VIA] != NULL ||
	    a.of[RTA_METRICS] != NULL || a.of[RTA_NH_ID] != NULL ||
	    a.of[RTA_ENCAP] != NULL;
	return m->rtm_family == AF_INET && (m->rtm_flags & RTM_F_CLONED) == 0 &&
	    (to->table != RT_TABLE_LOCAL || to->proto != RTPROT_KERNEL);
}

static bool
see_rule(const struct nlmsghdr *h, void *item)
{
	static const unsigned others[] = { FRA_DST, FRA_SRC, FRA_OIFNAME,
		FRA_FLOW, FRA_TUN_ID, FRA_L3MDEV, FRA_UID_RANGE, FRA_IP_PROTO,
		FRA_SPORT_RANGE, FRA_DPORT_RANGE, FRA_GOTO };
	const struct fib_rule_hdr *m = mnl_nlmsg_get_payload(h);
	const struct attrs a = attrs_of(h, sizeof(*m));
	struct seen_rule *to = item;

	to->priority = u32_of(&a, FRA_PRIORITY);
	to->mark = u32_of(&a, FRA_FWMARK);
	to->mask = u32_of(&a, FRA_FWMASK);
	to->table = a.of[FRA_TABLE] != NULL ? u32_of(&a, FRA_TABLE) : m->table;
	to->action = m->action;
	if (a.of[FRA_PROTOCOL] != NULL)
		to->proto = mnl_attr_get_u8(a.of[FRA_PROTOCOL]);
	if (a.of[FRA_IIFNAME] != NULL)
		keep_text(to->iif, sizeof(to->iif), a.of[FRA_IIFNAME]);
	to->odd = m->tos != 0 || (m->flags & FIB_RULE_INVERT) != 0 ||
	    (a.of[FRA_SUPPRESS_PREFIXLEN] != NULL &&
		u32_of(&a, FRA_SUPPRESS_PREFIXLEN) != UINT32_MAX);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		to->odd |= a.of[others[i]] != NULL;
	return m->family == AF_INET;
}

static bool
see_neighbour(const struct nlmsghdr *h, void *item)
{
	const struct ndmsg *m = mnl_nlmsg_get_payload(h);
	const struct attrs a = attrs_of(h, sizeof(*m));
	struct seen_neighbour *to = item;

	to->index = m->ndm_ifindex;
	to->addr = addr_of(&a, NDA_DST);
	to->permanent = (m->ndm_state & NUD_PERMANENT) != 0;
	if (a.of[NDA_LLADDR] != NULL &&
	    mnl_attr_get_payload_len(a.of[NDA_LLADDR]) == sizeof(to->mac))
		memcpy(to->mac, mnl_attr_get_payload(a.of[NDA_LLADDR]),
		    sizeof(to->mac));
	return m->ndm_family == AF_INET;
}

/* ---- in which order they lie ---- */

static int
rising(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare_addresses(const void *x, const void *y)
{
	const struct seen_address *a = x, *b = y;
	int c = rising((unsigned)a->index, (unsigned)b->index);

	if (c == 0)
		c = rising(a->addr, b->addr);
	return c != 0 ? c : rising(a->len, b->len);
}

static int
compare_prefixes(const void *x, const void *y)
{
	const struct seen_route *a = x, *b = y;
	int c = rising(a->addr, b->addr);

	return c != 0 ? c : rising(a->len, b->len);
}

static int
compare_tables(const void *x, const void *y)
{
	const struct seen_route *a = x, *b = y;
	int c = compare_prefixes(a, b);

	return c != 0 ? c : rising(a->table, b->table);
}

static int
compare_routes(const void *x, const void *y)
{
	const struct seen_route *a = x, *b = y;
	int c = compare_tables(a, b);

	return c != 0 ? c : rising(a->order, b->order);
}

static int
compare_neighbours(const void *x, const void *y)
{
	const struct seen_neighbour *a = x, *b = y;
	int c = rising((unsigned)a->index, (unsigned)b->index);

	return c != 0 ? c : rising(a->addr, b->addr);
}

/* ---- all of a kind ---- */

static const struct kind {
	size_t size, header;
	uint16_t ask;
	bool (*see)(const struct nlmsghdr *, void *item);
	int (*compare)(const void *, const void *); /* NULL: as they come */
} kinds[] = {
	[SEEN_LINKS] = { sizeof(struct link), sizeof(struct ifinfomsg),
	    RTM_GETLINK, see_link, NULL },
	[SEEN_ADDRESSES] = { sizeof(struct seen_address),
	    sizeof(struct ifaddrmsg), RTM_GETADDR, see_address,
	    compare_addresses },
	[SEEN_ROUTES] = { sizeof(struct seen_route), sizeof(struct rtmsg),
	    RTM_GETROUTE, see_route, compare_routes },
	[SEEN_RULES] = { sizeof(struct seen_rule), sizeof(struct fib_rule_hdr),
	    RTM_GETRULE, see_rule, NULL },
	[SEEN_NEIGHBOURS] = { sizeof(struct seen_neighbour),
	    sizeof(struct ndmsg), RTM_GETNEIGH, see_neighbour,
	    compare_neighbours },
	[SEEN_PROXIES] = { sizeof(struct seen_neighbour), sizeof(struct ndmsg),
	    RTM_GETNEIGH, see_neighbour, compare_neighbours },
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
	if (item != NULL && f->kind->see != see_link &&
	    (item->raw = malloc(h->nlmsg_len)) == NULL)
		item = NULL;
	if (item == NULL) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	if (item->raw != NULL)
		memcpy(item->raw, h, h->nlmsg_len);
	if (f->kind->see == see_route)
		((struct seen_route *)(void *)item)->order = (unsigned)
								 f->list->n;
	else if (f->kind->see == see_address)
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

/* ---- one of them ---- */

int
seen_address(struct job *job, struct netns *ns, int index, uint32_t addr,
    unsigned len, struct seen_address **ret)
{
	const struct seen_address key = {
		.index = index, .addr = addr, .len = len
	};
	const struct seen_list *list;
	int rc = seen_get(job, ns, SEEN_ADDRESSES, &list);

	*ret = NULL;
	if (rc == 0 && list->n != 0)
		*ret = bsearch(
		    &key, list->items, list->n, sizeof(key), compare_addresses);
	return rc;
}

int
seen_neighbour(struct job *job, struct netns *ns, enum seen_kind kind,
    int index, uint32_t addr, struct seen_neighbour **ret)
{
	const struct seen_neighbour key = { .index = index, .addr = addr };
	const struct seen_list *list;
	int rc = seen_get(job, ns, kind, &list);

	*ret = NULL;
	if (rc == 0 && list->n != 0)
		*ret = bsearch(&key, list->items, list->n, sizeof(key),
		    compare_neighbours);
	/* For the kernel, a proxy without a device is one on each of them. */
	if (rc == 0 && *ret == NULL && kind == SEEN_PROXIES && index != 0)
		return seen_neighbour(job, ns, kind, 0, addr, ret);
	return rc;
}

int
seen_routes(struct job *job, struct netns *ns, uint32_t table, uint32_t addr,
    unsigned len, struct seen_route **ret, size_t *ret_n)
{
	const struct seen_route key = {
		.table = table, .addr = addr, .len = len
	};
	int (*const compare)(const void *,
	    const void *) = table == 0 ? compare_prefixes : compare_tables;
	const struct seen_list *list;
	struct seen_route *r = NULL, *end;
	int rc = seen_get(job, ns, SEEN_ROUTES, &list);

	*ret = NULL;
	*ret_n = 0;
	if (rc == 0 && list->n != 0)
		r = bsearch(&key, list->items, list->n, sizeof(key), compare);
	if (r == NULL)
		return rc;
	end = (struct seen_route *)list->items + list->n;
	while (
	    r > (struct seen_route *)list->items && compare(r - 1, &key) == 0)
		r--;
	*ret = r;
	while (r < end && compare(r, &key) == 0)
		r++;
	*ret_n = (size_t)(r - *ret);
	return 0;
}

int
seen_link(
    struct job *job, struct netns *ns, const char *name, struct link **ret)
{
	const struct seen_list *list;
	int rc = seen_get(job, ns, SEEN_LINKS, &list);
	struct link *l = list->items;

	*ret = NULL;
	for (size_t i = 0; rc == 0 && i < list->n; i++)
		if (strcmp(l[i].name, name) == 0) {
			*ret = &l[i];
			break;
		}
	return rc;
}

const struct link *
seen_link_of(const struct netns *ns, int index)
{
	const struct seen_list *list = &ns->seen.list[SEEN_LINKS];
	const struct link *l = list->items;

	for (size_t i = 0; i < list->n; i++)
		if (l[i].index == index)
			return &l[i];
	return NULL;
}

/* `data` is the link. */
static int
see_again(const struct nlmsghdr *h, void *data)
{
	(void)see_link(h, data);
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
