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
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TIMES 3 /* a probe may get lost */

/* Which device, and as who. */
struct wire {
	int fd; /* owned */
	struct link link;
};

static int
wire_open(struct job *job, struct netns *ns, const char *dev, struct wire *w)
{
	int rc = link_get(job, ns, dev, &w->link);

	return rc != 0 ?
	    rc :
	    frames_socket(job, ns, w->link.index, ETH_P_ARP, &w->fd);
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

/* Whoever says that he is one of these: -EADDRINUSE. */
static int
hear(struct job *job, const struct wire *w, const struct lookback_step *s,
    size_t n)
{
	const uint8_t *m;
	struct frame f;
	uint32_t spa;

	if (recv(w->fd, &f, sizeof(f), MSG_DONTWAIT) < (ssize_t)sizeof(f))
		return 0;
	memcpy(&spa, f.arp.arp_spa, sizeof(spa));
	m = f.arp.arp_sha;
	if (memcmp(m, w->link.mac, ETH_ALEN) == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		char text[INET_ADDRSTRLEN];

		if (htonl(s[i].addr) != spa)
			continue;
		return job_why(job, EADDRINUSE,
		    "%s is in use, by "
		    "%02x:%02x:%02x:%02x:%02x:%02x",
		    inet_ntop(AF_INET, &spa, text, sizeof(text)), m[0], m[1],
		    m[2], m[3], m[4], m[5]);
	}
	return 0;
}

static int
listen_for(struct job *job, const struct wire *w, const struct lookback_step *s,
    size_t n, uint64_t wait)
{
	const uint64_t until = now_ns() + wait;
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	uint64_t now;
	int rc = 0;

	while (rc == 0 && (now = now_ns()) < until) {
		const struct timespec left = {
			.tv_sec = (time_t)((until - now) / 1000000000u),
			.tv_nsec = (long)((until - now) % 1000000000u),
		};

		if (ppoll(&p, 1, &left, NULL) > 0)
			rc = hear(job, w, s, n);
	}
	return rc;
}

/* What stands here already was asked for when it came. */
static int
is_ours(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	int rc = neighbour_is_proxied(job, ns, s);

	return rc != 0 ? rc : address_is_there(job, ns, s);
}

int
probe_steps(
    struct job *job, struct netns *ns, const struct lookback_step *s, size_t n)
{
	struct wire w;
	size_t ours = 0;
	int rc;

	for (size_t i = 0; i < n; i++) {
		if ((rc = is_ours(job, ns, &s[i])) < 0)
			return rc;
		ours += rc == 1;
	}
	if (ours == n)
		return 0;
	if ((rc = wire_open(job, ns, s->dev, &w)) != 0)
		return rc;
	/* Silence where nobody hears is no answer. */
	if ((w.link.flags & IFF_LOWER_UP) == 0)
		rc = job_why(job, ENETDOWN,
		    "%s has no carrier, so nobody can be asked", s->dev);
	for (int k = 0; k < TIMES && rc == 0; k++) {
		for (size_t i = 0; i < n && rc == 0; i++)
			rc = ask(job, &w, s[i].addr, false);
		if (rc == 0)
			rc = listen_for(job, &w, s, n, s->number / TIMES);
	}
	(void)close(w.fd);
	return rc;
}

int
announce_step(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	struct wire w;
	int rc;

	if (!job->changed)
		return 0;
	if ((rc = wire_open(job, ns, s->dev, &w)) != 0)
		return rc;
	rc = ask(job, &w, s->addr, true);
	(void)close(w.fd);
	return rc == 0 ? 1 : rc;
}
