/*
 * The attack from one network: class by class, each again where this host was
 * too busy, and in further rounds those of which something was only asked for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "prove_private.h"

#include <stdio.h>
#include <string.h>

#define ANSWER_MS 500 /* for an answer of the gateway, each time */
#define TAKEN_MS 100  /* for somebody to say that an address is his */
#define LATE_MS 250   /* for what is on its way yet */
#define SETTLE_TRIES 64
#define TRIES 3
#define ROUNDS 3
#define ALL ((UINT64_C(1) << ATTACK_CLASSES) - 1)

static int
ask(struct prove *p, uint32_t sender, uint32_t target)
{
	uint8_t frame[ATTACK_ASK_SIZE];

	attack_ask(&p->asking, sender, target, frame);
	return prove_send(p, p->switch_, frame, sizeof(frame));
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

static bool
never(const struct prove *p)
{
	(void)p;
	return false;
}

/* The gateway answers when it has seen to all that was sent before. */
static int
await_gateway(struct prove *p, struct err *err)
{
	const uint8_t *m = p->poser;
	int rc = 1;

	p->answered = p->posed = false;
	for (int i = 0; i < TRIES && rc == 1; i++)
		if ((rc = ask(p, p->scene.own, p->scene.gateway.addr)) != 0 ||
		    (rc = prove_hear_until(p, is_answered, ANSWER_MS, err)) <=
			0)
			return rc;
	return p->posed ?
	    prove_why_not(p,
		"the gateway of network \"%s\" is "
		"%02x:%02x:%02x:%02x:%02x:%02x "
		"there, which is not the router",
		p->net->name, m[0], m[1], m[2], m[3], m[4], m[5]) :
	    prove_why_not(p,
		"the gateway of network \"%s\" does not answer on its switch",
		p->net->name);
}

static void
set_scene(struct prove *p)
{
	p->scene = attack_scene_of(&p->use->lab, p->net, p->skip);
	memcpy(p->scene.router, p->router, sizeof(p->router));
}

/* Addresses that nobody has; in another round others, if there are more. */
static int
settle(struct prove *p, struct err *err)
{
	bool again = p->skip != 0;
	int rc;

	for (int i = 0; i < SETTLE_TRIES; i++, p->skip++) {
		set_scene(p);
		if (p->scene.own == 0 && again) {
			again = false;
			p->skip = 0;
			set_scene(p);
		}
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

	s->due += prove_is_counted(s->p, frame, len);
	prove_send_next(s, s->p->switch_, frame, len);
}

/* 1, with words, where it has to be sent again: in ret_again. */
static int
send_class(struct prove *p, bool *ret_again, struct err *err)
{
	const enum attack_class class = (enum attack_class)p->class;
	struct prove_sending s = { .p = p, .err = err };
	const struct prove_counts before = p->counts;
	char when[64];
	int rc;

	*ret_again = false;
	attack_frames(&p->scene, &p->attack, class, send_attack, &s);
	p->result->class[class].sent += s.n;
	if (s.rc != 0 || (rc = await_gateway(p, err)) != 0)
		return s.rc != 0 ? s.rc : rc;
	if ((rc = prove_count(p, &p->counts, err)) != 0)
		return rc;
	*ret_again = true;
	(void)snprintf(when, sizeof(when), "while class %s was sent",
	    attack_class_name(class));
	if ((rc = prove_has_arrived(p, &before, s.due)) != 0)
		return rc;
	return prove_nothing_lost(p, when);
}

static int
attack_by(struct prove *p, int class, struct err *err)
{
	bool again = true;
	int rc = 1;

	p->class = class;
	if (class > p->begun)
		p->begun = class;
	for (int i = 0; i < TRIES && rc == 1 && again; i++) {
		p->report->why_not[0] = '\0';
		rc = send_class(p, &again, err);
	}
	return rc;
}

/* Each class once, and what is late. 1 as above. */
static int
attack_once(struct prove *p, uint64_t classes, bool *ret_again, struct err *err)
{
	int rc = 0;

	*ret_again = false;
	for (int c = 0; c < ATTACK_CLASSES && rc == 0; c++)
		if ((classes >> c & 1) != 0)
			rc = attack_by(p, c, err);
	if (rc != 0 || (rc = prove_hear_until(p, never, LATE_MS, err)) < 0)
		return rc;
	*ret_again = true;
	return prove_nothing_lost(p, "after the attack");
}

/* One round: the classes, a bit each. */
static int
attack_by_all(
    struct prove *p, unsigned round, uint64_t classes, struct err *err)
{
	bool again = true;
	int rc;

	if ((rc = settle(p, err)) != 0 ||
	    (rc = prove_count(p, &p->counts, err)) != 0)
		return rc;
	prove_watch(p, round, classes);
	rc = 1;
	for (int i = 0; i < TRIES && rc == 1 && again; i++) {
		p->report->why_not[0] = '\0';
		rc = attack_once(p, classes, &again, err);
	}
	return rc;
}

int
prove_attack(struct prove *p, struct err *err)
{
	uint64_t classes = ALL;
	int rc = 0;

	p->skip = 0;
	for (unsigned round = 0; round < ROUNDS && rc == 0; round++) {
		if ((rc = attack_by_all(p, round, classes, err)) != 0)
			break;
		classes &= prove_only_asked(p);
		if (classes == 0)
			return 0;
		p->skip += 3;
	}
	if (rc == 0)
		prove_asked_is_seen(p, classes);
	return rc;
}
