/*
 * Whole Ethernet frames: as a machine on a bridge, or of a link as it is.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "frames.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int
frames_socket(struct job *job, struct netns *ns, int index, uint16_t ethertype,
    int *ret_fd)
{
	const struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ethertype),
		.sll_ifindex = index };
	int rc = netns_enter(job, ns), err = 0, fd;

	if (rc != 0)
		return rc;
	/* Deaf until it is bound to its one link. */
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0)
		err = errno;
	rc = netns_leave(job);
	if (rc == 0 && err != 0)
		rc = job_why(job, err, "packet socket: %s", strerror(err));
	if (rc == 0)
		*ret_fd = fd;
	else if (fd >= 0)
		(void)close(fd);
	return rc;
}

int
frames_tap(
    struct job *job, struct netns *ns, char name[static IFNAMSIZ], int *ret_fd)
{
	struct ifreq ask = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int rc = netns_enter(job, ns), err = 0, fd;

	if (rc != 0)
		return rc;
	memcpy(ask.ifr_name, name, IFNAMSIZ);
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ask) != 0)
		err = errno;
	seen_forget(&ns->seen); /* no message told of it */
	rc = netns_leave(job);
	if (rc == 0 && err != 0)
		rc = job_why(job, err, "/dev/net/tun: %s", strerror(err));
	if (rc == 0) {
		memcpy(name, ask.ifr_name, IFNAMSIZ);
		*ret_fd = fd;
	} else if (fd >= 0)
		(void)close(fd);
	return rc;
}

/* A bridge may follow its ports: its MTU is the smallest of theirs, its MAC
 * address the lowest. This one is no smaller, and as high as there are. */
static int
plug_in(struct job *job, struct netns *ns, const char *dev, const char *bridge,
    const struct link *link)
{
	const struct lookback_step steps[] = {
		{ .type = LOOKBACK_MAC,
		    .dev = dev,
		    .mac = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff } },
		{ .type = LOOKBACK_MTU, .dev = dev, .number = link->mtu },
		{ .type = LOOKBACK_MASTER, .dev = dev, .text = bridge },
		{ .type = LOOKBACK_UP, .dev = dev },
	};
	int rc = 0;

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps) && rc >= 0; i++)
		rc = link_set_do(job, ns, &steps[i], NULL);
	return rc < 0 ? rc : 0;
}

int
frames_probe(struct job *job, const struct lookback_place *place, int *ret_fd)
{
	char name[IFNAMSIZ] = "lbprobe%d";
	struct netns *ns;
	struct link link;
	int rc, fd;

	if ((rc = netns_get(job, place->netns, &ns)) != 0 ||
	    (rc = link_get(job, ns, place->dev, &link)) != 0)
		return rc;
	if (strcmp(link.kind, "bridge") != 0)
		return frames_socket(job, ns, link.index, ETH_P_ALL, ret_fd);
	if ((rc = frames_tap(job, ns, name, &fd)) != 0)
		return rc;
	if ((rc = plug_in(job, ns, name, place->dev, &link)) != 0) {
		(void)close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}
