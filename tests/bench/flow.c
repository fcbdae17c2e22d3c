/*
 * What a packet's way costs: round trips and streams to several addresses, by
 * turns, so that what else the machine does meets all of them; and all on one
 * processor, so that where a process wakes up is no part of it.
 *
 *   flow serve
 *   flow one|new|stream TURNS ADDRESS...
 *
 * serve: answers UDP and drinks TCP, port 7. one: UDP round trips of one flow
 * an address; new: of a new flow each. stream: TCP. A line an address: the
 * median of all round trips in microseconds, or of all turns in seconds a GiB.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/stopwatch.h"

#include <arpa/inet.h>
#include <err.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 7
#define TURNS_MAX 1000
#define TRIPS 20	   /* a turn */
#define STREAM_SECONDS 0.3 /* a turn */
#define ADDRESSES_MAX 8
#define GIB (1024.0 * 1024 * 1024)

struct peer {
	struct sockaddr_in at;
	int fd; /* of the one flow */
	double *values;
	size_t n;
};

static void
stay_on_one_processor(void)
{
	cpu_set_t ours, first;
	size_t cpu = 0;

	if (sched_getaffinity(0, sizeof(ours), &ours) != 0)
		err(2, "processors");
	while (!CPU_ISSET(cpu, &ours))
		cpu++;
	CPU_ZERO(&first);
	CPU_SET(cpu, &first);
	if (sched_setaffinity(0, sizeof(first), &first) != 0)
		err(2, "processor %zu", cpu);
}

static int
open_socket(int type)
{
	struct timeval patience = { .tv_sec = 5 };
	int fd;

	if ((fd = socket(AF_INET, type, 0)) == -1 ||
	    setsockopt(
		fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0)
		err(2, "socket");
	return fd;
}

/* ---- serving ---- */

static int
listen_at(int type)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
		.sin_port = htons(PORT) };
	int fd = open_socket(type);

	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) != 0 ||
	    (type == SOCK_STREAM && listen(fd, 8) != 0))
		err(2, "port %d", PORT);
	return fd;
}

static void
drink(int from)
{
	static char bytes[1 << 18];
	int fd;

	if ((fd = accept(from, NULL, NULL)) == -1)
		return;
	while (read(fd, bytes, sizeof(bytes)) > 0)
		continue;
	(void)close(fd);
}

static void
answer(int fd)
{
	struct sockaddr_in who;
	socklen_t len = sizeof(who);
	char byte;

	if (recvfrom(fd, &byte, 1, 0, (struct sockaddr *)&who, &len) == 1)
		(void)sendto(fd, &byte, 1, 0, (struct sockaddr *)&who, len);
}

static void
serve(void)
{
	struct pollfd on[] = {
		{ .fd = listen_at(SOCK_DGRAM), .events = POLLIN },
		{ .fd = listen_at(SOCK_STREAM), .events = POLLIN },
	};

	puts("ready");
	(void)fflush(stdout);
	while (poll(on, 2, -1) > 0) {
		if (on[0].revents != 0)
			answer(on[0].fd);
		if (on[1].revents != 0)
			drink(on[1].fd);
	}
}

/* ---- asking ---- */

static int
reach(const struct peer *p, int type)
{
	int fd = open_socket(type);

	if (connect(fd, (const struct sockaddr *)&p->at, sizeof(p->at)) != 0)
		err(2, "%s", inet_ntoa(p->at.sin_addr));
	return fd;
}

static double
round_trip(const struct peer *p, int fd)
{
	double start = stopwatch_now();
	char byte = 'x';

	if (send(fd, &byte, 1, 0) != 1 || recv(fd, &byte, 1, 0) != 1)
		err(2, "%s does not answer", inet_ntoa(p->at.sin_addr));
	return (stopwatch_now() - start) * 1e6;
}

static void
trips(struct peer *p, bool new)
{
	for (int i = 0; i < TRIPS; i++) {
		int fd = new ? reach(p, SOCK_DGRAM) : p->fd;

		p->values[p->n++] = round_trip(p, fd);
		if (new)
			(void)close(fd);
	}
}

/* Until the other end has read all of it. */
static void
stream(struct peer *p)
{
	static char bytes[1 << 18];
	int fd = reach(p, SOCK_STREAM);
	double start = stopwatch_now(), sent = 0;
	ssize_t n;

	while (stopwatch_now() - start < STREAM_SECONDS) {
		if ((n = write(fd, bytes, sizeof(bytes))) <= 0)
			err(2, "%s", inet_ntoa(p->at.sin_addr));
		sent += (double)n;
	}
	(void)shutdown(fd, SHUT_WR);
	if (recv(fd, bytes, 1, 0) != 0)
		err(2, "%s does not end", inet_ntoa(p->at.sin_addr));
	p->values[p->n++] = (stopwatch_now() - start) / sent * GIB;
	(void)close(fd);
}

int
main(int argc, char **argv)
{
	static struct peer peers[ADDRESSES_MAX];
	int n = argc - 3,
	    turns = argc > 3 ? atoi(argv[2]) : 0; // NOLINT: tests' own
	const char *kind = argc > 1 ? argv[1] : "";

	stay_on_one_processor();
	if (strcmp(kind, "serve") == 0) {
		serve();
		err(2, "poll");
	}
	if (turns < 1 || turns > TURNS_MAX || n > ADDRESSES_MAX)
		errx(2, "usage: flow serve | one|new|stream TURNS ADDRESS...");
	for (int i = 0; i < n; i++) {
		struct peer *p = &peers[i];

		p->at.sin_family = AF_INET;
		p->at.sin_port = htons(PORT);
		if (inet_pton(AF_INET, argv[i + 3], &p->at.sin_addr) != 1 ||
		    (p->values = calloc(
			 (size_t)turns * TRIPS, sizeof(double))) == NULL)
			errx(2, "no address: %s", argv[i + 3]);
		p->fd = reach(p, SOCK_DGRAM);
		(void)round_trip(p, p->fd); /* ARP is answered */
	}
	for (int turn = 0; turn < turns; turn++)
		for (int i = 0; i < n; i++) {
			if (strcmp(kind, "stream") == 0)
				stream(&peers[i]);
			else
				trips(&peers[i], strcmp(kind, "new") == 0);
		}
	for (int i = 0; i < n; i++)
		printf("%.2f\n", stopwatch_median(peers[i].values, peers[i].n));
	return 0;
}
