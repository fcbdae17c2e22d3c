/*
 * labrouter verify: are the restored machines alive?
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/interrupt.h"
#include "base/log.h"
#include "check_private.h"
#include "commands.h"
#include "host_routes.h"
#include "labs.h"
#include "use.h"
#include "verify.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "usage: labrouter verify [--json] [LAB...]\n"
    "\n"
    "Ask the machines of labs whether they are alive, through their masked\n"
    "addresses as a client does: ping, TCP ports, and a script, as each "
    "[Machine]\n"
    "says. What does not pass is tried again until its Timeout is over, since "
    "a\n"
    "restored machine boots slowly.\n"
    "\n"
    "      --json   one JSON object a lab\n"
    "  -h, --help   show this and exit\n"
    "\n"
    "Exit status: 0 all machines passed; 1 one did not, or a lab has errors; "
    "2\n"
    "they could not be asked.\n"
    "\n" LABS_HELP;

/* A machine outside its network would have another one's address. */
static int
refuse_errors(const struct lab *lab, struct err *err)
{
	const struct lab *const labs[] = { lab };
	const struct lab_host nothing = { 0 };
	struct lab_findings found;
	char text[1024];
	int rc = lab_check(&found, labs, 1, &nothing, err);

	if (rc != 0)
		return rc;
	for (size_t i = 0; i < found.n; i++)
		if (!found.item[i].warning)
			log_error("%s",
			    lab_finding_text(
				&found.item[i], labs, text, sizeof(text)));
	rc = found.n_errors > 0 ? LABROUTER_PROBLEMS : 0;
	lab_findings_done(&found);
	return rc;
}

static bool
has_route(const struct seen_route *route, size_t n, struct prefix mask)
{
	for (size_t i = 0; i < n; i++)
		if (route[i].to.len != 0 && route[i].table != RT_TABLE_LOCAL &&
		    prefix_covers(route[i].to, mask))
			return true;
	return false;
}

/* Production's gateway may know the way, so this is no more than a hint. */
static int
warn_of_routes(const struct lab *lab, struct err *err)
{
	struct seen_route *route;
	size_t n;
	int rc = host_routes_list(&route, &n, err);

	if (rc != 0)
		return rc;
	for (size_t i = 0; i < lab->n_networks; i++) {
		const struct lab_network *net = &lab->network[i];

		if (!has_route(route, n, net->mask))
			log_warn("%s:%d: this host has no route to " NET_FMT
				 " but a default one; the lab's own host has "
				 "one from its start, others from labrouter "
				 "route add",
			    lab->file, net->mask_line, NET(net->mask));
	}
	free(route);
	return 0;
}

static int
report(const struct verify *v, bool json, struct err *err)
{
	struct buf b = { 0 };
	int rc;

	if (json) {
		if ((rc = verify_json(&b, v)) == 0)
			(void)fwrite(b.data, 1, b.len, stdout);
		buf_done(&b);
	} else
		rc = verify_text(v, stdout);
	(void)fflush(stdout);
	return rc != 0 ? err_nomem(err) : 0;
}

/* Who could not even be asked is no failure of his. */
static bool
is_hopeless(const struct verify *v)
{
	for (size_t i = 0; i < v->n_machines; i++)
		for (size_t k = 0; k < v->machine[i].n_checks; k++)
			if (v->machine[i].check[k].hopeless)
				return true;
	return false;
}

static int
verify_lab(const struct lab *lab, bool json, struct err *err)
{
	struct verify v;
	int rc;

	if (lab->n_machines == 0)
		return err_set(err, ERR_NOTFOUND,
		    "%s: there is no [Machine] in it, so nothing to verify",
		    lab->file);
	if ((rc = refuse_errors(lab, err)) != 0 ||
	    (rc = warn_of_routes(lab, err)) != 0 ||
	    (rc = verify_init(&v, lab, err)) != 0)
		return rc;
	if ((rc = verify_run(&v, err)) == 0 &&
	    (rc = report(&v, json, err)) == 0)
		rc = v.n_passed == v.n_machines ? LABROUTER_DONE :
		    is_hopeless(&v)		? LABROUTER_ERROR :
						  LABROUTER_PROBLEMS;
	verify_done(&v);
	return rc;
}

static int
verify_file(const char *file, void *ctx, struct err *err)
{
	const bool *json = ctx;
	struct lab lab;
	int rc;

	if ((rc = lab_read(&lab, file, err)) != 0)
		return rc;
	rc = verify_lab(&lab, *json, err);
	lab_done(&lab);
	return rc;
}

int
labrouter_verify(int argc, char **argv)
{
	interrupt_hold();
	return interrupt_end(labs_each_json(argc, argv, help, verify_file));
}
