/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM (32 << 20) /* bytes of a socket's queue */
#define AT_ONCE 10000	/* frames: others are waiting */

int
listen_open(int *ret_fd, struct err *err)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

	if (fd < 0)
		return err_sys(err, "packet socket");
	if (listen_ready(fd, err) != 0) {
		(void)close(fd);
		return err->code;
	}
	*ret_fd = fd;
	return 0;
}

/* Shorter frames, as far as they go. */
static int
take_short(int fd, struct err *err)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, LISTEN_FRAME_MAX, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, LISTEN_FRAME_MAX),
	};
	const struct sock_fprog filter = { sizeof(code) / sizeof(*code), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter,
		   sizeof(filter)) == 0 ?
	    0 :
	    err_sys(err, "packet filter");
}

int
listen_ready(int fd, struct err *err)
{
	const int room = ROOM;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return err_sys(err, "descriptor of frames");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) !=
		0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) != 0)
		/* A tap has a queue of its own, and no filter. */
		return errno == ENOTSOCK ? 0 :
					   err_sys(err, "descriptor of frames");
	return take_short(fd, err);
}

/* One frame: its length; -1 with errno. A tap is no socket. */
static ssize_t
take(int fd, uint8_t *data, struct sockaddr_ll *from)
{
	socklen_t len = sizeof(*from);
	ssize_t n;

	*from = (struct sockaddr_ll){ 0 };
	n = recvfrom(
	    fd, data, LISTEN_FRAME_MAX, 0, (struct sockaddr *)from, &len);
	return n < 0 && errno == ENOTSOCK ? read(fd, data, LISTEN_FRAME_MAX) :
					    n;
}

int
listen_read(int fd, listen_fn *fn, void *ctx, struct err *err)
{
	uint8_t data[LISTEN_FRAME_MAX];
	struct sockaddr_ll from;

	for (int i = 0; i < AT_ONCE;) {
		const ssize_t n = take(fd, data, &from);
		const struct listen_frame frame = { data, (size_t)n,
			from.sll_ifindex, from.sll_pkttype };

		if (n >= 0) {
			fn(ctx, &frame);
			i++;
		} else if (errno == EAGAIN)
			break;
		/* An interface that goes down says so once. */
		else if (errno != EINTR && errno != ENETDOWN)
			return err_sys(err, "listening");
	}
	return 0;
}

unsigned
listen_lost(int fd)
{
	struct tpacket_stats stats = { 0 };
	socklen_t len = sizeof(stats);

	return getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) ==
		0 ?
	    stats.tp_drops :
	    0;
}
