/*
 * labrouter start and reload: a lab is made to stand as its file says.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command_options.h"
#include "base/interrupt.h"
#include "commands.h"
#include "labs.h"
#include "observe.h"
#include "ready.h"
#include "record.h"
#include "standing.h"

#include <stdio.h>

#define REST                                                                  \
	"\n"                                                                  \
	"  -v, --verbose  print each change as a command of ip, sysctl, nft " \
	"or arping\n"                                                         \
	"  -h, --help     show this and exit\n"                               \
	"\n"                                                                  \
	"Exit status: 0 it stands; 1 the file has errors, and nothing was "   \
	"changed;\n"                                                          \
	"2 it could not be done.\n"                                           \
	"\n" LABS_HELP

static const char start_help[] =
    "usage: labrouter start [-v] [LAB...]\n"
    "\n"
    "Make labs stand as their files say. What stands so already is left as it "
    "is,\n"
    "what is missing or differs is mended, and nothing stays of a lab whose "
    "first\n"
    "start fails.\n" REST;
static const char reload_help[] =
    "usage: labrouter reload [-v] [LAB...]\n"
    "\n"
    "Bring changed files to labs that stand; connections that the new file "
    "allows\n"
    "go on.\n" REST;

struct order {
	bool reload, verbose;
};

static void
say(const struct order *o, const char *name, const struct deed *deed,
    bool stood)
{
	const char *what = o->reload ? "reloaded" :
	    deed->made		     ? "started" :
	    stood		     ? "mended" :
				       "completed";

	if (deed->n_changed > 0)
		printf("%s: %s, %zu change%s\n", name, what, deed->n_changed,
		    deed->n_changed == 1 ? "" : "s");
	else
		printf("%s: %s already\n", name,
		    o->reload ? "stands so" : "stands");
}

static int
bring_up(const struct order *o, struct lab_use *use, struct err *err)
{
	struct deed deed = { .verbose = o->verbose };
	const char *name = use->lab.name;
	struct record_lock lock;
	bool stood;
	int rc;

	if ((rc = lab_use_open(use, err)) != 0)
		return rc;
	rc = record_lock_lab(&lock, name,
	    o->reload ? "labrouter reload" : "labrouter start", err);
	if (rc != 0)
		return err_wrap(err, "%s", name);
	stood = record_is_there(RECORD_STANDS, name);
	if (!o->reload || (rc = lab_refuse_down(use, err)) == 0)
		rc = standing_bring_up(use, &deed, err);
	record_unlock(&lock);
	if (rc == 0)
		say(o, name, &deed, stood);
	return rc;
}

static int
start_file(const char *file, void *ctx, struct err *err)
{
	struct lab_use use;
	int rc;

	if ((rc = lab_use_begin(&use, file, false, err)) != 0)
		return lab_unplanned(file, rc, err);
	rc = bring_up(ctx, &use, err);
	lab_use_end(&use);
	return rc;
}

static int
run(struct order *o, const char *help, int argc, char **argv)
{
	const struct command_option options[] = {
		{ "v,verbose", NULL, &o->verbose }, { NULL, NULL, NULL }
	};
	int first, status;

	if (command_options(options, help, argc, argv, &first, &status) != 0)
		return status;
	interrupt_hold();
	return interrupt_end(labs_each(argv + first, start_file, o));
}

int
labrouter_start(int argc, char **argv)
{
	struct order o = { 0 };

	return run(&o, start_help, argc, argv);
}

int
labrouter_reload(int argc, char **argv)
{
	struct order o = { .reload = true };

	return run(&o, reload_help, argc, argv);
}
