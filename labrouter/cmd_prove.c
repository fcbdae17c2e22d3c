/*
 * labrouter prove: does anything of a lab's reach production?
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/interrupt.h"
#include "commands.h"
#include "labs.h"
#include "lease.h"
#include "observe.h"
#include "prove.h"

#include <stdio.h>
#include <sys/random.h>

static const char help[] =
    "usage: labrouter prove [--json] [LAB...]\n"
    "\n"
    "Attack production from each isolated network of a lab that stands, listen "
    "on\n"
    "interface 0 and on this host's interfaces, and tell which frames were "
    "sent,\n"
    "seen in production, and stopped where; after a control that shows that\n"
    "frames would have been seen.\n"
    "\n"
    "      --json   one JSON object a lab\n"
    "  -h, --help   show this and exit\n"
    "\n"
    "Exit status: 0 isolated; 1 a frame was seen in production; 2 nothing is\n"
    "proved.\n"
    "\n" LABS_HELP;

static int
status_of(const struct prove_report *r)
{
	if (r->total.production != 0)
		return LABROUTER_PROBLEMS;
	return r->why_not[0] != '\0' ? LABROUTER_ERROR : LABROUTER_DONE;
}

static int
show(const struct prove_report *r, bool json, struct err *err)
{
	struct buf text = { 0 };
	int rc = json ? prove_json(&text, r) : prove_text(&text, r);

	if (rc != 0)
		rc = err_nomem(err);
	else
		(void)fwrite(text.data, 1, text.len, stdout);
	buf_done(&text);
	return rc;
}

static int
prove_file(const char *file, void *ctx, struct err *err)
{
	const bool *json = ctx;
	struct prove_report report = { 0 };
	struct lab_use use;
	uint64_t seed;
	int rc;

	/* A plan that cannot be made is no answer to what was asked. */
	if ((rc = lab_use_begin(&use, file, false, err)) != 0)
		return rc == ERR_FORMAT ? ERR_USAGE : rc;
	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		rc = err_sys(err, "random numbers");
	else if ((rc = lease_take(&use.lab, err)) >= 0 &&
	    (rc = lab_use_open(&use, err)) == 0 &&
	    (rc = lab_refuse_down(&use, err)) == 0 &&
	    (rc = prove(&use, seed, &report, err)) == 0 &&
	    (rc = show(&report, *json, err)) == 0)
		rc = status_of(&report);
	prove_done(&report);
	lab_use_end(&use);
	return rc;
}

int
labrouter_prove(int argc, char **argv)
{
	interrupt_hold();
	return interrupt_end(labs_each_json(argc, argv, help, prove_file));
}
