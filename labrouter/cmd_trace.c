/*
 * labrouter trace: where a packet goes, as the lab file says; and as the kernel
 * does it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command_options.h"
#include "base/json.h"
#include "base/log.h"
#include "commands.h"
#include "labs.h"
#include "lease.h"
#include "trace.h"
#include "use.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char help[] =
    "usage: labrouter trace [--lab LAB] [--from SIDE] [--live] [--json]\n"
    "                       SRC DST [PROTO [PORT]]\n"
    "\n"
    "Say where the first packet of a connection goes, in words: marks, rules,\n"
    "tables, translations and gates, and where it arrives or is dropped. "
    "PROTO is\n"
    "icmp, tcp or udp; without it, the packet is a ping.\n"
    "\n"
    "      --lab LAB    which lab; needed where there are several\n"
    "      --from SIDE  where it comes in: the name of a network, nat, or "
    "production;\n"
    "                   needed where SRC can be on several sides\n"
    "      --live       send one such packet, and show the kernel's own trace\n"
    "      --json       print one JSON object\n"
    "  -h, --help       show this and exit\n"
    "\n"
    "Exit status: 0 it arrives or is answered; 1 it does not; 2 nobody can "
    "say.\n";

struct question {
	const char *side; /* NULL: by the source */
	bool live, json;
	char *const *words;
};

/* The one lab that is meant. */
static int
find_lab(struct strlist *files, const char *lab, struct err *err)
{
	char *words[] = { NULL, NULL };
	int rc;

	if (lab != NULL && (words[0] = strdup(lab)) == NULL)
		return err_nomem(err);
	rc = labs_find(files, LABS_DIR, words, err);
	free(words[0]);
	if (rc == 0 && files->n != 1)
		return err_set(err, ERR_USAGE,
		    "there are %zu labs in " LABS_DIR
		    "; say which one is meant: --lab NAME",
		    files->n);
	return rc;
}

/* What is asked of which lab, and the answer as it grows. */
struct answer {
	const struct question *q;
	struct lab_use *use;
	const struct tracer *tracer;
	struct trace_flow flow;
	struct trace trace;
	struct buf text; /* owned */
	struct json json;
	bool failed;
};

static void
take_line(void *ctx, const char *line)
{
	struct answer *a = ctx;

	if (a->q->json) {
		json_item(&a->json);
		json_string(&a->json, "text", line);
		json_close(&a->json);
	} else if (buf_printf(&a->text, "%s\n", line) != 0) {
		a->failed = true;
	}
}

static int
send_live(struct answer *a, struct err *err)
{
	static const uint8_t protos[] = { [LAB_ICMP] = IPPROTO_ICMP,
		[LAB_TCP] = IPPROTO_TCP,
		[LAB_UDP] = IPPROTO_UDP };
	const struct trace_flow *f = &a->flow;
	struct lab_use *use = a->use;
	struct lookback_place place;
	struct lookback_flow flow = { .size = sizeof(flow),
		.place = &place,
		.src = f->src,
		.dst = f->dst,
		.proto = protos[f->proto],
		.dst_port = f->port };
	int rc;

	tracer_place(a->tracer, f->from, &place);
	/* Another one each time, or the router may know it already. */
	if (getrandom(&flow.src_port, sizeof(flow.src_port), 0) < 0)
		return err_sys(err, "getrandom");
	flow.src_port |= 0x8000;
	if ((rc = lab_use_open(use, err)) != 0)
		return rc;
	if (use->plugin.lab.trace == NULL)
		return err_set(err, ERR_USAGE,
		    "the plugin %s cannot trace; leave out --live",
		    use->lab.plugin);
	rc = use->plugin.lab.trace(use->handle.self, &flow, take_line, a);
	return plugin_result(&use->handle, rc, err);
}

static int
put_text(struct answer *a, bool live, struct err *err)
{
	int rc = 0;

	if ((live && buf_add_str(&a->text, "predicted:\n") != 0) ||
	    trace_text(&a->text, &a->trace) != 0 ||
	    (live && buf_add_str(&a->text, "\nthe kernel:\n") != 0))
		return err_nomem(err);
	if (live)
		rc = send_live(a, err);
	return a->failed ? err_nomem(err) : rc;
}

static int
put_json(struct answer *a, bool live, struct err *err)
{
	int rc = 0;

	a->json = json_begin(&a->text);
	trace_json(&a->json, &a->use->lab, &a->flow, &a->trace);
	if (live) {
		json_list(&a->json, "kernel");
		rc = send_live(a, err);
		json_list_end(&a->json);
	}
	return json_end(&a->json) != 0 ? err_nomem(err) : rc;
}

static int
ask(struct answer *a, struct err *err)
{
	const struct question *q = a->q;
	bool live = q->live;
	int rc;

	if ((rc = trace_words(&a->flow, q->words, err)) != 0 ||
	    (rc = q->side != NULL ? trace_named_side(&a->flow.from,
					&a->use->lab, q->side, err) :
				    trace_side(&a->flow.from, &a->use->lab,
					a->flow.src, err)) != 0)
		return rc;
	tracer_run(a->tracer, &a->flow, &a->trace);
	if (live && a->trace.at == TRACE_SWITCH) {
		log_note("the router would not see it, so none is sent");
		live = false;
	}
	rc = q->json ? put_json(a, live, err) : put_text(a, live, err);
	if (rc == 0 || !q->json)
		(void)fwrite(a->text.data, 1, a->text.len, stdout);
	buf_done(&a->text);
	return rc;
}

static int
trace_file(const char *file, void *ctx, struct err *err)
{
	struct tracer *tracer = NULL;
	struct lab_use use;
	struct answer a = { .q = ctx, .use = &use };
	int rc;

	if ((rc = lab_use_begin(&use, file, false, err)) != 0)
		return rc;
	if ((rc = lease_take(&use.lab, err)) == 0)
		log_note("the router's own address is DHCP's to give, and "
			 "known to root where the lab stands");
	if (rc >= 0 && (rc = tracer_new(&tracer, &use.lab, err)) == 0) {
		a.tracer = tracer;
		rc = ask(&a, err);
	}
	tracer_free(tracer);
	lab_use_end(&use);
	if (rc != 0)
		return rc;
	return a.trace.end == TRACE_DROPPED || a.trace.end == TRACE_UNROUTED ?
	    LABROUTER_PROBLEMS :
	    LABROUTER_DONE;
}

int
labrouter_trace(int argc, char **argv)
{
	const char *lab = NULL;
	struct question q = { 0 };
	const struct command_option options[] = { { "lab", &lab, NULL },
		{ "from", &q.side, NULL }, { "live", NULL, &q.live },
		{ "json", NULL, &q.json }, { NULL, NULL, NULL } };
	struct strlist files = { 0 };
	struct err err = ERR_INIT;
	int first, status;

	if (command_options(options, help, argc, argv, &first, &status) != 0)
		return status;
	q.words = argv + first;
	if (find_lab(&files, lab, &err) != 0) {
		log_err(&err);
		status = LABROUTER_ERROR;
	} else {
		char *words[] = { files.item[0], NULL };

		status = labs_each(words, trace_file, &q);
	}
	strlist_done(&files);
	return status;
}
