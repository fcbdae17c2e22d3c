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

#define TAKEN_MS 100 /* for somebody to say that an address is his */
#define LATE_MS 500  /* for what waits, such as for an ARP answer */
/* Addresses that somebody else may have. */
#define SETTLE_TRIES 64
#define BATCH 64 /* frames between two looks at what came */

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

static void
shut(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* 1, with words: frames cannot be sent. */
static int
send_frame(struct prove *p, int fd, const uint8_t *frame, size_t len)
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
		s->rc = send_frame(s->p, fd, frame, len);
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
	    (rc = probe(p, &outer, &p->outer_send, err)) != 0)
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
	return 0;
}

/* One more frame: it listens still. */
static int
still_listening(struct prove *p, struct err *err)
{
	int rc = prove_control(p, ATTACK_MLD, ATTACK_MLD, err);

	return rc == 1 && p->report->why_not[0] == '\0' ?
	    prove_why_not(p, "frames after the attack were not heard") :
	    rc;
}

/* ---- the attack ---- */

static int
ask(struct prove *p, uint32_t sender, uint32_t target)
{
	uint8_t frame[ATTACK_ASK_SIZE];

	attack_ask(&p->asking, sender, target, frame);
	return send_frame(p, p->switch_, frame, sizeof(frame));
}

static bool
is_answered(const struct prove *p)
{
	return p->answered;
}

static bool
is_taken(const struct prove *p)
{
	return p->taken;
}

/* The gateway answers when it has seen to all that was sent before. */
static int
await_gateway(struct prove *p, struct err *err)
{
	int rc;

	p->answered = false;
	if ((rc = ask(p, p->scene.own, p->scene.gateway.addr)) != 0 ||
	    (rc = prove_hear_until(p, is_answered, PROVE_ANSWER_MS, err)) <= 0)
		return rc;
	return prove_why_not(p,
	    "the gateway of network \"%s\" does not answer on its switch",
	    p->net->name);
}

/* Addresses that nobody has, and the gateway's MAC address. */
static int
settle(struct prove *p, struct err *err)
{
	int rc;

	for (unsigned skip = 0; skip < SETTLE_TRIES; skip++) {
		p->scene = attack_scene_of(&p->use->lab, p->net, skip);
		if (p->scene.own == 0)
			return prove_why_not(p,
			    "no address of network \"%s\" is free to attack "
			    "from",
			    p->net->name);
		p->taken = false;
		if ((rc = ask(p, 0, p->scene.own)) != 0 ||
		    (rc = ask(p, 0, p->scene.peer[0])) != 0 ||
		    (rc = ask(p, 0, p->scene.peer[1])) != 0 ||
		    (rc = prove_hear_until(p, is_taken, TAKEN_MS, err)) < 0)
			return rc;
		if (rc == 1)
			return await_gateway(p, err);
	}
	return prove_why_not(p,
	    "on network \"%s\" somebody has all of %d addresses to attack from",
	    p->net->name, SETTLE_TRIES);
}

static void
send_attack(void *ctx, const uint8_t *frame, size_t len)
{
	struct prove_sending *s = ctx;

	prove_send_next(s, s->p->switch_, frame, len);
}

/* The rules' counts are added up, or taken off. */
struct counting {
	struct prove_class *to;
	bool off;
};

static void
add_count(void *ctx, const struct lookback_counter *c)
{
	const struct counting *n = ctx;
	const struct {
		const char *name;
		uint64_t *to;
	} known[] = { { "spoofed", &n->to->spoofed },
		{ "strays", &n->to->strays }, { "closed", &n->to->closed } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(c->name, known[i].name) == 0)
			*known[i].to += n->off ? -c->packets : c->packets;
}

static int
count(struct prove *p, size_t net, struct prove_class *to, bool off,
    struct err *err)
{
	struct lab_use *use = p->use;
	struct counting counting = { to, off };
	struct prove_names names;
	const struct lookback_place place = prove_switch(use, net, &names);

	if (use->plugin.lab.count == NULL)
		return 0;
	return plugin_result(&use->handle,
	    use->plugin.lab.count(
		use->handle.self, &place, add_count, &counting),
	    err);
}

static int
attack_by(struct prove *p, size_t net, enum attack_class class, struct err *err)
{
	struct prove_class *to = &p->result->class[class];
	struct prove_sending s = { .p = p, .err = err };
	int rc;

	if ((rc = count(p, net, to, true, err)) != 0)
		return rc;
	attack_frames(&p->scene, &p->attack, class, send_attack, &s);
	to->sent = s.n;
	if (s.rc != 0 || (rc = await_gateway(p, err)) != 0)
		return s.rc != 0 ? s.rc : rc;
	return count(p, net, to, false, err);
}

/* A machine of the network, and an ear behind its cell. */
static int
plug_in(struct prove *p, size_t net, struct err *err)
{
	struct prove_names names, front_names;
	const struct lookback_place inside = prove_switch(p->use, net, &names);
	const struct lookback_place front = prove_front(
	    p->use, net, &front_names);
	socklen_t size = sizeof(int);
	int rc, type;

	if ((rc = probe(p, &inside, &p->switch_, err)) != 0)
		return rc;
	if (getsockopt(p->switch_, SOL_SOCKET, SO_TYPE, &type, &size) == 0)
		return prove_why_not(p,
		    "%s of network \"%s\" is no bridge: nothing can be sent as "
		    "by a machine there",
		    inside.dev, p->net->name);
	return front.dev == NULL ? 0 : probe(p, &front, &p->front, err);
}

static bool
never(const struct prove *p)
{
	(void)p;
	return false;
}

static int
attack_from(struct prove *p, size_t net, struct err *err)
{
	int rc;

	if ((rc = plug_in(p, net, err)) != 0 || (rc = settle(p, err)) != 0)
		return rc;
	for (unsigned c = 0; c < ATTACK_CLASSES && rc == 0; c++)
		rc = attack_by(p, net, (enum attack_class)c, err);
	if (rc == 0 && (rc = prove_hear_until(p, never, LATE_MS, err)) == 1)
		rc = still_listening(p, err);
	return rc;
}

/* What stood in machines' ARP tables for the gateway is right again. */
static void
give_back(struct prove *p)
{
	uint8_t frame[ATTACK_ASK_SIZE];
	const struct attack_scene *s = &p->scene;

	if (!p->answered)
		return;
	attack_ask(&p->asking, s->gateway.addr, s->gateway.addr, frame);
	memcpy(frame + 22, s->router, 6);
	(void)send_frame(p, p->switch_, frame, sizeof(frame));
}

static void
add_up(struct prove_class *to, const struct prove_class *c)
{
	to->sent += c->sent;
	to->production += c->production;
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

	p->net = &p->use->lab.network[net];
	p->result = &r->network[r->n++];
	p->result->name = p->net->name;
	p->answered = false;
	rc = attack_from(p, net, err);
	prove_take_seen(p);
	give_back(p);
	shut(&p->switch_);
	shut(&p->front);
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
	if (rc == 0)
		rc = prove_nothing_lost(&p);
	shut(&p.outer);
	shut(&p.outer_send);
	shut(&p.host);
	free(p.place);
	return rc < 0 ? err_wrap(err, "lab %s", use->lab.name) : 0;
}

void
prove_done(struct prove_report *r)
{
	free(r->network);
	*r = (struct prove_report){ 0 };
}
