/*
 * A table in each namespace of the lab picks the packet out before all others.
 * It belongs to the socket that made it, so the kernel takes it away with the
 * process, however that ends.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "clock.h"
#include "trace.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>
#include <nftables/libnftables.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* How long to wait for the first word, for the next one, and in all. */
#define FIRST_MS 1000
#define NEXT_MS 100
#define ALL_MS 3000

#define MAX_SPACES 256 /* a front and its cells */

struct watch {
	struct trace_events seen;
	struct mnl_socket *nl; /* owned */
};

struct watches {
	struct watch *item; /* owned */
	size_t n;
	char table[32];
	uint16_t id; /* of the packet */
};

static void
done(struct watches *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct watch *w = &all->item[i];

		if (w->nl != NULL)
			(void)mnl_socket_close(w->nl);
		if (w->seen.nft != NULL)
			nft_ctx_free(w->seen.nft);
		free(w->seen.data);
	}
	free(all->item);
}

/* The rule that picks the packet out, by what no translation changes. */
static void
pick(char *to, size_t size, const struct watches *all,
    const struct lookback_flow *f)
{
	const char *own = f->proto == IPPROTO_ICMP ? "icmp id" :
	    f->proto == IPPROTO_TCP		   ? "tcp sport" :
						     "udp sport";

	(void)snprintf(to, size,
	    "table ip %s { flags owner; chain pick {\n"
	    "type filter hook prerouting priority -450;\n"
	    "ip id %u %s %u meta nftrace set 1\n}; }\n",
	    all->table, all->id, own, f->src_port);
}

static int
listen_to(struct job *job, struct watch *w)
{
	int rc = netns_enter(job, w->seen.ns), err = 0;

	if (rc != 0)
		return rc;
	w->nl = mnl_socket_open2(
	    NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (w->nl == NULL ||
	    mnl_socket_bind(
		w->nl, 1U << (NFNLGRP_NFTRACE - 1), MNL_SOCKET_AUTOPID) != 0)
		err = errno;
	rc = netns_leave(job);
	return rc == 0 && err != 0 ?
	    job_why(job, err, "netlink of nftables: %s", strerror(err)) :
	    rc;
}

static int
watch(struct job *job, struct watches *all, const char *name,
    const struct lookback_flow *f)
{
	struct watch *w = &all->item[all->n];
	char rules[300];
	int rc = netns_get(job, name, &w->seen.ns);

	if (rc == -ENOENT && all->n == 0)
		return job_why(job, ENETDOWN,
		    "the lab does not stand (there is no %s); start it first",
		    name);
	if (rc != 0)
		return rc;
	all->n++;
	w->seen.own = all->table;
	if ((rc = rules_begin(job, w->seen.ns, &w->seen.nft)) != 0 ||
	    (rc = listen_to(job, w)) != 0)
		return rc;
	pick(rules, sizeof(rules), all, f);
	return rules_run(job, w->seen.nft, rules);
}

/* The packet's own place first, then the front, then the cells; the host's own
 * namespace has none of them. */
static int
watch_all(struct job *job, struct watches *all, const struct lookback_flow *f)
{
	const char *place = f->place->netns, *dot;
	char front[64], name[80];
	size_t len;
	int rc;

	if (place == NULL)
		return watch(job, all, NULL, f);
	len = strlen(place);
	if ((dot = strchr(place, '.')) != NULL)
		len = (size_t)(dot + 1 - place) + strcspn(dot + 1, ".");
	(void)snprintf(front, sizeof(front), "%.*s", (int)len, place);
	if ((rc = watch(job, all, place, f)) == 0 && strcmp(front, place) != 0)
		rc = watch(job, all, front, f);
	for (unsigned i = 1; rc == 0 && all->n < MAX_SPACES; i++) {
		(void)snprintf(name, sizeof(name), "%s.%u", front, i);
		if (strcmp(name, place) == 0)
			continue;
		if ((rc = watch(job, all, name, f)) == -ENOENT)
			return 0;
	}
	return rc;
}

static int
read_some(struct job *job, struct watch *w)
{
	char in[32768];
	ssize_t n = recv(mnl_socket_get_fd(w->nl), in, sizeof(in), 0);
	char *more;

	if (n <= 0)
		return 0;
	if ((more = realloc(w->seen.data, w->seen.len + (size_t)n)) == NULL)
		return job_why(job, ENOMEM, "out of memory");
	memcpy(more + w->seen.len, in, (size_t)n);
	w->seen.data = more;
	w->seen.len += (size_t)n;
	return 0;
}

static int
gather(struct job *job, struct watches *all)
{
	const uint64_t until = now_ns() + ALL_MS * UINT64_C(1000000);
	struct pollfd fds[MAX_SPACES];
	int wait = FIRST_MS, rc = 0;

	for (size_t i = 0; i < all->n; i++)
		fds[i] = (struct pollfd){ .fd = mnl_socket_get_fd(
					      all->item[i].nl),
			.events = POLLIN };
	while (rc == 0 && now_ns() < until && poll(fds, all->n, wait) > 0) {
		wait = NEXT_MS;
		for (size_t i = 0; i < all->n && rc == 0; i++)
			if (fds[i].revents != 0)
				rc = read_some(job, &all->item[i]);
	}
	return rc;
}

int
trace_flow(struct job *job, const struct lookback_flow *f,
    lookback_line_fn *line, void *ctx)
{
	struct watches all = { .item = calloc(MAX_SPACES, sizeof(*all.item)) };
	int rc = 0, lines = 0;

	if (all.item == NULL)
		return job_why(job, ENOMEM, "out of memory");
	if (getrandom(&all.id, sizeof(all.id), 0) < 0)
		rc = job_why(job, errno, "getrandom: %s", strerror(errno));
	(void)snprintf(
	    all.table, sizeof(all.table), "lookback_trace_%d", (int)getpid());
	if (rc == 0 && (rc = watch_all(job, &all, f)) == 0 &&
	    (rc = trace_send(job, f, all.id)) == 0)
		rc = gather(job, &all);
	for (size_t i = 0; i < all.n && rc >= 0; i++) {
		rc = trace_tell(job, &all.item[i].seen, line, ctx);
		lines += rc;
	}
	if (rc >= 0 && lines == 0)
		rc = job_why(job, ENOENT,
		    "the packet was sent, and no chain of %s saw it",
		    f->place->netns != NULL ? f->place->netns : "this host");
	done(&all);
	return rc < 0 ? rc : 0;
}
