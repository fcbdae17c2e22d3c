/*
 * A trace for people and for programs.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "trace_private.h"

#include "base/json.h"

#include <stdio.h>

struct place_name {
	char text[32];
};

static struct place_name
name_of(size_t at)
{
	struct place_name p = { "front" };

	if (at == TRACE_SWITCH)
		(void)snprintf(p.text, sizeof(p.text), "switch");
	else if (at == TRACE_ROUTER)
		(void)snprintf(p.text, sizeof(p.text), "router");
	else if (at != TRACE_FRONT)
		(void)snprintf(p.text, sizeof(p.text), "cell %zu", at + 1);
	return p;
}

int
trace_text(struct buf *to, const struct trace *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (buf_printf(to, "%s: %s\n", name_of(t->hop[i].at).text,
			t->hop[i].text) != 0)
			return -1;
	return buf_printf(to, "%s: %s\n", name_of(t->at).text, t->why);
}

static const char *const types[] = {
	[TRACE_ENTERS] = "enters",
	[TRACE_MARK] = "mark",
	[TRACE_DESTINATION] = "destination",
	[TRACE_ROUTE] = "route",
	[TRACE_GATE] = "gate",
	[TRACE_SOURCE] = "source",
};
static const char *const ends[] = {
	[TRACE_ARRIVES] = "arrives",
	[TRACE_LEAVES] = "leaves",
	[TRACE_ANSWERED] = "answered",
	[TRACE_TAKEN] = "taken",
	[TRACE_DROPPED] = "dropped",
	[TRACE_UNROUTED] = "unrouted",
};
static const char *const protos[] = {
	[LAB_ANY] = "",
	[LAB_TCP] = "tcp",
	[LAB_UDP] = "udp",
	[LAB_ICMP] = "icmp",
};

static void
json_addr(struct json *j, const char *key, uint32_t a)
{
	char text[16];

	(void)snprintf(text, sizeof(text), IP_FMT, IP(a));
	json_string(j, key, text);
}

static const char *
side_name(const struct lab *lab, size_t from)
{
	return from == TRACE_PRODUCTION ? "production" :
	    from == lab->n_networks	? "nat" :
					  lab->network[from].name;
}

void
trace_json(struct json *j, const struct lab *lab, const struct trace_flow *flow,
    const struct trace *t)
{
	json_uint(j, "v", 1);
	json_string(j, "type", "trace");
	json_string(j, "lab", lab->name);
	json_string(j, "from", side_name(lab, flow->from));
	json_addr(j, "src", flow->src);
	json_addr(j, "dst", flow->dst);
	json_string(j, "proto", protos[flow->proto]);
	if (flow->proto != LAB_ICMP)
		json_uint(j, "port", flow->port);
	json_list(j, "hops");
	for (size_t i = 0; i < t->n; i++) {
		json_item(j);
		json_string(j, "place", name_of(t->hop[i].at).text);
		json_string(j, "hop", types[t->hop[i].type]);
		json_string(j, "text", t->hop[i].text);
		json_close(j);
	}
	json_list_end(j);
	json_string(j, "end", ends[t->end]);
	json_string(j, "place", name_of(t->at).text);
	json_string(j, "text", t->why);
	if (t->end != TRACE_ARRIVES && t->end != TRACE_LEAVES)
		return;
	json_open(j, "arrives");
	if (t->end == TRACE_ARRIVES)
		json_string(j, "network", side_name(lab, t->network));
	json_bool(j, "every", t->every);
	if (t->src != 0)
		json_addr(j, "src", t->src);
	json_addr(j, "dst", t->dst);
	if (flow->proto != LAB_ICMP)
		json_uint(j, "port", t->port);
	json_close(j);
}
