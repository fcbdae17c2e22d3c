/*
 * What the parts of a proof share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_PROVE_PRIVATE_H
#define LABROUTER_PROVE_PRIVATE_H

#include "listen.h"
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

/* An address that is asked for by ARP only where a frame of the attack is to go
 * there; nobody answers, or the frame is seen itself. */
struct prove_watch {
	uint32_t addr;
	int class;     /* the only one that uses it; -1: whichever is sent */
	bool outer;    /* interface 0 alone must not ask */
	bool given_up; /* it is somebody's, or somebody else asks for it */
	bool is_asked; /* then `place` is where that was heard first */
	size_t place;
	uint64_t asked[ATTACK_CLASSES]; /* how often, by what was sent */
};
#define PROVE_WATCHES (ATTACK_CLASSES + ATTACK_STRANGE + 4)
#define PROVE_HEARD 1024

/* What the rules of a network have counted. */
struct prove_counts {
	uint64_t spoofed, strays, closed;
	bool any; /* there are rules that count */
};

struct prove {
	struct lab_use *use;
	struct prove_report *report;
	struct attack_mark attack, control, asking;
	uint8_t outer_mac[6];
	/* Descriptors, owned; -1: none. */
	int outer;		   /* hears interface 0 */
	int outer_send;		   /* sends there */
	int host;		   /* hears this host's namespace */
	int switch_;		   /* a machine of the attacked network */
	int front;		   /* hears the front's link to its cell */
	struct prove_place *place; /* owned; the first is interface 0 */
	size_t n_places;
	bool nomem;		      /* a place could not be kept */
	uint64_t due_outer, due_host; /* frames of the control, all in all */
	struct prove_watch watch[PROVE_WATCHES];
	size_t n_watches, n_lasting; /* the first ones are for all rounds */
	uint32_t heard[PROVE_HEARD]; /* asked for by anybody; the latest */
	size_t n_heard;
	/* The network that is attacked. */
	size_t index; /* in the lab */
	const struct lab_network *net;
	struct prove_network *result;
	struct attack_scene scene;
	struct prove_counts counts; /* as of now */
	uint8_t router[6];	    /* its gateway's MAC address, by right */
	unsigned skip;		    /* of the attacker's addresses */
	int class;     /* the last one that was sent; -1: none yet */
	int begun;     /* the last one in order of those that were */
	bool answered; /* the gateway answered the last question */
	bool posed;    /* somebody else did, who is at: */
	uint8_t poser[6];
	bool taken; /* somebody has an address of the attacker's */
};

/* Returns 1, with words in the report: nothing is proved. */
int prove_why_not(struct prove *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Close a descriptor, if it is open. */
void prove_shut(int *fd);

/* What the frames of a class are sent with: by prove_send_next, until rc is not 0. */
struct prove_sending {
	struct prove *p;
	struct err *err;
	int rc;
	uint64_t n;
	uint64_t due; /* of those, what rules count */
};
int prove_send(struct prove *, int fd, const uint8_t *frame, size_t len);
/* Now and then what came is read. */
void prove_send_next(
    struct prove_sending *, int fd, const uint8_t *frame, size_t len);

/* ---- prove_control.c ---- */

/* Send frames of these classes by interface 0, all of which should be heard; 1
 * where some were not. */
int prove_control(struct prove *, enum attack_class first,
    enum attack_class last, struct err *);

/* ---- prove_attack.c ---- */

/* The attack from the network of p->index; 1, with words: nothing is proved. */
int prove_attack(struct prove *, struct err *);

/* ---- prove_arrive.c ---- */

/* True of a frame that the network's rules count as spoofed or stray, if it gets
 * to the router. */
bool prove_is_counted(const struct prove *, const uint8_t *frame, size_t len);
int prove_count(struct prove *, struct prove_counts *ret, struct err *);
/* Into the result what was counted since `before`. 1, with words: less than is
 * due, or nobody knows. */
int prove_has_arrived(
    struct prove *, const struct prove_counts *before, uint64_t due);

/* ---- prove_ask.c ---- */

/* What is watched from now on: before the first round, and each other one with
 * new addresses for these classes, a bit each. */
void prove_watch(struct prove *, unsigned round, uint64_t classes);
/* A frame that bears no mark. */
void prove_hear_arp(struct prove *, const struct listen_frame *, int ifindex);
/* The classes of which something is only asked for, and nothing was seen. */
uint64_t prove_only_asked(const struct prove *);
/* That was seen, then. */
void prove_asked_is_seen(struct prove *, uint64_t classes);

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
/* The MAC address of what is there, as the plan has it; of an interface of this
 * host that the plan only names, its own. */
int prove_mac(const struct lab_use *, const struct lookback_place *,
    uint8_t ret_mac[6], struct err *);

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
/* 1, with words, where frames were lost since the last call. */
int prove_nothing_lost(struct prove *, const char *when);
/* Its number in p->place; SIZE_MAX: no memory, which is remembered. */
size_t prove_place(struct prove *, int ifindex, bool leaving);

#endif
