/*
 * Whether anything of what a machine in a lab sends reaches production: the
 * attack from each isolated switch, while interface 0 and all interfaces of
 * this host's namespace are listened to.
 *
 * First comes the control: frames with another mark leave interface 0, and must
 * be heard. They harm nobody, since they go from interface 0 to its own MAC
 * address, where no switch carries them on, and are of a type to experiment
 * with, which no machine looks into.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_PROVE_H
#define LABROUTER_PROVE_H

#include "attack.h"
#include "use.h"

/* A control that hears no more frames than this proves nothing. */
#define PROVE_CONTROL 200

/* Frames of one class. */
struct prove_class {
	uint64_t sent;
	uint64_t production; /* seen there: at the place that saw most */
	uint64_t asked; /* of those, ARP requests for where one was to go */
	uint64_t front; /* came out of the cell */
	/* What rules counted of those that stayed inside. */
	uint64_t spoofed; /* from no address of the network */
	uint64_t strays;  /* to where nothing of the lab is */
	uint64_t closed;  /* to the router itself */
};

struct prove_network {
	const char *name; /* borrowed from the lab */
	struct prove_class class[ATTACK_CLASSES];
	struct prove_class total;
	unsigned no_bait; /* classes for which nobody's address was free */
};

struct prove_report {
	const char *lab; /* borrowed, too */
	uint64_t seed;
	struct {
		uint64_t sent;
		uint64_t outer; /* heard on interface 0 */
		uint64_t host;	/* heard in this host's namespace */
	} control;
	struct prove_network *network; /* owned; those that were attacked */
	size_t n;
	struct prove_class total;
	char seen_on[160]; /* the interfaces; "" where nothing was seen */
	char why_not[320]; /* why nothing is proved; "" where it is */
};

/* The lab's plugin is open. Fills in the report also where it fails; free it
 * by prove_done. An error is what could not be done; that nothing is proved is
 * none. */
int prove(struct lab_use *, uint64_t seed, struct prove_report *, struct err *);
void prove_done(struct prove_report *);

/* Append the report for people, or as a line of JSON. 0, -1. */
int prove_text(struct buf *, const struct prove_report *);
int prove_json(struct buf *, const struct prove_report *);

#endif
