/*
 * How a lab stands, for people and for programs.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "status.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "deed.h"
#include "plan_private.h"

static const struct lookback_step *
step_of(const struct status *st, const struct seen *seen)
{
	const struct lookback_plan *plan = st->use->plan;

	return seen->step < plan->n_steps ? &plan->steps[seen->step] : NULL;
}

static const char *
word(enum lookback_state state)
{
	switch (state) {
	case LOOKBACK_MISSING:
		return "missing";
	case LOOKBACK_DIFFERS:
		return "differs";
	case LOOKBACK_EXTRA:
		return "extra";
	case LOOKBACK_LEFT_OUT:
		return "left out";
	case LOOKBACK_STANDS:
	case LOOKBACK_CHANGED:
	case LOOKBACK_FAILED:
		break;
	}
	return "unknown";
}

/* Of a lab that is down each step is missing, which its state says. What is left
 * out is no drift, but told with it. */
static bool
is_drift(const struct status *st, const struct seen *seen)
{
	return (st->seen->state == LAB_DRIFT ||
		   (st->seen->state == LAB_STANDS &&
		       seen->state == LOOKBACK_LEFT_OUT)) &&
	    !seen_is_port(seen);
}

/* Does this interface hang on the switch of this network? What a step is for
 * stands at the network's line. */
static bool
hangs_on(const struct status *st, const struct seen *seen,
    const struct lab_network *net)
{
	const struct lookback_step *step = step_of(st, seen);

	return seen_is_port(seen) && seen->text != NULL && step != NULL &&
	    step->line == net->line;
}

static const struct lab_network *
end_of_networks(const struct status *st)
{
	return st->use->lab.network + st->use->lab.n_networks;
}

/* ---- for people ---- */

/* "simple: drift: 2 missing, 1 extra, of 62 steps" */
static int
put_state(struct buf *b, const struct status *st)
{
	const struct lab_seen *s = st->seen;
	const struct {
		size_t n;
		const char *what;
	} counts[] = { { s->n_missing, "missing" }, { s->n_differs, "differs" },
		{ s->n_extra, "extra" } };
	const char *comma = " ";

	if (buf_printf(
		b, "%s: %s", st->use->lab.name, lab_state_name(s->state)) != 0)
		return -1;
	if (s->state == LAB_DRIFT) {
		if (buf_add_byte(b, ':') != 0)
			return -1;
		for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
			if (counts[i].n == 0)
				continue;
			if (buf_printf(b, "%s%zu %s", comma, counts[i].n,
				counts[i].what) != 0)
				return -1;
			comma = ", ";
		}
	}
	return s->state == LAB_DOWN ?
	    buf_add_byte(b, '\n') :
	    buf_printf(b, "%s%zu steps\n",
		s->state == LAB_STANDS ? ", " : ", of ", s->n_steps);
}

/* "FILE:LINE: missing: ip link ..." */
static int
put_drift(struct buf *b, const struct status *st, const struct seen *seen)
{
	const struct lookback_step *step = step_of(st, seen);

	if ((step != NULL ? deed_place(b, &st->use->lab, step) :
			    buf_printf(b, "%s: ", st->use->lab.name)) != 0 ||
	    buf_printf(b, "%s: ", word(seen->state)) != 0 ||
	    (step != NULL && lab_step_line(b, step) != 0))
		return -1;
	if (seen->text != NULL && seen->state != LOOKBACK_MISSING &&
	    ((step != NULL && buf_add_str(b, ": ") != 0) ||
		text_tame(b, seen->text, strlen(seen->text)) != 0))
		return -1;
	return buf_add_byte(b, '\n');
}

/* "simple: VM Network (192.168.150.0/24): vm1 vm2" */
static int
put_network(
    struct buf *b, const struct status *st, const struct lab_network *net)
{
	bool any = false;

	if (buf_printf(b, "%s: ", st->use->lab.name) != 0 ||
	    text_tame(b, net->name, strlen(net->name)) != 0 ||
	    buf_add_str(b, " (") != 0 ||
	    plan_add_prefix(b, net->mask.addr & prefix_mask(net->mask.len),
		net->mask.len) != 0 ||
	    buf_add_str(b, "):") != 0)
		return -1;
	for (size_t i = 0; i < st->seen->n; i++) {
		const struct seen *seen = &st->seen->item[i];

		if (!hangs_on(st, seen, net))
			continue;
		any = true;
		if (buf_add_byte(b, ' ') != 0 ||
		    text_tame(b, seen->text, strlen(seen->text)) != 0)
			return -1;
	}
	return buf_add_str(b, any ? "\n" : " nothing attached\n");
}

/* "simple: VM Network: counted 12 entered, 11 answered, 0 denied" */
static int
put_counts(
    struct buf *b, const struct status *st, size_t network, const char *where)
{
	const char *between = ": counted ";

	for (size_t i = 0; i < st->counts.n; i++) {
		const struct counted *c = &st->counts.item[i];

		if (c->network != network)
			continue;
		if (between[0] == ':' &&
		    (buf_printf(b, "%s: ", st->use->lab.name) != 0 ||
			text_tame(b, where, strlen(where)) != 0))
			return -1;
		if (buf_printf(b, "%s%" PRIu64 " %s", between, c->packets,
			c->name) != 0)
			return -1;
		between = ", ";
	}
	return between[0] == ':' ? 0 : buf_add_byte(b, '\n');
}

static int
put_all_counts(struct buf *b, const struct status *st)
{
	const struct lab *lab = &st->use->lab;
	int rc = put_counts(b, st, COUNTS_OF_ALL,
	    lab->layout == LAB_SINGLE ? "all networks" : "front");

	for (size_t i = 0; i < lab->n_networks && rc == 0; i++)
		rc = put_counts(b, st, i, lab->network[i].name);
	return rc;
}

static int
put_notes(struct buf *b, const struct status *st)
{
	const char *name = st->use->lab.name;

	if (st->unfinished &&
	    buf_printf(b, "%s: a start began and did not end\n", name) != 0)
		return -1;
	if (st->gone && buf_printf(b, "%s: its file is gone\n", name) != 0)
		return -1;
	if (st->no_attach &&
	    buf_printf(b, "%s: this host has no interface %s (Attach)\n", name,
		st->use->lab.production.attach) != 0)
		return -1;
	if (!st->changed)
		return 0;
	return buf_printf(b,
	    "%s: the file has changed since the start; labrouter reload %s\n",
	    name, name);
}

int
status_text(struct buf *b, const struct status *st)
{
	int rc = put_state(b, st);

	if (rc == 0)
		rc = put_notes(b, st);
	for (size_t i = 0; i < st->seen->n && rc == 0; i++)
		if (is_drift(st, &st->seen->item[i]))
			rc = put_drift(b, st, &st->seen->item[i]);
	if (st->seen->state == LAB_DOWN)
		return rc;
	for (const struct lab_network *net = st->use->lab.network;
	     net < end_of_networks(st) && rc == 0; net++)
		rc = put_network(b, st, net);
	return rc == 0 ? put_all_counts(b, st) : rc;
}

/* ---- for programs ---- */

/* 0, -1 */
static int
json_line(struct json *j, const struct lookback_step *step)
{
	struct buf line = { 0 };
	int rc = lab_step_line(&line, step);

	if (rc == 0)
		json_bytes(j, "command", buf_str(&line));
	buf_done(&line);
	return rc;
}

static int
json_drift(struct json *j, const struct status *st, const struct seen *seen)
{
	const struct lookback_step *step = step_of(st, seen);
	int rc = 0;

	json_item(j);
	json_string(j, "state", word(seen->state));
	if (step != NULL) {
		json_uint(j, "step", seen->step);
		json_int(j, "line", step->line);
		rc = json_line(j, step);
	}
	if (seen->text != NULL && seen->text[0] != '\0')
		json_bytes(j, "text", seen->text);
	json_close(j);
	return rc;
}

static void
json_prefix(struct json *j, const char *key, struct prefix p)
{
	struct buf text = { 0 };

	if (plan_add_prefix(&text, p.addr & prefix_mask(p.len), p.len) != 0)
		j->failed = true;
	json_string(j, key, buf_str(&text));
	buf_done(&text);
}

static void
json_counts(struct json *j, const struct status *st, size_t network)
{
	json_list(j, "counters");
	for (size_t i = 0; i < st->counts.n; i++) {
		const struct counted *c = &st->counts.item[i];

		if (c->network != network)
			continue;
		json_item(j);
		json_string(j, "name", c->name);
		json_uint(j, "packets", c->packets);
		json_uint(j, "bytes", c->bytes);
		json_close(j);
	}
	json_list_end(j);
}

static void
json_network(
    struct json *j, const struct status *st, const struct lab_network *net)
{
	json_item(j);
	json_bytes(j, "name", net->name);
	json_int(j, "line", net->line);
	json_prefix(j, "real", net->gateway);
	json_prefix(j, "mask", net->mask);
	json_list(j, "attached");
	for (size_t i = 0; i < st->seen->n; i++)
		if (hangs_on(st, &st->seen->item[i], net)) {
			json_item(j);
			json_bytes(j, "interface", st->seen->item[i].text);
			json_close(j);
		}
	json_list_end(j);
	json_counts(j, st, (size_t)(net - st->use->lab.network));
	json_close(j);
}

int
status_json(struct buf *b, const struct status *st)
{
	const struct lab_seen *s = st->seen;
	struct json j = json_begin(b);
	int rc = 0;

	json_int(&j, "v", 1);
	json_string(&j, "type", "status");
	json_string(&j, "lab", st->use->lab.name);
	json_bytes(&j, "file", st->use->lab.file);
	json_string(&j, "state", lab_state_name(s->state));
	json_bool(&j, "unfinished", st->unfinished);
	json_bool(&j, "file_changed", st->changed);
	json_bool(&j, "file_gone", st->gone);
	json_bool(&j, "attach_gone", st->no_attach);
	json_uint(&j, "steps", s->n_steps);
	json_uint(&j, "missing", s->n_missing);
	json_uint(&j, "differs", s->n_differs);
	json_uint(&j, "extra", s->n_extra);
	json_list(&j, "drift");
	for (size_t i = 0; i < s->n && rc == 0; i++)
		if (is_drift(st, &s->item[i]))
			rc = json_drift(&j, st, &s->item[i]);
	json_list_end(&j);
	json_counts(&j, st, COUNTS_OF_ALL);
	json_list(&j, "networks");
	for (const struct lab_network *net = st->use->lab.network;
	     net < end_of_networks(st); net++)
		json_network(&j, st, net);
	json_list_end(&j);
	return json_end(&j) != 0 ? -1 : rc;
}
