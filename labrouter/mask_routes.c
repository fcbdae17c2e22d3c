/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "mask_routes.h"
#include "check_private.h"
#include "host_routes.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- in words ---- */

int
mask_route_text(
    struct buf *b, enum mask_os os, bool remove, const struct mask_route *r)
{
	switch (os) {
	case MASK_WINDOWS:
		return buf_printf(b,
		    "route %s " IP_FMT " mask " IP_FMT " " IP_FMT,
		    remove ? "delete" : "add", IP(r->to.addr),
		    IP(prefix_mask(r->to.len)), IP(r->via));
	case MASK_MACOS:
		return buf_printf(b, "route -n %s -net " NET_FMT " " IP_FMT,
		    remove ? "delete" : "add", NET(r->to), IP(r->via));
	case MASK_LINUX:
		break;
	}
	return buf_printf(b, "ip route %s " NET_FMT " via " IP_FMT " proto %d",
	    remove ? "del" : "add", NET(r->to), IP(r->via), LAB_ROUTE_PROTO);
}

/* ---- done ---- */

struct request {
	struct nlmsghdr h;
	struct rtmsg m;
	char room[128];
};

static void
put(struct request *q, unsigned short type, uint32_t value)
{
	struct rtattr *a = (void *)((char *)q + NLMSG_ALIGN(q->h.nlmsg_len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(sizeof(value));
	memcpy(RTA_DATA(a), &value, sizeof(value));
	q->h.nlmsg_len = NLMSG_ALIGN(q->h.nlmsg_len) + a->rta_len;
}

/* What the kernel says beside its number; "" for nothing. */
static const char *
words_of(const struct nlmsghdr *h, size_t len)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	size_t skip = NLMSG_LENGTH(sizeof(*e));
	const struct nlattr *a;

	if ((h->nlmsg_flags & NLM_F_ACK_TLVS) == 0)
		return "";
	if ((h->nlmsg_flags & NLM_F_CAPPED) == 0)
		skip += e->msg.nlmsg_len - sizeof(e->msg);
	while (skip + sizeof(*a) <= len) {
		a = (const void *)((const char *)h + skip);
		if (a->nla_len < sizeof(*a) || a->nla_len > len - skip)
			break;
		if (a->nla_type == NLMSGERR_ATTR_MSG &&
		    ((const char *)a)[a->nla_len - 1] == '\0')
			return (const char *)(a + 1);
		skip += NLMSG_ALIGN(a->nla_len);
	}
	return "";
}

/* 0, or the kernel's errno with its words. */
static int
talk(const struct request *q, char *words, size_t size)
{
	char answer[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *h = (const void *)answer;
	const struct nlmsgerr *e = NLMSG_DATA(h);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int on = 1, rc = EBADMSG;
	ssize_t n;

	*words = '\0';
	if (fd < 0)
		return errno;
	/* An old kernel has fewer words. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	if (send(fd, q, q->h.nlmsg_len, 0) != (ssize_t)q->h.nlmsg_len ||
	    (n = recv(fd, answer, sizeof(answer), 0)) < 0)
		rc = errno;
	else if (NLMSG_OK(h, (size_t)n) && h->nlmsg_type == NLMSG_ERROR &&
	    h->nlmsg_len >= NLMSG_LENGTH(sizeof(*e))) {
		rc = -e->error;
		if (rc != 0)
			(void)snprintf(
			    words, size, ": %s", words_of(h, h->nlmsg_len));
		if (rc != 0 && words[2] == '\0')
			*words = '\0';
	}
	(void)close(fd);
	return rc;
}

static int
change(unsigned short type, unsigned short flags, const struct mask_route *r,
    char *words, size_t size)
{
	struct request q = { .h = { .nlmsg_len = NLMSG_LENGTH(sizeof(q.m)),
				 .nlmsg_type = type,
				 .nlmsg_flags = (unsigned short)(NLM_F_REQUEST |
				     NLM_F_ACK | flags) },
		.m = { .rtm_family = AF_INET,
		    .rtm_dst_len = (unsigned char)r->to.len,
		    .rtm_table = RT_TABLE_MAIN,
		    .rtm_protocol = LAB_ROUTE_PROTO,
		    .rtm_scope = RT_SCOPE_UNIVERSE,
		    .rtm_type = RTN_UNICAST } };

	put(&q, RTA_DST, htobe32(r->to.addr));
	put(&q, RTA_GATEWAY, htobe32(r->via));
	return talk(&q, words, size);
}

static int
failed(
    const struct mask_route *r, int error, const char *words, struct err *err)
{
	errno = error;
	(void)err_sys(
	    err, "route to " NET_FMT " by " IP_FMT, NET(r->to), IP(r->via));
	(void)strncat(
	    err->cause, words, sizeof(err->cause) - strlen(err->cause) - 1);
	return ERR_SYS;
}

static bool
is_same_prefix(const struct seen_route *s, const struct mask_route *r)
{
	return s->to.addr == r->to.addr && s->to.len == r->to.len &&
	    s->table != RT_TABLE_LOCAL;
}

static const char *
proto_name(uint8_t proto, char buf[static 16])
{
	switch (proto) {
	case RTPROT_KERNEL:
		return "kernel";
	case RTPROT_BOOT:
		return "boot";
	case RTPROT_STATIC:
		return "static";
	case RTPROT_DHCP:
		return "dhcp";
	default:
		(void)snprintf(buf, 16, "%u", proto);
		return buf;
	}
}

static int
refuse(const struct mask_route *r, const struct seen_route *s, struct err *err)
{
	char dev[IF_NAMESIZE] = "", number[16], by[32] = "";

	if (s->via != 0)
		(void)snprintf(by, sizeof(by), " via " IP_FMT, IP(s->via));
	if (s->ifindex != 0)
		(void)if_indextoname(s->ifindex, dev);
	return err_set(err, ERR_REFUSED,
	    "there is a route to " NET_FMT "%s%s%s, %s (proto %s); nothing is "
	    "changed",
	    NET(r->to), by, *dev != '\0' ? " dev " : "", dev,
	    s->proto == LAB_ROUTE_PROTO ? "by another lab's router" :
					  "which is not ours",
	    proto_name(s->proto, number));
}

int
mask_route_add(const struct mask_route *r, struct err *err)
{
	struct seen_route *seen;
	bool stands = false;
	char words[256];
	size_t n;
	int rc;

	if ((rc = host_routes_list(&seen, &n, err)) != 0)
		return rc;
	for (size_t i = 0; i < n && rc == 0; i++) {
		if (!is_same_prefix(&seen[i], r))
			continue;
		/* A router of its own has it by the link. */
		if (seen[i].proto == LAB_ROUTE_PROTO &&
		    (seen[i].via == r->via || seen[i].via == 0))
			stands = true;
		else
			rc = refuse(r, &seen[i], err);
	}
	free(seen);
	if (rc != 0 || stands)
		return rc;
	rc = change(
	    RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, r, words, sizeof(words));
	return rc == 0 ? 1 : failed(r, rc, words, err);
}

int
mask_route_del(const struct mask_route *r, struct err *err)
{
	char words[256];
	int rc = change(RTM_DELROUTE, 0, r, words, sizeof(words));

	if (rc == ESRCH)
		return 0;
	return rc == 0 ? 1 : failed(r, rc, words, err);
}
