/*
 * What the parts of a proof share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_PROVE_PRIVATE_H
#define LABROUTER_PROVE_PRIVATE_H

#include "place.h"
#include "prove.h"

#include <stdbool.h>

/* How often frames were seen at one place: an interface of this host's
 * namespace, frames that leave it and others apart; interface 0 as a whole. */
struct prove_place {
	int ifindex; /* 0: interface 0 */
	bool leaving;
	uint64_t control;
	uint64_t class[ATTACK_CLASSES];
};

struct prove {
	struct lab_use *use;
	struct prove_report *report;
	struct attack_mark attack, control, asking;
	/* Descriptors, owned; -1: none. */
	int outer;		   /* hears interface 0 */
	int outer_send;		   /* sends there */
	int host;		   /* hears this host's namespace */
	int switch_;		   /* a machine of the attacked network */
	int front;		   /* hears the front's link to its cell */
	struct prove_place *place; /* owned; the first is interface 0 */
	size_t n_places;
	bool nomem; /* a place could not be kept */
	/* The network that is attacked. */
	const struct lab_network *net;
	struct prove_network *result;
	struct attack_scene scene;
	bool answered; /* the gateway answered the last question */
	bool taken;    /* somebody has an address of the attacker's */
};

/* Returns 1, with words in the report: nothing is proved. */
int prove_why_not(struct prove *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define PROVE_ANSWER_MS 1000 /* for an answer of the lab */

/* ---- sending, in prove.c ---- */

/* What the frames of a class are sent with. */
struct prove_sending {
	struct prove *p;
	struct err *err;
	int rc;
	uint64_t n;
	uint8_t outer[6]; /* the control's: interface 0's MAC address */
};
/* One more, unless one failed; now and then what came is read. */
void prove_send_next(
    struct prove_sending *, int fd, const uint8_t *frame, size_t len);

/* ---- prove_control.c ---- */

/* Send frames of these classes by interface 0, all of which should be heard; 1
 * where some were not. */
int prove_control(struct prove *, enum attack_class first,
    enum attack_class last, struct err *);

/* ---- prove_places.c ---- */

/* What a place borrows from. */
struct prove_names {
	char netns[LAB_NETNS_SIZE], dev[LAB_DEV_SIZE];
};

struct lookback_place prove_switch(
    const struct lab_use *, size_t net, struct prove_names *);
/* The front's link to the cell; a dev of NULL where there is none. */
struct lookback_place prove_front(
    const struct lab_use *, size_t net, struct prove_names *);
/* Interface 0. */
struct lookback_place prove_outer(const struct lab_use *, struct prove_names *);
/* True if the interface of this host's namespace belongs to an isolated
 * network, or is the loopback. */
bool prove_is_inside(const struct lab *, int ifindex);

/* ---- prove_hear.c ---- */

/* Read what came everywhere. */
int prove_hear(struct prove *, struct err *);
/* The same until `done` says so, for at most `ms`; 1: in vain. ERR_CANCELLED
 * once a signal waits (base/interrupt.h). */
int prove_hear_until(
    struct prove *, bool (*done)(const struct prove *), int ms, struct err *);
/* The control frames heard on interface 0, and elsewhere. */
void prove_control_heard(
    const struct prove *, uint64_t *ret_outer, uint64_t *ret_host);
/* Into the network's result, and forget them. */
void prove_take_seen(struct prove *);
/* 1, with words, where frames were lost. */
int prove_nothing_lost(struct prove *);

#endif
