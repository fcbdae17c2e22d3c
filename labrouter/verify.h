/*
 * Is what was restored alive? The machines of a lab are asked through their
 * masked addresses, all side by side, again and again until each has answered
 * or its time is over.
 *
 * What a machine sends is never more than bytes: nothing waits for it without
 * bound, and of what a script says only the end is kept.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_VERIFY_H
#define LABROUTER_VERIFY_H

#include "base/buf.h"
#include "base/err.h"
#include "model.h"

#include <stdio.h>
#include <sys/types.h>

enum verify_kind { VERIFY_PING, VERIFY_TCP, VERIFY_SCRIPT };

/* One thing that a machine has to pass. */
struct verify_check {
	enum verify_kind kind;
	uint16_t port;	   /* of TCP */
	bool passed;	   /* the result, with what follows */
	unsigned tries;	   /* 0: it never came to one */
	int64_t took_ns;   /* from the begin of the lab's verification */
	char said[128];	   /* why the last try failed */
	struct buf output; /* owned; what the script last said, its end */

	/* A try that is under way, and when the next one is due. */
	bool hopeless; /* no try could pass */
	int fd;	       /* -1: none */
	int out;       /* the script's output; -1 */
	pid_t pid;     /* the script's keeper's */
	bool raw;      /* ping by a raw socket */
	uint8_t token[8];
	int64_t until_ns, next_ns; /* of CLOCK_MONOTONIC */
};

struct verify_machine {
	const struct lab_machine *machine; /* borrowed */
	uint32_t addr;			   /* the masked one */
	struct verify_check *check; /* owned; ping, ports, script, in order */
	size_t n_checks;
	bool done, passed;
	int64_t took_ns;
};

struct verify {
	const struct lab *lab;		/* borrowed */
	struct verify_machine *machine; /* owned; as in the file */
	size_t n_machines, n_passed;
	int64_t began_ns, took_ns;
};

/* What is to be asked; of a lab without errors. verify_done frees it. */
int verify_init(struct verify *, const struct lab *, struct err *);
/* Ask, and come back when all is known. ERR_CANCELLED where a signal waits
 * (base/interrupt.h); no script is left then either. */
int verify_run(struct verify *, struct err *);
void verify_done(struct verify *);

/* A table and what failed, for people; or an object. 0, -1. */
int verify_text(const struct verify *, FILE *);
int verify_json(struct buf *, const struct verify *);

#endif
