/*
 * The attack of `labrouter prove` at any moment of a test, piece by piece.
 *
 *   lab_attack send LAB NETWORK ROUTER-MAC INTERFACE [SEED]
 *	the frames of all classes, from the lab's network of this number, on an
 *	interface in this namespace; prints their number
 *   lab_attack hear FILE [SEED]
 *	appends "INTERFACE CLASS" to FILE for each frame of the attack that any
 *	interface of this namespace sees, and "INTERFACE end" for an end; first
 *	the line "ready"
 *   lab_attack end INTERFACE
 *	a frame that says that all before were sent
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "labrouter/attack.h"
#include "labrouter/listen.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int
fail(const char *what)
{
	perror(what);
	return 2;
}

static uint64_t
seed_of(const char *text)
{
	return text == NULL ? 1 : strtoull(text, NULL, 10);
}

/* ---- send ---- */

struct out {
	int fd;
	unsigned long n, failed;
};

static int
out_open(struct out *out, const char *interface)
{
	const struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(interface) };

	out->fd = socket(AF_PACKET, SOCK_RAW, 0);
	return out->fd < 0 || at.sll_ifindex == 0 ?
	    -1 :
	    bind(out->fd, (const struct sockaddr *)&at, sizeof(at));
}

static void
put_frame(void *ctx, const uint8_t *frame, size_t len)
{
	struct out *out = ctx;

	if (send(out->fd, frame, len, 0) == (ssize_t)len)
		out->n++;
	else
		out->failed++;
}

static int
send_attack(char **argv)
{
	const struct attack_mark mark = attack_mark_of(seed_of(argv[4]));
	const unsigned long net = strtoul(argv[1], NULL, 10) - 1;
	struct err err = ERR_INIT;
	struct attack_scene scene;
	struct out out = { 0 };
	struct lab lab;

	if (lab_read(&lab, argv[0], &err) != 0 || net >= lab.n_networks)
		return fail(argv[0]);
	scene = attack_scene_of(&lab, &lab.network[net], 0);
	lab_done(&lab);
	if (sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &scene.router[0],
		&scene.router[1], &scene.router[2], &scene.router[3],
		&scene.router[4], &scene.router[5]) != 6)
		return fail(argv[2]);
	if (out_open(&out, argv[3]) != 0)
		return fail(argv[3]);
	for (unsigned c = 0; c < ATTACK_CLASSES; c++)
		attack_frames(
		    &scene, &mark, (enum attack_class)c, put_frame, &out);
	close(out.fd);
	printf("%lu\n", out.n);
	return out.n < 1800 || out.failed > out.n / 100 ? fail("send") : 0;
}

static int
send_end(const char *interface)
{
	static const uint8_t frame[60] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2,
		0x88, 0xb5, 'e', 'n', 'd' };
	struct out out = { 0 };

	if (out_open(&out, interface) != 0)
		return fail(interface);
	put_frame(&out, frame, sizeof(frame));
	return out.n == 1 ? 0 : fail("send");
}

/* ---- hear ---- */

struct in {
	struct attack_mark mark;
	FILE *to;
};

static void
take_frame(void *ctx, const struct listen_frame *f)
{
	static const uint8_t end[] = { 0x88, 0xb5, 'e', 'n', 'd' };
	const struct in *in = ctx;
	char name[IF_NAMESIZE] = "?";
	const int class = attack_class_of(&in->mark, f->data, f->len);

	(void)if_indextoname((unsigned)f->ifindex, name);
	if (class >= 0)
		fprintf(in->to, "%s %s\n", name,
		    attack_class_name((enum attack_class) class));
	else if (f->len > 17 && memcmp(f->data + 12, end, sizeof(end)) == 0)
		fprintf(in->to, "%s end\n", name);
}

static int
hear(char **argv)
{
	struct in in = { attack_mark_of(seed_of(argv[1])),
		fopen(argv[0], "a") };
	struct pollfd p = { .events = POLLIN };
	struct err err = ERR_INIT;

	if (in.to == NULL || listen_open(&p.fd, &err) != 0)
		return fail(argv[0]);
	fprintf(in.to, "ready\n");
	while (fflush(in.to) == 0 && poll(&p, 1, -1) == 1 &&
	    listen_read(p.fd, take_frame, &in, &err) == 0 &&
	    listen_lost(p.fd) == 0)
		;
	return fail("hear");
}

int
main(int argc, char **argv)
{
	if (argc >= 6 && strcmp(argv[1], "send") == 0)
		return send_attack(argv + 2);
	if (argc >= 3 && strcmp(argv[1], "hear") == 0)
		return hear(argv + 2);
	if (argc == 3 && strcmp(argv[1], "end") == 0)
		return send_end(argv[2]);
	fprintf(stderr, "lab_attack: send, hear or end\n");
	return 2;
}
