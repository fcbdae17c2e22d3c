/*
 * Reports of a proof.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "prove.h"

#include "base/json.h"

#include <inttypes.h>
#include <string.h>

/* What no rule counted: no IPv4, for another machine inside, or dropped by the
 * kernel before rules. */
static uint64_t
rest_of(const struct prove_class *c)
{
	const uint64_t known = c->front + c->spoofed + c->strays + c->closed;

	return known < c->sent ? c->sent - known : 0;
}

static int
put_row(struct buf *to, const char *name, const struct prove_class *c)
{
	return buf_printf(to,
	    "%-14s %6" PRIu64 " %11" PRIu64 " %6" PRIu64 " %8" PRIu64
	    " %7" PRIu64 " %7" PRIu64 " %6" PRIu64 "\n",
	    name, c->sent, c->production, c->front, c->spoofed, c->strays,
	    c->closed, rest_of(c));
}

static int
put_network(struct buf *to, const char *lab, const struct prove_network *net)
{
	if (buf_printf(to, "%s: network \"%s\"\n", lab, net->name) != 0 ||
	    buf_printf(to, "%-14s %6s %11s %6s %8s %7s %7s %6s\n", "class",
		"sent", "production", "front", "spoofed", "strays", "closed",
		"rest") != 0)
		return -1;
	for (size_t c = 0; c < ATTACK_CLASSES; c++)
		if (put_row(to, attack_class_name((enum attack_class)c),
			&net->class[c]) != 0)
			return -1;
	if (put_row(to, "total", &net->total) != 0)
		return -1;
	return net->no_bait == 0 ?
	    0 :
	    buf_printf(to,
		"%s: %u classes had no address in production that is free: a "
		"frame of theirs that waits there for an ARP answer is not "
		"seen\n",
		lab, net->no_bait);
}

/* The classes of which a frame was seen. */
static int
put_seen(struct buf *to, const struct prove_report *r)
{
	const char *between = "";

	for (size_t c = 0; c < ATTACK_CLASSES; c++) {
		bool seen = false;

		for (size_t i = 0; i < r->n; i++)
			seen |= r->network[i].class[c].production != 0;
		if (!seen)
			continue;
		if (buf_printf(to, "%s%s", between,
			attack_class_name((enum attack_class)c)) != 0)
			return -1;
		between = ", ";
	}
	return buf_add_byte(to, '\n');
}

int
prove_text(struct buf *to, const struct prove_report *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->network[i].total.sent != 0 &&
		    put_network(to, r->lab, &r->network[i]) != 0)
			return -1;
	/* Where interface 0 gives them back, it hears each twice. */
	if (r->control.sent != 0 &&
	    buf_printf(to,
		"%s: control: %" PRIu64 " frames sent, heard %" PRIu64
		" times on interface 0 and %" PRIu64
		" times in this host's namespace\n",
		r->lab, r->control.sent, r->control.outer,
		r->control.host) != 0)
		return -1;
	if (r->total.production != 0 &&
	    (buf_printf(to,
		 "%s: NOT ISOLATED: %" PRIu64 " of %" PRIu64
		 " frames were seen in production, on %s: ",
		 r->lab, r->total.production, r->total.sent, r->seen_on) != 0 ||
		put_seen(to, r) != 0))
		return -1;
	if (r->total.asked != 0 &&
	    buf_printf(to,
		"%s: %" PRIu64 " of these are ARP requests that nobody "
		"answered, for where frames were to go\n",
		r->lab, r->total.asked) != 0)
		return -1;
	if (r->why_not[0] != '\0')
		return buf_printf(
		    to, "%s: nothing is proved: %s\n", r->lab, r->why_not);
	if (r->total.production != 0)
		return 0;
	return buf_printf(to,
	    "%s: isolated: none of %" PRIu64 " frames was seen in production\n",
	    r->lab, r->total.sent);
}

static void
json_counts(struct json *j, const struct prove_class *c)
{
	json_uint(j, "sent", c->sent);
	json_uint(j, "production", c->production);
	json_uint(j, "asked", c->asked);
	json_uint(j, "front", c->front);
	json_uint(j, "spoofed", c->spoofed);
	json_uint(j, "strays", c->strays);
	json_uint(j, "closed", c->closed);
	json_uint(j, "rest", rest_of(c));
}

static void
json_network(struct json *j, const struct prove_network *net)
{
	json_item(j);
	json_string(j, "network", net->name);
	json_uint(j, "no_bait", net->no_bait);
	json_counts(j, &net->total);
	json_list(j, "classes");
	for (size_t c = 0; c < ATTACK_CLASSES; c++) {
		json_item(j);
		json_string(
		    j, "class", attack_class_name((enum attack_class)c));
		json_counts(j, &net->class[c]);
		json_close(j);
	}
	json_list_end(j);
	json_close(j);
}

int
prove_json(struct buf *to, const struct prove_report *r)
{
	struct json j = json_begin(to);

	json_int(&j, "v", 1);
	json_string(&j, "type", "prove");
	json_string(&j, "lab", r->lab);
	json_string(&j, "result",
	    r->total.production != 0  ? "not isolated" :
		r->why_not[0] != '\0' ? "not proved" :
					"isolated");
	json_uint(&j, "seed", r->seed);
	json_open(&j, "control");
	json_uint(&j, "sent", r->control.sent);
	json_uint(&j, "outer", r->control.outer);
	json_uint(&j, "host", r->control.host);
	json_close(&j);
	json_counts(&j, &r->total);
	if (r->seen_on[0] != '\0')
		json_string(&j, "seen_on", r->seen_on);
	if (r->why_not[0] != '\0')
		json_string(&j, "why_not", r->why_not);
	json_list(&j, "networks");
	for (size_t i = 0; i < r->n; i++)
		json_network(&j, &r->network[i]);
	json_list_end(&j);
	return json_end(&j);
}
