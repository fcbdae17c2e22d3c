/*
 * The kernel's own trace in words: each rule that the packet met, as nft lists
 * it, with what it said.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "trace.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* While it is told. */
struct telling {
	struct job *job;
	const struct trace_events *seen;
	lookback_line_fn *line;
	void *ctx;
	uint32_t id; /* the packet's, once it is known */
	bool has_id;
	int lines;
	char *rules; /* owned; the table with handles; NULL until needed */
	char table[64];
	char packet[96]; /* as it was last told */
};

static const struct nlattr *
find(const struct nlmsghdr *h, uint16_t type)
{
	return rtnl_find(h, sizeof(struct nfgenmsg), type);
}

static const char *
text_of(const struct nlmsghdr *h, uint16_t type)
{
	const struct nlattr *a = find(h, type);

	return a != NULL && mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0 ?
	    mnl_attr_get_str(a) :
	    "";
}

static uint32_t
number_of(const struct nlmsghdr *h, uint16_t type)
{
	const struct nlattr *a = find(h, type);

	return a != NULL && mnl_attr_get_payload_len(a) == sizeof(uint32_t) ?
	    ntohl(mnl_attr_get_u32(a)) :
	    0;
}

static void
tell(struct telling *t, const char *text)
{
	const char *ns = t->seen->ns->name;
	char line[600];

	(void)snprintf(
	    line, sizeof(line), "%s: %s", ns != NULL ? ns : "this host", text);
	t->line(t->ctx, line);
	t->lines++;
}

/* ---- the packet ---- */

static void
put_link(char *to, size_t size, const char *how, uint32_t index)
{
	char name[IF_NAMESIZE];
	size_t len = strlen(to);

	if (index != 0 && if_indextoname(index, name) != NULL)
		(void)snprintf(to + len, size - len, ", %s %s", how, name);
}

/* Told when a chain begins and the packet is another than it was. */
static void
tell_packet(struct telling *t, const struct nlmsghdr *h)
{
	const struct nlattr *a = find(h, NFTA_TRACE_NETWORK_HEADER);
	char src[INET_ADDRSTRLEN], dst[INET_ADDRSTRLEN];
	char text[sizeof(t->packet)];
	struct iphdr ip;

	if (a == NULL || mnl_attr_get_payload_len(a) < sizeof(ip))
		return;
	memcpy(&ip, mnl_attr_get_payload(a), sizeof(ip));
	(void)snprintf(text, sizeof(text), "%s > %s",
	    inet_ntop(AF_INET, &ip.saddr, src, sizeof(src)),
	    inet_ntop(AF_INET, &ip.daddr, dst, sizeof(dst)));
	put_link(text, sizeof(text), "in by", number_of(h, NFTA_TRACE_IIF));
	put_link(text, sizeof(text), "out by", number_of(h, NFTA_TRACE_OIF));
	if (strcmp(text, t->packet) == 0)
		return;
	memcpy(t->packet, text, sizeof(text));
	tell(t, text);
}

/* ---- the rule ---- */

static const char *
family_of(const struct nlmsghdr *h)
{
	const struct nfgenmsg *g = mnl_nlmsg_get_payload(h);

	return g->nfgen_family == NFPROTO_INET ? "inet" : "ip";
}

/* All rules of the event's table, with their handles. */
static const char *
rules_of(struct telling *t, const struct nlmsghdr *h)
{
	char table[sizeof(t->table)], list[sizeof(table) + 16];

	(void)snprintf(table, sizeof(table), "%s %s", family_of(h),
	    text_of(h, NFTA_TRACE_TABLE));
	if (t->rules != NULL && strcmp(table, t->table) == 0)
		return t->rules;
	free(t->rules);
	memcpy(t->table, table, sizeof(table));
	(void)snprintf(list, sizeof(list), "list table %s", table);
	nft_ctx_output_set_flags(
	    t->seen->nft, NFT_CTX_OUTPUT_STATELESS | NFT_CTX_OUTPUT_HANDLE);
	(void)nft_run_cmd_from_buffer(t->seen->nft, list);
	t->rules = strdup(nft_ctx_get_output_buffer(t->seen->nft));
	return t->rules != NULL ? t->rules : "";
}

/* The line that ends in this handle; false: there is none. */
static bool
put_rule(struct telling *t, const struct nlmsghdr *h, char *to, size_t size)
{
	const struct nlattr *a = find(h, NFTA_TRACE_RULE_HANDLE);
	const char *all = rules_of(t, h), *end, *begin;
	char handle[40];

	if (a == NULL || mnl_attr_get_payload_len(a) != sizeof(uint64_t))
		return false;
	(void)snprintf(handle, sizeof(handle), " # handle %" PRIu64 "\n",
	    be64toh(mnl_attr_get_u64(a)));
	if ((end = strstr(all, handle)) == NULL)
		return false;
	for (begin = end; begin > all && begin[-1] != '\n';)
		begin--;
	begin += strspn(begin, "\t ");
	(void)snprintf(to, size, "%.*s", (int)(end - begin), begin);
	return true;
}

/* ---- the verdict ---- */

static void
put_verdict(const struct nlmsghdr *h, char *to, size_t size)
{
	const struct nlattr *a = find(h, NFTA_TRACE_VERDICT), *code = NULL,
			    *chain = NULL;
	const char *word = "another verdict";

	if (a != NULL) {
		code = rtnl_find_in(a, NFTA_VERDICT_CODE);
		chain = rtnl_find_in(a, NFTA_VERDICT_CHAIN);
	}
	if (code == NULL || mnl_attr_get_payload_len(code) != sizeof(int32_t))
		return;
	switch ((int32_t)ntohl(mnl_attr_get_u32(code))) {
	case NF_ACCEPT:
		word = "accept";
		break;
	case NF_DROP:
		word = "drop";
		break;
	case NFT_CONTINUE:
	case NFT_BREAK:
		word = "continue";
		break;
	case NFT_JUMP:
		word = "jump";
		break;
	case NFT_GOTO:
		word = "goto";
		break;
	case NFT_RETURN:
		word = "return";
		break;
	default:
		break;
	}
	(void)snprintf(to, size, "%s%s%.60s", word, chain != NULL ? " " : "",
	    chain != NULL &&
		    mnl_attr_validate(chain, MNL_TYPE_NUL_STRING) >= 0 ?
		mnl_attr_get_str(chain) :
		"");
}

static void
tell_event(struct telling *t, const struct nlmsghdr *h)
{
	const char *chain = text_of(h, NFTA_TRACE_CHAIN);
	uint32_t mark = number_of(h, NFTA_TRACE_MARK),
		 policy = number_of(h, NFTA_TRACE_POLICY);
	char rule[300], verdict[80] = "", marked[24] = "";
	char text[500];

	tell_packet(t, h);
	if (mark != 0)
		(void)snprintf(marked, sizeof(marked), ", mark 0x%x", mark);
	put_verdict(h, verdict, sizeof(verdict));
	switch (number_of(h, NFTA_TRACE_TYPE)) {
	case NFT_TRACETYPE_RULE:
		/* A chain's end is a rule to the kernel, that nobody wrote. */
		if (!put_rule(t, h, rule, sizeof(rule)))
			return;
		(void)snprintf(text, sizeof(text), "%.60s: %s: %s%s", chain,
		    rule, verdict, marked);
		break;
	case NFT_TRACETYPE_POLICY:
		(void)snprintf(text, sizeof(text), "%.60s: policy %s%s", chain,
		    policy == NF_ACCEPT ? "accept" : "drop", marked);
		break;
	default:
		(void)snprintf(
		    text, sizeof(text), "%.60s: %s%s", chain, verdict, marked);
		break;
	}
	tell(t, text);
}

/* The table of ours meets the packet first, and so knows its number. */
static int
see(const struct nlmsghdr *h, void *data)
{
	const bool own = strcmp(text_of(h, NFTA_TRACE_TABLE),
			     ((struct telling *)data)->seen->own) == 0;
	struct telling *t = data;
	uint32_t id = number_of(h, NFTA_TRACE_ID);

	if (h->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_TRACE))
		return MNL_CB_OK;
	if (own && !t->has_id) {
		t->has_id = true;
		t->id = id;
	}
	if (!own && t->has_id && t->id == id)
		tell_event(t, h);
	return MNL_CB_OK;
}

int
trace_tell(struct job *job, const struct trace_events *seen,
    lookback_line_fn *line, void *ctx)
{
	struct telling t = {
		.job = job, .seen = seen, .line = line, .ctx = ctx
	};
	int rc;

	if (seen->len == 0)
		return 0;
	/* Links have their names there. */
	if ((rc = netns_enter(job, seen->ns)) != 0)
		return rc;
	(void)mnl_cb_run(seen->data, seen->len, 0, 0, see, &t);
	rc = netns_leave(job);
	free(t.rules);
	return rc != 0 ? rc : t.lines;
}
