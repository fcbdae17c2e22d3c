/*
 * ARP by hand: is an address free, and here it is.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "clock.h"
#include "frames.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TIMES 3 /* a probe may get lost */

/* Which device, and as who. */
struct wire {
	int fd; /* owned */
	const struct netns *ns;
	struct link link;
};

void
probe_end(struct job *job)
{
	if (job->wire != NULL)
		(void)close(job->wire->fd);
	free(job->wire);
	job->wire = NULL;
}

static int
wire_open(
    struct job *job, struct netns *ns, const char *dev, const struct wire **ret)
{
	struct wire *w;
	struct link l;
	int rc = seen_link_again(job, ns, dev);

	if (rc != 0 || (rc = link_get(job, ns, dev, &l)) != 0)
		return rc;
	if (job->wire != NULL &&
	    (job->wire->ns != ns || job->wire->link.index != l.index))
		probe_end(job);
	if ((w = job->wire) == NULL) {
		if ((w = calloc(1, sizeof(*w))) == NULL)
			return job_why(job, ENOMEM, "out of memory");
		rc = frames_socket(job, ns, l.index, ETH_P_ARP, &w->fd);
		if (rc != 0) {
			free(w);
			return rc;
		}
		job->wire = w;
	}
	w->ns = ns;
	w->link = l;
	*ret = w;
	return 0;
}

struct frame {
	struct ether_header eth;
	struct ether_arp arp;
} __attribute__((packed));

/* Who has `addr`? A probe has no sender's address, so that nobody learns one;
 * an announcement has this same one. */
static int
ask(struct job *job, const struct wire *w, uint32_t addr, bool announce)
{
	const uint32_t net = htonl(addr);
	struct frame f = { 0 };

	memset(f.eth.ether_dhost, 0xff, ETH_ALEN);
	memcpy(f.eth.ether_shost, w->link.mac, ETH_ALEN);
	f.eth.ether_type = htons(ETHERTYPE_ARP);
	f.arp.arp_hrd = htons(ARPHRD_ETHER);
	f.arp.arp_pro = htons(ETHERTYPE_IP);
	f.arp.arp_hln = ETH_ALEN;
	f.arp.arp_pln = sizeof(net);
	f.arp.arp_op = htons(ARPOP_REQUEST);
	memcpy(f.arp.arp_sha, w->link.mac, ETH_ALEN);
	if (announce)
		memcpy(f.arp.arp_spa, &net, sizeof(net));
	memcpy(f.arp.arp_tpa, &net, sizeof(net));
	if (send(w->fd, &f, sizeof(f), 0) < 0)
		return job_why(job, errno, "ARP: %s", strerror(errno));
	return 0;
}

static int
compare(const void *x, const void *y)
{
	const uint32_t *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

/* Addresses that steps are for: rising. */
struct addresses {
	uint32_t *addr; /* owned */
	size_t n;
	uint32_t taken; /* the one that somebody has; 0 */
};

static bool
is_among(const struct addresses *all, uint32_t addr)
{
	return all->n != 0 &&
	    bsearch(&addr, all->addr, all->n, sizeof(addr), compare) != NULL;
}

/* Whoever says that he is one of these: -EADDRINUSE. */
static int
hear(struct job *job, const struct wire *w, struct addresses *asked)
{
	char text[INET_ADDRSTRLEN];
	const uint8_t *m;
	struct frame f;
	uint32_t spa;

	if (recv(w->fd, &f, sizeof(f), MSG_DONTWAIT) < (ssize_t)sizeof(f))
		return 0;
	memcpy(&spa, f.arp.arp_spa, sizeof(spa));
	m = f.arp.arp_sha;
	if (memcmp(m, w->link.mac, ETH_ALEN) == 0 ||
	    !is_among(asked, ntohl(spa)))
		return 0;
	asked->taken = ntohl(spa);
	return job_why(job, EADDRINUSE,
	    "%s is in use, by %02x:%02x:%02x:%02x:%02x:%02x",
	    inet_ntop(AF_INET, &spa, text, sizeof(text)), m[0], m[1], m[2],
	    m[3], m[4], m[5]);
}

static int
listen_for(struct job *job, const struct wire *w, struct addresses *asked,
    uint64_t wait)
{
	const uint64_t until = now_ns() + wait;
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	uint64_t now;
	int rc = 0;

	while (rc == 0 && (now = now_ns()) < until) {
		const struct timespec left = {
			.tv_nsec = (long)(until - now < JOB_LOOK_NS ?
				until - now :
				JOB_LOOK_NS),
		};

		if (ppoll(&p, 1, &left, NULL) > 0)
			rc = hear(job, w, asked);
		if (rc == 0)
			rc = job_go_on(job);
	}
	return rc;
}

/* What stands here already was asked for when it came. */
static int
is_ours(struct job *job, struct netns *ns, int index, uint32_t addr)
{
	const struct seen_list *list;
	const struct seen_address *a;
	struct seen_neighbour *proxy;
	int rc = seen_neighbour(job, ns, SEEN_PROXIES, index, addr, &proxy);

	if (rc != 0 || proxy != NULL)
		return rc != 0 ? rc : 1;
	if ((rc = seen_get(job, ns, SEEN_ADDRESSES, &list)) != 0)
		return rc;
	a = list->items;
	for (size_t i = 0; i < list->n; i++)
		if (a[i].index == index && a[i].addr == addr)
			return 1;
	return 0;
}

/* Those that are not ours yet. */
static int
to_ask(struct job *job, struct netns *ns, const struct lookback_step *s,
    size_t n, struct addresses *ask)
{
	struct link l;
	int rc = link_get(job, ns, s->dev, &l);

	if (rc != 0)
		return rc;
	for (size_t i = 0; i < n; i++) {
		if ((rc = is_ours(job, ns, l.index, s[i].addr)) < 0)
			return rc;
		if (rc == 0)
			ask->addr[ask->n++] = s[i].addr;
	}
	if (ask->n > 1)
		qsort(ask->addr, ask->n, sizeof(*ask->addr), compare);
	return 0;
}

static int
probe(struct job *job, struct netns *ns, const struct lookback_step *s,
    struct addresses *asked)
{
	const struct wire *w = NULL;
	int rc = wire_open(job, ns, s->dev, &w);

	if (rc != 0)
		return rc;
	/* Silence where nobody hears is no answer. */
	if ((w->link.flags & IFF_LOWER_UP) == 0)
		rc = job_why(job, ENETDOWN,
		    "%s has no carrier, so nobody can be asked", s->dev);
	for (int k = 0; k < TIMES && rc == 0; k++) {
		for (size_t i = 0; i < asked->n && rc == 0; i++)
			rc = ask(job, w, asked->addr[i], false);
		if (rc == 0)
			rc = listen_for(job, w, asked, s->number / TIMES);
	}
	return rc;
}

int
probe_steps(
    struct job *job, struct netns *ns, const struct lookback_step *s, size_t n)
{
	struct addresses asked = { .addr = calloc(n, sizeof(*asked.addr)) };
	int rc;

	if (asked.addr == NULL)
		return job_why(job, ENOMEM, "out of memory");
	rc = to_ask(job, ns, s, n, &asked);
	if (rc == 0 && asked.n != 0)
		rc = probe(job, ns, s, &asked);
	for (size_t i = 0; asked.taken != 0 && i < n; i++)
		if (s[i].addr == asked.taken)
			job->blamed = i;
	free(asked.addr);
	return rc;
}

static bool
same_place(const struct lookback_step *a, const struct lookback_step *b)
{
	return strcmp(a->netns == NULL ? "" : a->netns,
		   b->netns == NULL ? "" : b->netns) == 0 &&
	    strcmp(a->dev, b->dev) == 0;
}

/* What came on the device of `s`; true where all did, since a link of its or of
 * this host's was made or changed. */
static bool
came(
    const struct job *job, const struct lookback_step *s, struct addresses *ret)
{
	for (size_t i = 0; i < job->plan->n_steps; i++) {
		const struct lookback_step *t = &job->plan->steps[i];

		if (!job->changed[i])
			continue;
		switch (t->type) {
		case LOOKBACK_LINK:
		case LOOKBACK_MAC:
		case LOOKBACK_MASTER:
		case LOOKBACK_UP:
			if (t->netns == NULL || same_place(s, t))
				return true;
			break;
		case LOOKBACK_ADDRESS:
		case LOOKBACK_PROXY:
			if (same_place(s, t))
				ret->addr[ret->n++] = t->addr;
			break;
		default:
			break;
		}
	}
	if (ret->n > 1)
		qsort(ret->addr, ret->n, sizeof(*ret->addr), compare);
	return false;
}

int
announce_steps(
    struct job *job, struct netns *ns, const struct lookback_step *s, size_t n)
{
	bool *told = job->changed + (s - job->plan->steps);
	struct addresses new = { .addr = calloc(
				     job->plan->n_steps, sizeof(*new.addr)) };
	const struct wire *w = NULL;
	bool all;
	int rc = 0;

	if (new.addr == NULL)
		return job_why(job, ENOMEM, "out of memory");
	all = came(job, s, &new);
	if (all || new.n != 0)
		rc = wire_open(job, ns, s->dev, &w);
	for (size_t i = 0; w != NULL && rc == 0 && i < n; i++) {
		if (!all && !is_among(&new, s[i].addr))
			continue;
		rc = ask(job, w, s[i].addr, true);
		told[i] = rc == 0;
	}
	free(new.addr);
	return rc;
}
