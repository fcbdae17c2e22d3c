/*
 * Where packets go by the prediction of `labrouter trace`, many at once.
 *
 *   lab_trace FILE < "SIDE SRC DST PROTO [PORT]" a line
 *
 * SIDE is a network's number from 1, that of [Nat] behind them, or 0 for
 * production. An answer is a line: "arrives NET SRC DST PORT" as the machine sees
 * it, "leaves SRC DST PORT" where production would, "taken" by what the router
 * runs itself, "answered", or "nobody".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "labrouter/trace.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
fail(const struct err *err)
{
	char text[2048];

	fprintf(stderr, "lab_trace: %s\n", err_text(err, text, sizeof(text)));
	return 2;
}

static void
put_addr(uint32_t a)
{
	const struct in_addr in = { htonl(a) };

	printf(" %s", inet_ntoa(in));
}

static void
put(const struct trace *t)
{
	if (t->end == TRACE_ANSWERED || t->end == TRACE_TAKEN) {
		puts(t->end == TRACE_TAKEN ? "taken" : "answered");
		return;
	}
	if (t->end != TRACE_ARRIVES && t->end != TRACE_LEAVES) {
		puts("nobody");
		return;
	}
	if (t->end == TRACE_ARRIVES)
		printf("arrives %zu", t->network + 1);
	else
		printf("leaves");
	put_addr(t->src);
	put_addr(t->dst);
	printf(" %u\n", t->port);
}

static int
answer(const struct tracer *tracer, char *line, struct err *err)
{
	char *words[6] = { NULL }, *save, *w = strtok_r(line, " \n", &save);
	struct trace_flow flow;
	struct trace t;
	size_t n = 0;
	int rc;

	if (w == NULL)
		return 0;
	flow.from = strtoul(w, NULL, 10) - 1; /* 0: TRACE_PRODUCTION */
	while (n < 5 && (words[n] = strtok_r(NULL, " \n", &save)) != NULL)
		n++;
	if ((rc = trace_words(&flow, words, err)) != 0)
		return rc;
	tracer_run(tracer, &flow, &t);
	put(&t);
	return 0;
}

int
main(int argc, char **argv)
{
	struct tracer *tracer = NULL;
	struct err err = ERR_INIT;
	struct lab lab;
	char line[200];
	int rc = 0;

	if (argc != 2)
		return 2;
	if (lab_read(&lab, argv[1], &err) != 0)
		return fail(&err);
	if ((rc = tracer_new(&tracer, &lab, &err)) == 0)
		while (rc == 0 && fgets(line, sizeof(line), stdin) != NULL)
			rc = answer(tracer, line, &err);
	tracer_free(tracer);
	lab_done(&lab);
	return rc != 0 ? fail(&err) : 0;
}
