/*
 * Ping, and a TCP connection.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "verify_private.h"

#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define TCP_WAIT INT64_C(5000000000)
/* Packets that are read at once: a machine that floods us is one of many. */
#define AT_ONCE 64

static int
connect_to(int fd, uint32_t addr, uint16_t port)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htobe16(port),
		.sin_addr.s_addr = htobe32(addr) };

	return connect(fd, (const struct sockaddr *)&to, sizeof(to));
}

static void
end(struct verify_check *c)
{
	verify_close(&c->fd);
}

static void
fail(struct verify_check *c, int error)
{
	verify_say(c, "%s", strerror(error));
	end(c);
}

/* ---- ping ---- */

/* The kernel keeps account of echoes for any user whom it lets; root may have
 * all ICMP, of which ours is what bears the token. */
static int
open_ping(struct verify_check *c)
{
	const int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;

	c->raw = false;
	c->fd = socket(AF_INET, SOCK_DGRAM | flags, IPPROTO_ICMP);
	if (c->fd >= 0 || (errno != EACCES && errno != EPERM))
		return c->fd;
	c->raw = true;
	c->fd = socket(AF_INET, SOCK_RAW | flags, IPPROTO_ICMP);
	if (c->fd < 0 && errno == EPERM) {
		verify_say(c,
		    "no permission to ping: root has it, and groups in "
		    "net.ipv4.ping_group_range");
		c->hopeless = true;
	}
	return c->fd;
}

static uint16_t
checksum(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
again_ping(struct verify_check *c)
{
	uint8_t echo[ICMP_MINLEN + sizeof(c->token)] = { ICMP_ECHO };
	uint16_t sum;

	echo[7] = (uint8_t)c->tries;
	memcpy(echo + ICMP_MINLEN, c->token, sizeof(c->token));
	sum = checksum(echo, sizeof(echo));
	echo[2] = (uint8_t)(sum >> 8);
	echo[3] = (uint8_t)sum;
	/* What went wrong with the last one is told here as well; the next one
	 * may reach it. */
	verify_say(c, "no answer");
	if (send(c->fd, echo, sizeof(echo), MSG_NOSIGNAL) < 0)
		verify_say(c, "%s", strerror(errno));
}

static void
begin_ping(struct verify_check *c, const struct verify_machine *m)
{
	verify_say(c, "no socket");
	if (open_ping(c) < 0) {
		if (!c->hopeless)
			verify_say(c, "%s", strerror(errno));
		return;
	}
	if (getrandom(c->token, sizeof(c->token), GRND_NONBLOCK) < 0 ||
	    connect_to(c->fd, m->addr, 0) != 0)
		fail(c, errno);
	else
		again_ping(c);
}

static bool
is_answer(const struct verify_check *c, const uint8_t *p, size_t n)
{
	if (c->raw) {
		const size_t head = n > 0 ? (p[0] & 15U) * 4U : 0;

		if (head < sizeof(struct ip) || n < head)
			return false;
		p += head;
		n -= head;
	}
	return n == ICMP_MINLEN + sizeof(c->token) && p[0] == ICMP_ECHOREPLY &&
	    p[1] == 0 &&
	    memcmp(p + ICMP_MINLEN, c->token, sizeof(c->token)) == 0;
}

static void
ready_ping(struct verify_check *c)
{
	uint8_t p[128];

	for (int i = 0; i < AT_ONCE; i++) {
		ssize_t n = recv(c->fd, p, sizeof(p), MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			verify_say(c, "%s", strerror(errno));
		if (n < 0)
			return;
		if (is_answer(c, p, (size_t)n)) {
			c->passed = true;
			end(c);
			return;
		}
	}
}

const struct verify_way verify_ping = {
	.events = POLLIN,
	.begin = begin_ping,
	.again = again_ping,
	.ready = ready_ping,
	.end = end,
};

/* ---- TCP ---- */

static void
connected(struct verify_check *c)
{
	c->passed = true;
	end(c);
}

static void
begin_tcp(struct verify_check *c, const struct verify_machine *m)
{
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd >= 0 && connect_to(c->fd, m->addr, c->port) == 0)
		connected(c);
	else if (c->fd >= 0 && errno == EINPROGRESS)
		verify_say(c, "no answer");
	else
		fail(c, errno);
}

static void
ready_tcp(struct verify_check *c)
{
	socklen_t size = sizeof(int);
	int error = 0;

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
		error = errno;
	if (error == 0)
		connected(c);
	else
		fail(c, error);
}

const struct verify_way verify_tcp = {
	.events = POLLOUT,
	.wait_ns = TCP_WAIT,
	.begin = begin_tcp,
	.ready = ready_tcp,
	.end = end,
};
