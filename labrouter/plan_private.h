/*
 * How a plan grows, and the names in it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_PLAN_PRIVATE_H
#define LABROUTER_PLAN_PRIVATE_H

#include "plan.h"

/* The links of the layout. */
#define PLAN_OUTER "if0" /* interface 0, in the front */
#define PLAN_IN "in"	 /* a cell's switch and mimicked gateway */
#define PLAN_OUT "out"	 /* a cell's end of its link to the front */
#define PLAN_HOST "host" /* a cell's end of its link to a bridge of the host */

/* Where the proxy listens in the front, where machines find it, and who it is:
 * rules know what it sends by its user. */
#define PLAN_PROXY_PORT 3128
#define PLAN_PROXY_DOOR 8080
#define PLAN_PROXY_USER "nobody"
#define PLAN_PROXY_UID 65534

/* Where `ruleset` comments say the plan's hash: 16 digits behind this. */
#define PLAN_HASH "cfg="

/* A plan that grows. Once memory ran out it only counts as failed, so steps are
 * added without a look and plan_end tells. */
struct plan {
	struct lookback_plan pub; /* first: the plan's address is this one's */
	struct lookback_step *steps; /* owned; pub.steps */
	size_t cap;
	char **texts; /* owned, each one too */
	size_t n_texts, cap_texts;
	void **words; /* owned, each one too */
	size_t n_words, cap_words;
	struct lookback_step nowhere; /* where steps go then */
	bool failed;
};

struct plan *plan_new(const struct lab *);
/* The next step, zeroed but for these; never NULL. */
struct lookback_step *plan_add(struct plan *, enum lookback_step_type,
    const char *netns, const char *dev, int line);
/* A text that lives as long as the plan; "" when memory runs out. */
const char *plan_printf(struct plan *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same of a buffer's content. */
const char *plan_keep(struct plan *, struct buf *);
/* An argv of these words, ended by NULL, which are borrowed. */
const char *const *plan_words(struct plan *, const char *const *words);
/* Complete: hashed, handed out. Frees the plan where it fails. */
int plan_end(struct plan *, struct lookback_plan **ret_plan, struct err *);

/* A network's cell, as it is planned. */
struct plan_cell {
	const struct lab_network *net;
	size_t index;	    /* in the file, from 0 */
	const char *netns;  /* lookback.LAB.I; single: the lab's one */
	const char *link;   /* cI: the front's end; single: the isolated link */
	const char *bridge; /* of this host; NULL: none */
	uint32_t real, mask; /* both networks' first addresses */
	unsigned len;	     /* of both prefixes */
	uint32_t outside;    /* its own address for production: the gateway's
			      * masked one */
	uint32_t *claims;    /* owned; outer addresses, rising, each once */
	int *claim_lines;    /* owned; beside them */
	size_t n_claims;
	uint32_t *published; /* owned; those of Publish, rising, each once */
	size_t n_published;
};

/* The cells of a lab that can be planned; plan_cells_free takes NULL. */
int plan_cells(struct plan *, const struct lab *, struct plan_cell **ret_cells,
    struct err *);
void plan_cells_free(struct plan_cell *, size_t n);

/* What stands in one namespace. */
struct plan_single {
	const char *netns; /* lookback.LAB; NULL: the host's */
	const char *outer; /* interface 0 there */
	const struct plan_cell *cells;
	size_t n;
	/* Of [Nat]: */
	const char *inner; /* the link to its network; NULL: there is none */
	bool twin;	   /* production has that network's subnet */
	uint32_t *claims;  /* owned; rising, each once */
	int *claim_lines;  /* owned; beside them */
	size_t n_claims;
};

/* What is to stand; plan_single_done frees it, which is not needed after an
 * error. */
int plan_single_find(struct plan_single *, struct plan *, const struct lab *,
    const struct plan_cell *, struct err *);
void plan_single_done(struct plan_single *);
/* The steps of layout single, to start or to stop. */
int plan_single(struct plan *, const struct lab *, const struct plan_cell *,
    enum lab_attach, bool stop, struct err *);
/* The table of routes to the network of this index. */
uint32_t plan_single_table(size_t index);
/* Its table of rules. */
const char *plan_single_rules(
    struct plan *, const struct lab *, const struct plan_single *);
/* A mark has the number of the network, in the file from 0, [Nat] behind them,
 * in its second byte; that of the first is the article's. */
static inline unsigned
plan_mark(size_t index)
{
	return (unsigned)index << 8 | 0x6;
}

/* True if the networks reach each other. */
bool plan_joined(const struct lab *, size_t a, size_t b);
/* True if this one reaches any. */
bool plan_joins_any(const struct lab *, size_t a);
/* True if any do. */
bool plan_has_joins(const struct lab *);

/* How the lab's own host reaches it, and the end of that. */
void plan_host(struct plan *, const struct lab *, enum lab_attach,
    const struct plan_cell *);
void plan_host_stop(
    struct plan *, const struct lab *, const struct plan_cell *);

/* The tables of the front and of a cell. */
const char *plan_front_rules(
    struct plan *, const struct lab *, const struct plan_cell *);
const char *plan_cell_rules(struct plan *, const struct lab *,
    const struct plan_cell *all, const struct plan_cell *);

/* The bridge of this host that a cell's network also is, if it is one: made and
 * linked to the cell's switch; cut off from it, first of a stop; taken away,
 * last. */
void plan_bridge_add(
    struct plan *, const struct lab *, const struct plan_cell *);
void plan_bridge_cut(
    struct plan *, const struct lab *, const struct plan_cell *);
void plan_bridge_remove(
    struct plan *, const struct lab *, const struct plan_cell *);

/* ---- programs that run beside the rules, in the front ---- */

bool plan_has_proxy(const struct lab *);
bool plan_has_dns(const struct lab *);
/* Interface 0 gets its address, and its gateway if the file has none. */
void plan_dhcp(struct plan *, const struct lab *, const char *front);
/* The file with that address once it has it; NULL: the lab file has it. */
const char *plan_leased_address(struct plan *, const struct lab *);
void plan_proxy(struct plan *, const struct lab *, const struct plan_cell *,
    const char *front);
void plan_dns(struct plan *, const struct lab *, const struct plan_cell *,
    const char *front);
/* They end. */
void plan_services_stop(struct plan *, const struct lab *, const char *front);

/* "192.0.2.1" and "192.0.2.0/24" */
int plan_add_addr(struct buf *, uint32_t addr);
int plan_add_prefix(struct buf *, uint32_t addr, unsigned len);
/* A step that ip(8) does. 0, -1. */
int plan_ip_text(struct buf *, const struct lookback_step *);

#endif
