/*
 * A proof: the control, then network by network the attack.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "prove.h"
#include "listen.h"
#include "prove_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 64 /* frames between two looks at what came */
#define TRIES 3	 /* a busy host loses some */

int
prove_why_not(struct prove *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(
	    p->report->why_not, sizeof(p->report->why_not), fmt, ap);
	va_end(ap);
	return 1;
}

/* The descriptor of a place, ready to listen by. */
static int
probe(struct prove *p, const struct lookback_place *place, int *ret_fd,
    struct err *err)
{
	struct lab_use *use = p->use;
	int rc;

	if (use->plugin.lab.probe == NULL)
		return err_set(err, ERR_USAGE, "%s offers no probes",
		    use->plugin.info.name);
	rc = plugin_result(&use->handle,
	    use->plugin.lab.probe(use->handle.self, place, ret_fd), err);
	return rc != 0 ? rc : listen_ready(*ret_fd, err);
}

void
prove_shut(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

int
prove_send(struct prove *p, int fd, const uint8_t *frame, size_t len)
{
	ssize_t n;

	do
		n = write(fd, frame, len);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)len ?
	    0 :
	    prove_why_not(p, "a frame cannot be sent: %s", strerror(errno));
}

void
prove_send_next(
    struct prove_sending *s, int fd, const uint8_t *frame, size_t len)
{
	if (s->rc == 0)
		s->rc = prove_send(s->p, fd, frame, len);
	if (s->rc == 0 && ++s->n % BATCH == 0)
		s->rc = prove_hear(s->p, s->err);
}

static int
begin(struct prove *p, struct err *err)
{
	const struct prove_report *r = p->report;
	struct prove_names names;
	const struct lookback_place outer = prove_outer(p->use, &names);
	int rc;

	if (p->use->lab.n_networks == 0)
		return prove_why_not(p, "the lab has no isolated network");
	if ((rc = listen_open(&p->host, err)) != 0 ||
	    (rc = probe(p, &outer, &p->outer, err)) != 0 ||
	    (rc = probe(p, &outer, &p->outer_send, err)) != 0 ||
	    (rc = prove_mac(p->use, &outer, p->outer_mac, err)) != 0)
		return rc;
	p->scene = attack_scene_of(&p->use->lab, &p->use->lab.network[0], 0);
	rc = prove_control(p, ATTACK_UDP, ATTACK_CLASSES - 1, err);
	if (rc < 0 || r->why_not[0] != '\0')
		return rc;
	if (r->control.outer <= PROVE_CONTROL ||
	    r->control.host <= PROVE_CONTROL)
		return prove_why_not(p,
		    "of %" PRIu64 " frames of the control only %" PRIu64
		    " were heard on interface 0 and %" PRIu64
		    " in this host's namespace",
		    r->control.sent, r->control.outer, r->control.host);
	/* What was lost until here is in these numbers. */
	(void)prove_nothing_lost(p, "");
	p->report->why_not[0] = '\0';
	return 0;
}

/* A few more frames: it listens still. */
static int
still_listening(struct prove *p, struct err *err)
{
	int rc = 1;

	for (int i = 0; i < TRIES && rc == 1; i++) {
		rc = prove_control(p, ATTACK_MLD, ATTACK_MLD, err);
		if (p->report->why_not[0] != '\0')
			return rc;
	}
	return rc == 1 ?
	    prove_why_not(p, "frames after the attack were not heard") :
	    rc;
}

/* ---- network by network ---- */

/* A machine of the network, and an ear behind its cell. */
static int
plug_in(struct prove *p, struct err *err)
{
	struct prove_names names, front_names;
	const struct lookback_place inside = prove_switch(
	    p->use, p->index, &names);
	const struct lookback_place front = prove_front(
	    p->use, p->index, &front_names);
	socklen_t size = sizeof(int);
	int rc, type;

	if ((rc = probe(p, &inside, &p->switch_, err)) != 0 ||
	    (rc = prove_mac(p->use, &inside, p->router, err)) != 0)
		return rc;
	if (getsockopt(p->switch_, SOL_SOCKET, SO_TYPE, &type, &size) == 0)
		return prove_why_not(p,
		    "%s of network \"%s\" is no bridge: what is sent by it "
		    "goes out to the machines there, and not in as from one of "
		    "them; make it a port of a bridge, and that the Interface",
		    inside.dev, p->net->name);
	return front.dev == NULL ? 0 : probe(p, &front, &p->front, err);
}

/* What stood in machines' ARP tables for the gateway is right again. */
static void
give_back(struct prove *p)
{
	uint8_t frame[ATTACK_ASK_SIZE];
	const uint32_t gateway = p->scene.gateway.addr;

	if (!p->answered)
		return;
	attack_ask(&p->asking, gateway, gateway, frame);
	memcpy(frame + 22, p->router, 6);
	(void)prove_send(p, p->switch_, frame, sizeof(frame));
}

static void
add_up(struct prove_class *to, const struct prove_class *c)
{
	to->sent += c->sent;
	to->production += c->production;
	to->asked += c->asked;
	to->front += c->front;
	to->spoofed += c->spoofed;
	to->strays += c->strays;
	to->closed += c->closed;
}

static int
attack_network(struct prove *p, size_t net, struct err *err)
{
	struct prove_report *r = p->report;
	int rc;

	p->index = net;
	p->net = &p->use->lab.network[net];
	p->result = &r->network[r->n++];
	p->result->name = p->net->name;
	p->answered = false;
	if ((rc = plug_in(p, err)) == 0 && (rc = prove_attack(p, err)) == 0)
		rc = still_listening(p, err);
	prove_take_seen(p);
	give_back(p);
	prove_shut(&p->switch_);
	prove_shut(&p->front);
	for (size_t c = 0; c < ATTACK_CLASSES; c++)
		add_up(&p->result->total, &p->result->class[c]);
	add_up(&r->total, &p->result->total);
	return rc;
}

int
prove(
    struct lab_use *use, uint64_t seed, struct prove_report *r, struct err *err)
{
	struct prove p = { .use = use,
		.report = r,
		.attack = attack_mark_of(seed),
		.control = attack_mark_of(seed + 1),
		.outer = -1,
		.outer_send = -1,
		.host = -1,
		.switch_ = -1,
		.front = -1 };
	int rc;

	*r = (struct prove_report){ .lab = use->lab.name, .seed = seed };
	r->network = calloc(use->lab.n_networks + 1, sizeof(*r->network));
	if (r->network == NULL)
		return err_nomem(err);
	rc = begin(&p, err);
	for (size_t i = 0; i < use->lab.n_networks && rc == 0; i++)
		rc = attack_network(&p, i, err);
	prove_shut(&p.outer);
	prove_shut(&p.outer_send);
	prove_shut(&p.host);
	free(p.place);
	return rc < 0 ? err_wrap(err, "lab %s", use->lab.name) : 0;
}

void
prove_done(struct prove_report *r)
{
	free(r->network);
	*r = (struct prove_report){ 0 };
}
