/*
 * labrouter check: what is wrong in lab files.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command_options.h"
#include "base/log.h"
#include "base/text.h"
#include "check.h"
#include "commands.h"
#include "host_routes.h"
#include "labs.h"
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: labrouter check [LAB...]\n"
    "\n"
    "Name what is wrong in lab files, what contradicts what in and among "
    "them,\n"
    "and which of their networks this host has already. LAB is the name of "
    "one\n"
    "in /etc/lookback/labs, or a file where it holds a slash or ends in .lab;\n"
    "all there where none is given.\n"
    "\n"
    "  -h, --help   show this and exit\n"
    "\n"
    "Exit status: 0 no errors, perhaps warnings; 1 errors; 2 a file or this\n"
    "host's routes cannot be read.\n";

/* A line of the answer; files' names and their text may hold anything. */
static void
say(const char *text)
{
	struct buf b = { 0 };

	if (text_tame(&b, text, strlen(text)) == 0)
		printf("%s\n", buf_str(&b));
	buf_done(&b);
}

struct labs {
	struct lab *lab; /* owned */
	size_t n;
};

/* Those that can be read; what keeps the others from it is told. Returns the
 * status. */
static int
read_labs(const struct strlist *files, struct labs *ret)
{
	int status = LABROUTER_DONE;

	for (size_t i = 0; i < files->n; i++) {
		struct err err = ERR_INIT;
		char text[sizeof(err.where) + sizeof(err.cause)];

		if (lab_read(&ret->lab[ret->n], files->item[i], &err) == 0)
			ret->n++;
		else if (err.code == ERR_FORMAT) {
			say(err_text(&err, text, sizeof(text)));
			if (status == LABROUTER_DONE)
				status = LABROUTER_PROBLEMS;
		} else {
			log_err(&err);
			status = LABROUTER_ERROR;
		}
	}
	return status;
}

/* The labs' findings, lab by lab. */
static void
show(const struct lab_findings *found, const struct lab *const *labs, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (at == found->n || found->item[at].lab != i)
			printf("%s: nothing is wrong\n", labs[i]->name);
		for (; at < found->n && found->item[at].lab == i; at++) {
			char text[1024];

			say(lab_finding_text(
			    &found->item[at], labs, text, sizeof(text)));
		}
	}
}

static int
check_labs(const struct labs *labs, struct err *err)
{
	const struct lab **list = calloc(labs->n + 1, sizeof(struct lab *));
	struct lab_findings found = { 0 };
	struct host_routes routes = { 0 };
	int rc;

	if (list == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < labs->n; i++)
		list[i] = &labs->lab[i];
	if ((rc = host_routes_read(&routes, err)) == 0 &&
	    (rc = lab_check(
		 &found, list, labs->n, routes.route, routes.n, err)) == 0) {
		show(&found, list, labs->n);
		rc = found.n_errors > 0;
	}
	lab_findings_done(&found);
	host_routes_done(&routes);
	free(list);
	return rc;
}

static int
check_files(const struct strlist *files)
{
	struct labs labs = { calloc(files->n, sizeof(struct lab)), 0 };
	struct err err = ERR_INIT;
	int rc, status = LABROUTER_ERROR;

	if (labs.lab == NULL)
		rc = err_nomem(&err);
	else {
		status = read_labs(files, &labs);
		rc = check_labs(&labs, &err);
	}
	if (rc < 0) {
		log_err(&err);
		status = LABROUTER_ERROR;
	} else if (rc == 1 && status == LABROUTER_DONE)
		status = LABROUTER_PROBLEMS;
	for (size_t i = 0; i < labs.n; i++)
		lab_done(&labs.lab[i]);
	free(labs.lab);
	return status;
}

int
labrouter_check(int argc, char **argv)
{
	static const struct command_option none[] = { { NULL, NULL, NULL } };
	struct strlist files = { 0 };
	struct err err = ERR_INIT;
	int first, status;

	if (command_options(none, help, argc, argv, &first, &status) != 0)
		return status;
	if (labs_find(&files, LABS_DIR, argv + first, &err) == 0)
		status = check_files(&files);
	else {
		log_err(&err);
		status = LABROUTER_ERROR;
	}
	strlist_done(&files);
	return status;
}
