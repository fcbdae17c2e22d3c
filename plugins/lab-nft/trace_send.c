/*
 * A packet that arrives. What a packet socket sends on a lab's interface 0 would leave
 * there, so the frame is sent on what is at its other end: the other half of
 * the pair, or a second macvlan of the same parent, in a namespace without a
 * name that ends with this process.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "port.h"
#include "trace.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A locally administered address that nobody has. */
static const uint8_t sender[ETH_ALEN] = { 0x02, 'l', 'b', 't', 'r', 'c' };

struct frame {
	struct ether_header eth;
	struct iphdr ip;
	union {
		struct icmphdr icmp;
		struct udphdr udp;
		struct tcphdr tcp;
	} u;
} __attribute__((packed));

static uint32_t
sum(uint32_t to, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i + 1 < len; i += 2)
		to += (uint32_t)p[i] << 8 | p[i + 1];
	return to;
}

static uint16_t
folded(uint32_t s)
{
	while (s >> 16 != 0)
		s = (s & 0xffff) + (s >> 16);
	return htons((uint16_t)~s);
}

/* Returns its length. */
static size_t
fill(struct frame *f, const uint8_t *to, const struct lookback_flow *flow,
    uint16_t id)
{
	const uint32_t src = htonl(flow->src), dst = htonl(flow->dst);
	size_t len = sizeof(f->u.udp);
	uint32_t pseudo;

	memset(f, 0, sizeof(*f));
	if (flow->proto == IPPROTO_TCP)
		len = sizeof(f->u.tcp);
	pseudo = sum(sum(flow->proto + (uint32_t)len, &src, 4), &dst, 4);
	if (flow->proto == IPPROTO_TCP) {
		f->u.tcp.source = htons(flow->src_port);
		f->u.tcp.dest = htons(flow->dst_port);
		f->u.tcp.doff = sizeof(f->u.tcp) / 4;
		f->u.tcp.syn = 1;
		f->u.tcp.window = htons(1024);
		f->u.tcp.check = folded(sum(pseudo, &f->u, len));
	} else if (flow->proto == IPPROTO_UDP) {
		f->u.udp.source = htons(flow->src_port);
		f->u.udp.dest = htons(flow->dst_port);
		f->u.udp.len = htons((uint16_t)len);
		f->u.udp.check = folded(sum(pseudo, &f->u, len));
	} else {
		f->u.icmp.type = ICMP_ECHO;
		f->u.icmp.un.echo.id = htons(flow->src_port);
		f->u.icmp.checksum = folded(sum(0, &f->u, len));
	}
	f->ip.version = 4;
	f->ip.ihl = sizeof(f->ip) / 4;
	f->ip.tot_len = htons((uint16_t)(sizeof(f->ip) + len));
	f->ip.id = htons(id);
	f->ip.ttl = 64;
	f->ip.protocol = flow->proto;
	f->ip.saddr = src;
	f->ip.daddr = dst;
	f->ip.check = folded(sum(0, &f->ip, sizeof(f->ip)));
	memcpy(f->eth.ether_dhost, to, ETH_ALEN);
	memcpy(f->eth.ether_shost, sender, ETH_ALEN);
	f->eth.ether_type = htons(ETHERTYPE_IP);
	return sizeof(f->eth) + sizeof(f->ip) + len;
}

static int
send_on(struct job *job, const struct netns *ns, int index,
    const struct frame *f, size_t len)
{
	const struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_ifindex = index,
		.sll_halen = ETH_ALEN };
	int rc = netns_enter(job, ns), fd, err = 0;

	if (rc != 0)
		return rc;
	if ((fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)) < 0 ||
	    sendto(fd, f, len, 0, (const struct sockaddr *)&at, sizeof(at)) < 0)
		err = errno;
	rc = netns_leave(job);
	if (fd >= 0)
		(void)close(fd);
	return rc == 0 && err != 0 ?
	    job_why(job, err, "packet socket: %s", strerror(err)) :
	    rc;
}

static int
send_to_switch(struct job *job, const struct lookback_place *place,
    const struct frame *f, size_t len)
{
	char name[IFNAMSIZ];
	int rc, fd;

	(void)snprintf(name, sizeof(name), "trace%d", (int)getpid() % 1000000);
	if ((rc = port_attach(job, place, name, &fd)) != 0)
		return rc;
	if (write(fd, f, len) < 0)
		rc = job_why(job, errno, "tap: %s", strerror(errno));
	(void)close(fd);
	return rc;
}

static int
make_sibling(struct job *job, const struct netns *to, int parent)
{
	struct nlattr *info, *data;
	struct ifinfomsg *i;
	struct request r;

	i = link_begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	i->ifi_flags = i->ifi_change = IFF_UP;
	mnl_attr_put_strz(r.h, IFLA_IFNAME, "trace");
	mnl_attr_put_u32(r.h, IFLA_NET_NS_FD, (uint32_t)to->fd);
	mnl_attr_put_u32(r.h, IFLA_LINK, (uint32_t)parent);
	info = mnl_attr_nest_start(r.h, IFLA_LINKINFO);
	mnl_attr_put_strz(r.h, IFLA_INFO_KIND, "macvlan");
	data = mnl_attr_nest_start(r.h, IFLA_INFO_DATA);
	mnl_attr_put_u32(r.h, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
	mnl_attr_nest_end(r.h, data);
	mnl_attr_nest_end(r.h, info);
	return rtnl_talk(job, &job->home, &r, NULL, NULL);
}

static int
send_to_macvlan(struct job *job, int parent, const struct frame *f, size_t len)
{
	struct netns nameless = { 0 };
	struct link l;
	int rc = netns_make_nameless(job, &nameless);

	if (rc != 0)
		return rc;
	if ((rc = make_sibling(job, &nameless, parent)) == 0 &&
	    (rc = link_get(job, &nameless, "trace", &l)) == 0)
		rc = send_on(job, &nameless, l.index, f, len);
	netns_close(&nameless);
	return rc;
}

int
trace_send(struct job *job, const struct lookback_flow *flow, uint16_t id)
{
	struct netns *ns;
	struct frame f;
	struct link l;
	size_t len;
	int rc;

	if ((rc = netns_get(job, flow->place->netns, &ns)) != 0 ||
	    (rc = link_get(job, ns, flow->place->dev, &l)) != 0)
		return rc;
	len = fill(&f, l.mac, flow, id);
	if (ns == &job->home)
		return trace_inject(job, &l, &f, len);
	if (strcmp(l.kind, "bridge") == 0)
		return send_to_switch(job, flow->place, &f, len);
	if (strcmp(l.kind, "veth") == 0)
		return send_on(job, &job->home, l.other, &f, len);
	if (strcmp(l.kind, "macvlan") == 0)
		return send_to_macvlan(job, l.other, &f, len);
	return job_why(job, ENOTSUP,
	    "no packet can be made to arrive at %s, which is no link of a "
	    "lab's",
	    flow->place->dev);
}
