/*
 * One request, one answer, and what the kernel says where it refuses.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

void
rtnl_begin(struct request *r, uint16_t type, uint16_t flags)
{
	/* An attribute's padding is sent too. */
	memset(r->room, 0, sizeof(r->room));
	r->h = mnl_nlmsg_put_header(r->room);
	r->h->nlmsg_type = type;
	r->h->nlmsg_flags = flags | NLM_F_REQUEST | NLM_F_ACK;
}

struct sought {
	uint16_t type;
	const struct nlattr *found;
};

static int
look(const struct nlattr *a, void *data)
{
	struct sought *sought = data;

	if (mnl_attr_get_type(a) == sought->type)
		sought->found = a;
	return MNL_CB_OK;
}

const struct nlattr *
rtnl_find(const struct nlmsghdr *h, unsigned header, uint16_t type)
{
	struct sought sought = { .type = type };

	(void)mnl_attr_parse(h, header, look, &sought);
	return sought.found;
}

const struct nlattr *
rtnl_find_in(const struct nlattr *a, uint16_t type)
{
	struct sought sought = { .type = type };

	(void)mnl_attr_parse_nested(a, look, &sought);
	return sought.found;
}

/* A socket stays in the namespace that it was made in. */
static int
connect_to(struct job *job, struct netns *ns, enum netns_bus bus)
{
	static const int families[] = {
		[BUS_ROUTE] = NETLINK_ROUTE,
		[BUS_NETFILTER] = NETLINK_NETFILTER,
	};
	struct mnl_socket *nl;
	int on = 1, rc, err = 0;

	if (ns->bus[bus] != NULL)
		return 0;
	if ((rc = netns_enter(job, ns)) != 0)
		return rc;
	nl = mnl_socket_open2(families[bus], SOCK_CLOEXEC);
	if (nl == NULL && errno == EMFILE && netns_more_files(job) == 0)
		nl = mnl_socket_open2(families[bus], SOCK_CLOEXEC);
	if (nl == NULL || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) != 0)
		err = errno;
	ns->bus[bus] = nl;
	if (err != 0)
		return job_why(job, err, "netlink: %s", strerror(err));
	/* An old kernel has fewer words. */
	(void)mnl_socket_setsockopt(nl, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)mnl_socket_setsockopt(nl, NETLINK_CAP_ACK, &on, sizeof(on));
	return 0;
}

/* What both callbacks are handed. */
struct answer {
	struct job *job;
	mnl_cb_t see;
	void *data;
};

/* The end of an answer: 0, or why not. */
static int
end(const struct nlmsghdr *h, void *data)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
	const char *words = NULL;
	const struct nlattr *a;
	struct job *job = ((struct answer *)data)->job;
	unsigned skip = sizeof(*e);

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*e)) {
		errno = EBADMSG;
		return MNL_CB_ERROR;
	}
	if (e->error == 0)
		return MNL_CB_STOP;
	if ((h->nlmsg_flags & NLM_F_ACK_TLVS) != 0) {
		if ((h->nlmsg_flags & NLM_F_CAPPED) == 0)
			skip += (unsigned)mnl_nlmsg_get_payload_len(&e->msg);
		if ((a = rtnl_find(h, skip, NLMSGERR_ATTR_MSG)) != NULL &&
		    mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
			words = mnl_attr_get_str(a);
	}
	(void)job_why(job, -e->error, "%s%s%s", strerror(-e->error),
	    words != NULL ? ": " : "", words != NULL ? words : "");
	errno = -e->error;
	return MNL_CB_ERROR;
}

static int
part(const struct nlmsghdr *h, void *data)
{
	struct answer *a = data;

	return a->see == NULL ? MNL_CB_OK : a->see(h, a->data);
}

int
netlink_talk(struct job *job, struct netns *ns, enum netns_bus bus,
    struct nlmsghdr *h, mnl_cb_t see, void *data)
{
	/* No longer: what follows is left to libmnl. */
	mnl_cb_t control[NLMSG_ERROR + 1] = { [NLMSG_ERROR] = end };
	struct answer answer = { job, see, data };
	char in[32768] __attribute__((aligned(8)));
	struct mnl_socket *nl;
	ssize_t n;
	int rc;

	if ((rc = connect_to(job, ns, bus)) != 0)
		return rc;
	nl = ns->bus[bus];
	h->nlmsg_seq = ++ns->seq;
	if (mnl_socket_sendto(nl, h, h->nlmsg_len) < 0)
		return job_why(job, errno, "netlink: %s", strerror(errno));
	job->why[0] = '\0';
	do {
		if ((n = mnl_socket_recvfrom(nl, in, sizeof(in))) < 0)
			return job_why(
			    job, errno, "netlink: %s", strerror(errno));
		rc = mnl_cb_run2(in, (size_t)n, ns->seq,
		    mnl_socket_get_portid(nl), part, &answer, control,
		    NLMSG_ERROR + 1);
	} while (rc > 0);
	if (rc == 0)
		return 0;
	return job->why[0] != '\0' ?
	    -errno :
	    job_why(job, errno, "netlink: %s", strerror(errno));
}

int
rtnl_add(struct job *job, struct netns *ns, struct request *r)
{
	return netlink_talk(job, ns, BUS_ROUTE, r->h, NULL, NULL);
}

int
rtnl_talk(struct job *job, struct netns *ns, struct request *r, mnl_cb_t see,
    void *data)
{
	/* NEW, DEL, GET, SET: so each family counts. */
	bool asks = (r->h->nlmsg_type & 3) == (RTM_GETLINK & 3);
	int rc = netlink_talk(job, ns, BUS_ROUTE, r->h, see, data);

	if (!asks && rc == 0)
		seen_forget_all(job);
	return rc;
}
