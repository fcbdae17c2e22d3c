/*
 * What is asked of nf_tables without libnftables, which would read much more.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "generation.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>

#include "lab_nft.h"

/* The first kind of user data of a table, as nft(8) writes it: type, length,
 * text. */
#define UDATA_COMMENT 0

static void
begin(struct request *r, uint16_t type, uint8_t family)
{
	struct nfgenmsg *m;

	rtnl_begin(r, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), 0);
	m = mnl_nlmsg_put_extra_header(r->h, sizeof(*m));
	m->nfgen_family = family;
	m->version = NFNETLINK_V0;
}

static int
see_generation(const struct nlmsghdr *h, void *data)
{
	const struct nlattr *a = rtnl_find(
	    h, sizeof(struct nfgenmsg), NFTA_GEN_ID);

	if (a != NULL)
		*(uint32_t *)data = ntohl(mnl_attr_get_u32(a));
	return MNL_CB_OK;
}

int
generation_get(struct job *job, struct netns *ns, uint32_t *ret)
{
	struct request r;

	*ret = 0;
	begin(&r, NFT_MSG_GETGEN, 0);
	return netlink_talk(job, ns, BUS_NETFILTER, r.h, see_generation, ret);
}

static const struct {
	const char *name;
	uint8_t number;
} families[] = {
	{ "ip", NFPROTO_IPV4 },
	{ "ip6", NFPROTO_IPV6 },
	{ "inet", NFPROTO_INET },
	{ "arp", NFPROTO_ARP },
	{ "bridge", NFPROTO_BRIDGE },
	{ "netdev", NFPROTO_NETDEV },
};
#define N_FAMILIES (sizeof(families) / sizeof(*families))

static int
see_table(const struct nlmsghdr *h, void *data)
{
	const struct nlattr *a = rtnl_find(
	    h, sizeof(struct nfgenmsg), NFTA_TABLE_USERDATA);
	struct table *t = data;
	const uint8_t *at, *end;

	if (a == NULL)
		return MNL_CB_OK;
	at = mnl_attr_get_payload(a);
	end = at + mnl_attr_get_payload_len(a);
	for (; end - at >= 2 && end - at >= 2 + at[1]; at += 2 + at[1])
		if (at[0] == UDATA_COMMENT)
			(void)snprintf(t->comment, sizeof(t->comment), "%.*s",
			    at[1], (const char *)at + 2);
	return MNL_CB_OK;
}

int
generation_table(struct job *job, struct netns *ns, struct table *t)
{
	struct request r;
	size_t i = 0;
	int rc;

	while (i < N_FAMILIES && strcmp(families[i].name, t->family) != 0)
		i++;
	if (i == N_FAMILIES)
		return job_why(job, EINVAL, "no family %s", t->family);
	begin(&r, NFT_MSG_GETTABLE, families[i].number);
	mnl_attr_put_strz(r.h, NFTA_TABLE_NAME, t->name);
	rc = netlink_talk(job, ns, BUS_NETFILTER, r.h, see_table, t);
	return rc == 0 ? 1 : rc == -ENOENT ? 0 : rc;
}

struct listing {
	generation_table_fn *fn;
	void *ctx;
	int rc;
};

static int
see_one(const struct nlmsghdr *h, void *data)
{
	const struct nfgenmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *name = rtnl_find(
	    h, sizeof(struct nfgenmsg), NFTA_TABLE_NAME);
	struct listing *l = data;
	struct table t = { 0 };

	/* What has an owner goes with it. */
	if (l->rc != 0 || name == NULL ||
	    rtnl_find(h, sizeof(struct nfgenmsg), NFTA_TABLE_OWNER) != NULL)
		return MNL_CB_OK;
	for (size_t i = 0; i < N_FAMILIES; i++)
		if (families[i].number == m->nfgen_family)
			(void)snprintf(
			    t.family, sizeof(t.family), "%s", families[i].name);
	(void)snprintf(t.name, sizeof(t.name), "%s", mnl_attr_get_str(name));
	l->rc = l->fn(l->ctx, &t);
	return MNL_CB_OK;
}

int
generation_tables(
    struct job *job, struct netns *ns, generation_table_fn *fn, void *ctx)
{
	struct listing l = { fn, ctx, 0 };
	struct request r;
	int rc;

	begin(&r, NFT_MSG_GETTABLE, NFPROTO_UNSPEC);
	r.h->nlmsg_flags |= NLM_F_DUMP;
	rc = netlink_talk(job, ns, BUS_NETFILTER, r.h, see_one, &l);
	return rc != 0 ? rc : l.rc;
}
