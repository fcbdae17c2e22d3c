/*
 * What a plugin of the kind lab can do: build isolated networks as a plan says,
 * and tell what stands. The plan is made by the host and is the same for every
 * plugin; the steps of a plan are numbered from 0 in its order. Its structs have
 * no sizes and change with the ABI number only, but steps of new types may come:
 * a plugin that does not know one refuses the plan before it changes anything.
 *
 * Lifetime, threads and errors are those of <lookback/plugin.h>. A plugin must
 * have apply and observe; others may be NULL, and a host says that the plugin
 * does not offer them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LOOKBACK_LAB_H
#define LOOKBACK_LAB_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lookback_plan; /* <lookback/plan.h> */

/* A bridge or an interface, as the plan names it. */
struct lookback_place {
	uint32_t size;	   /* of this struct in the host */
	const char *netns; /* NULL: the host's own namespace */
	const char *dev;
};

enum lookback_state {
	LOOKBACK_STANDS = 1,   /* as the plan wants it */
	LOOKBACK_MISSING = 2,  /* not there */
	LOOKBACK_DIFFERS = 3,  /* there, and not as the plan wants it */
	LOOKBACK_EXTRA = 4,    /* of this lab, and in no step of the plan */
	LOOKBACK_CHANGED = 5,  /* apply made it so */
	LOOKBACK_FAILED = 6,   /* apply could not; it stops here */
	LOOKBACK_LEFT_OUT = 7, /* apply could not, and goes on: its advice */
};

#define LOOKBACK_NO_STEP SIZE_MAX

/* One thing that a plugin found or did. */
struct lookback_finding {
	uint32_t size;	  /* of this struct in the plugin */
	uint32_t state;	  /* enum lookback_state */
	size_t step;	  /* of the plan, or LOOKBACK_NO_STEP */
	const char *text; /* one line: what there is, or the kernel's words */
};

/* The host's; both borrow what they are handed. */
typedef void lookback_finding_fn(void *ctx, const struct lookback_finding *);
typedef void lookback_line_fn(void *ctx, const char *line);

/* What a rule counted since it was loaded. */
struct lookback_counter {
	uint32_t size; /* of this struct in the plugin */
	const char *name;
	uint64_t packets, bytes;
};
typedef void lookback_counter_fn(void *ctx, const struct lookback_counter *);

/* An IPv4 packet for trace. */
struct lookback_flow {
	uint32_t size;			    /* of this struct in the host */
	const struct lookback_place *place; /* where it comes in */
	uint32_t src, dst;		    /* host byte order */
	uint8_t proto;			    /* of IP: 1, 6, 17 */
	uint16_t src_port, dst_port;	    /* of TCP and UDP; a ping has its
					     * identifier in src_port */
};

struct lookback_lab {
	uint32_t size; /* sizeof(struct lookback_lab) */

	/* Make everything stand as the plan says, and change nothing that stands
	 * so already. Steps are done in the plan's order. What is extra beside a
	 * plan that starts a lab is taken away, but for what hangs on a switch.
	 * Tells each step that it changed, what extra it took away as CHANGED
	 * without a step, and what failed before it returns; where the host says
	 * stopping, that is the step that it came to. Whenever it stops, also by
	 * kill -9, nothing is open that the plan does not open, and another
	 * apply completes the work. */
	int (*apply)(void *self, const struct lookback_plan *,
	    lookback_finding_fn *, void *ctx);

	/* Read back what stands and change nothing. Tells each step of the plan
	 * once, LEFT_OUT where it cannot be and need not, and what is extra.
	 * What hangs on a switch is extra at the step that makes the switch,
	 * with its name for a text; it is no drift. What else is extra has no
	 * step. */
	int (*observe)(void *self, const struct lookback_plan *,
	    lookback_finding_fn *, void *ctx);

	/* Hang a machine's interface on an isolated switch that stands: one of
	 * this host's by its name, which vanishes here; or, where ret_fd is not
	 * NULL, a tap made under this name, whose descriptor (frames without a
	 * header) is then the host's to close. */
	int (*attach)(void *self, const struct lookback_place *,
	    const char *interface, int *ret_fd);
	/* Take it off again; it comes back to this host. */
	int (*detach)(
	    void *self, const struct lookback_place *, const char *interface);

	/* A descriptor that reads and writes whole Ethernet frames: on a bridge
	 * as one more machine there, else on the interface itself, where it
	 * reads what leaves as well. It goes, with all that was made for it,
	 * when the host closes it, also by its end. */
	int (*probe)(void *self, const struct lookback_place *, int *ret_fd);

	/* Send one packet and tell, line by line, how the kernel says that it
	 * went. */
	int (*trace)(void *self, const struct lookback_flow *,
	    lookback_line_fn *, void *ctx);

	/* Tell each named counter of the lab's rules in the place's namespace;
	 * its dev counts for nothing. */
	int (*count)(void *self, const struct lookback_place *,
	    lookback_counter_fn *, void *ctx);
};

#ifdef __cplusplus
}
#endif

#endif
