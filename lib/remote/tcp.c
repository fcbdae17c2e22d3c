/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "remote/remote_private.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* 0, or an errno. */
static int
connect_within(int fd, const struct addrinfo *a, int timeout_s)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int error = 0, n;
	socklen_t len = sizeof(error);

	if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	while ((n = poll(&p, 1, timeout_s * 1000)) < 0 && errno == EINTR)
		;
	if (n == 0)
		return ETIMEDOUT;
	if (n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return errno;
	return error;
}

/* None of these is worth failing for. */
static void
socket_tune(int fd, int timeout_s)
{
	int one = 1;
	unsigned ms = (unsigned)timeout_s * 1000;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
}

int
tcp_connect(int *ret_fd, const char *host, unsigned port, int timeout_s,
    struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_ADDRCONFIG },
			*list;
	char service[16];
	int error = EADDRNOTAVAIL, rc;

	(void)snprintf(service, sizeof(service), "%u", port);
	if ((rc = getaddrinfo(host, service, &hints, &list)) != 0)
		return err_set(err, ERR_NOTFOUND, "the name is not known: %s",
		    gai_strerror(rc));
	for (const struct addrinfo *a = list; a != NULL; a = a->ai_next) {
		int fd = socket(a->ai_family,
		    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		if (fd < 0) {
			error = errno;
			continue;
		}
		if ((error = connect_within(fd, a, timeout_s)) == 0) {
			freeaddrinfo(list);
			socket_tune(fd, timeout_s);
			*ret_fd = fd;
			return 0;
		}
		(void)close(fd);
	}
	freeaddrinfo(list);
	errno = error;
	return err_sys(err, "cannot connect to port %u", port);
}
