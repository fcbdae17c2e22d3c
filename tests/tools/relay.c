/*
 * relay PORT-FILE TARGET-PORT up|down BYTES cut|stall
 *
 * Passes connections to a port of loopback on to another one. The first of
 * them ends (or stands still) after so many bytes from the client (up) or from
 * the server (down); those after it are whole. The port that it listens on is
 * written to PORT-FILE.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in
loopback(unsigned port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int
listen_here(const char *port_file)
{
	struct sockaddr_in a = loopback(0);
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char temp[4096];
	FILE *f;

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(fd, 16) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		die("relay");
	(void)snprintf(temp, sizeof(temp), "%s.tmp", port_file);
	if ((f = fopen(temp, "w")) == NULL ||
	    fprintf(f, "%u\n", ntohs(a.sin_port)) < 0 || fclose(f) != 0 ||
	    rename(temp, port_file) != 0)
		die(port_file);
	return fd;
}

/* Pass on what there is: at most `left` bytes. False at the end. */
static bool
pass(int from, int to, size_t *left)
{
	char buf[16384];
	size_t most = *left < sizeof(buf) ? *left : sizeof(buf);
	ssize_t n = read(from, buf, most);

	if (n <= 0)
		return false;
	for (ssize_t at = 0, w; at < n; at += w)
		if ((w = write(to, buf + at, (size_t)(n - at))) <= 0)
			return false;
	*left -= (size_t)n;
	return true;
}

/* Both ways until one side ends, or one of the counts is used up. */
static void
relay(int client, int server, size_t up, size_t down)
{
	struct pollfd p[2] = { { .fd = client, .events = POLLIN },
		{ .fd = server, .events = POLLIN } };

	while (up > 0 && down > 0) {
		if (poll(p, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			die("poll");
		}
		if ((p[0].revents != 0 && !pass(client, server, &up)) ||
		    (p[1].revents != 0 && !pass(server, client, &down)))
			return;
	}
}

int
main(int argc, char **argv)
{
	size_t up = SIZE_MAX, down = SIZE_MAX;
	struct sockaddr_in target;
	int here;

	if (argc != 6)
		return 2;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_IGN);
	target = loopback((unsigned)strtoul(argv[2], NULL, 10));
	*(strcmp(argv[3], "up") == 0 ? &up : &down) = strtoul(
	    argv[4], NULL, 10);
	here = listen_here(argv[1]);
	for (bool first = true;; first = false) {
		int client = accept(here, NULL, NULL), server;

		if (client < 0)
			die("accept");
		if (fork() == 0) {
			server = socket(AF_INET, SOCK_STREAM, 0);
			if (server < 0 ||
			    connect(server, (struct sockaddr *)&target,
				sizeof(target)) != 0)
				die("connect");
			relay(client, server, first ? up : SIZE_MAX,
			    first ? down : SIZE_MAX);
			if (first && strcmp(argv[5], "stall") == 0)
				(void)pause();
			_exit(0);
		}
		(void)close(client);
	}
}
