/*
 * labrouter detach: an attached interface comes back.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command_options.h"
#include "base/log.h"
#include "commands.h"
#include "place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: labrouter detach [--lab LAB] INTERFACE [NETWORK]\n"
    "\n"
    "Take an interface off an isolated network; it comes back to this host, "
    "down.\n"
    "Without NETWORK, a name or a number, it is taken from wherever it hangs. "
    "A\n"
    "tap that attach made ends.\n"
    "\n"
    "      --lab LAB   the lab, a name or a file\n"
    "  -h, --help      show this and exit\n"
    "\n"
    "Exit status: 0 done; 1 a lab file has errors; 2 it could not be done.\n";

static int
detach(struct lab_place *p, const char *interface, struct err *err)
{
	const struct lookback_lab *ops = &p->use.plugin.lab;
	int rc;

	if (ops->detach == NULL)
		return err_set(err, ERR_USAGE, "%s detaches nothing",
		    p->use.plugin.info.name);
	rc = plugin_result(&p->use.handle,
	    ops->detach(p->use.handle.self, &p->at, interface), err);
	if (rc != 0)
		(void)lab_place_wrap(p, err);
	else
		printf("%s: detached from %s of %s\n", interface,
		    p->use.lab.network[p->network].name, p->use.lab.name);
	return rc;
}

/* Not here, or there is no here: it may hang elsewhere. */
static bool
is_elsewhere(int rc, const struct err *err)
{
	return rc == ERR_SYS && (err->sys == ENODEV || err->sys == ENETDOWN);
}

struct search {
	const char *interface;
	bool found;
};

static int
search_lab(const char *file, void *ctx, struct err *err)
{
	struct search *s = ctx;
	struct lab_place p;
	int rc;

	rc = lab_place_open(&p, file, err);
	if (rc != 0)
		return rc == ERR_USAGE ? 0 : rc; /* no switches */
	for (size_t i = 0; i < p.use.lab.n_networks && rc == 0; i++) {
		lab_place_go(&p, i);
		if ((rc = detach(&p, s->interface, err)) == 0)
			s->found = true;
		else if (is_elsewhere(rc, err))
			rc = 0;
	}
	lab_place_end(&p);
	return rc;
}

/* From wherever it hangs; of two of this name the second has no room here, which
 * is an error. */
static int
detach_anywhere(const char *lab, const char *interface)
{
	char *one = lab != NULL ? strdup(lab) : NULL;
	char *const words[] = { one, NULL };
	struct search s = { interface, false };
	int status = LABROUTER_ERROR;

	if (lab != NULL && one == NULL)
		log_error("out of memory");
	else
		status = labs_each(words, search_lab, &s);
	free(one);
	if (status == LABROUTER_DONE && !s.found) {
		log_error("%s is not attached", interface);
		status = LABROUTER_ERROR;
	}
	return status;
}

int
labrouter_detach(int argc, char **argv)
{
	const char *lab = NULL;
	const struct command_option options[] = { { "lab", &lab, NULL },
		{ NULL, NULL, NULL } };
	struct err err = ERR_INIT;
	struct lab_place p;
	int first, status, rc;

	if (command_options(options, help, argc, argv, &first, &status) != 0)
		return status;
	if (argc - first != 1 && argc - first != 2) {
		log_error("give an interface, and perhaps its network");
		return LABROUTER_ERROR;
	}
	if (argc - first == 1)
		return detach_anywhere(lab, argv[first]);
	if ((rc = lab_place_find(&p, lab, argv[first + 1], &err)) == 0) {
		rc = detach(&p, argv[first], &err);
		lab_place_end(&p);
	}
	if (rc == 0)
		return LABROUTER_DONE;
	log_err(&err);
	return rc == ERR_FORMAT ? LABROUTER_PROBLEMS : LABROUTER_ERROR;
}
