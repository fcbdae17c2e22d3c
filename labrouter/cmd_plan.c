/*
 * labrouter plan: what starting a lab would do, or stopping it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command_options.h"
#include "base/log.h"
#include "base/text.h"
#include "commands.h"
#include "labs.h"
#include "model.h"
#include "plan.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: labrouter plan [--stop] [LAB...]\n"
    "\n"
    "Print the steps that make a lab stand, in their order, as commands of "
    "ip,\n"
    "sysctl, nft and arping, each below the line of the lab file that it is "
    "for.\n"
    "Nothing is changed. LAB is the name of one in /etc/lookback/labs, or a "
    "file\n"
    "where it holds a slash or ends in .lab; all there where none is given.\n"
    "\n"
    "      --stop   print the steps that take the lab away\n"
    "  -h, --help   show this and exit\n"
    "\n"
    "Exit status: 0 done; 1 a lab has errors; 2 a file cannot be read, or what "
    "it\n"
    "asks cannot be planned.\n";

/* What the lab's Attach is on this host; a NIC where it is not here. */
static enum lab_attach
attach_here(const struct lab *lab)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/sys/class/net/%s/bridge",
	    lab->production.attach);
	return access(path, F_OK) == 0 ? LAB_BRIDGE : LAB_NIC;
}

/* A comment for a shell, which no file's name can end. */
static int
put_place(struct buf *to, const char *file, int line)
{
	if (buf_add(to, "# ", 2) != 0 || text_tame(to, file, strlen(file)) != 0)
		return -1;
	return line == 0 ? buf_add_byte(to, '\n') :
			   buf_printf(to, ":%d\n", line);
}

static int
put_plan(struct buf *to, const struct lab *lab, const struct lookback_plan *p)
{
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct lookback_step *step = &p->steps[i];

		if (((i == 0 || step->line != p->steps[i - 1].line) &&
			put_place(to, lab->file, step->line) != 0) ||
		    lab_step_text(to, step) != 0 || buf_add_byte(to, '\n') != 0)
			return -1;
	}
	return 0;
}

static int
print_plan(const struct lab *lab, bool stop, struct err *err)
{
	struct lookback_plan *plan;
	struct buf text = { 0 };
	int rc;

	rc = stop ? lab_plan_stop(lab, &plan, err) :
		    lab_plan(lab, attach_here(lab), &plan, err);
	if (rc != 0)
		return rc;
	if (put_plan(&text, lab, plan) != 0)
		rc = err_nomem(err);
	else
		(void)fwrite(text.data, 1, text.len, stdout);
	buf_done(&text);
	lab_plan_free(plan);
	return rc;
}

static int
plan_file(const char *file, bool stop)
{
	struct err err = ERR_INIT;
	struct lab lab;
	int rc;

	if ((rc = lab_read(&lab, file, &err)) == 0) {
		rc = print_plan(&lab, stop, &err);
		lab_done(&lab);
	}
	if (rc == 0)
		return LABROUTER_DONE;
	log_err(&err);
	return rc == ERR_FORMAT ? LABROUTER_PROBLEMS : LABROUTER_ERROR;
}

int
labrouter_plan(int argc, char **argv)
{
	bool stop = false;
	const struct command_option options[] = { { "stop", NULL, &stop },
		{ NULL, NULL, NULL } };
	struct strlist files = { 0 };
	struct err err = ERR_INIT;
	int first, status;

	if (command_options(options, help, argc, argv, &first, &status) != 0)
		return status;
	status = LABROUTER_DONE;
	if (labs_find(&files, LABS_DIR, argv + first, &err) != 0) {
		log_err(&err);
		status = LABROUTER_ERROR;
	}
	for (size_t i = 0; i < files.n; i++) {
		int one = plan_file(files.item[i], stop);

		status = one > status ? one : status;
	}
	strlist_done(&files);
	return status;
}
