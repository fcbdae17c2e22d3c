/*
 * labrouter attach: a machine's interface becomes a port of a network's switch.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command_options.h"
#include "base/log.h"
#include "commands.h"
#include "labs.h"
#include "place.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: labrouter attach [--lab LAB] INTERFACE NETWORK\n"
    "       labrouter attach [--lab LAB] --tap NAME NETWORK -- PROGRAM "
    "[ARG...]\n"
    "\n"
    "Hang a machine's interface, which is one of this host's, on the switch of "
    "an\n"
    "isolated network that stands. It vanishes here until detach. NETWORK is "
    "its\n"
    "name or its number in the file. With --tap, make a tap there and run "
    "PROGRAM\n"
    "with it as descriptor 3, as in -netdev tap,id=net0,fd=3 of QEMU.\n"
    "\n"
    "      --lab LAB    the lab, a name or a file; needed where several have "
    "such\n"
    "                   a network\n"
    "      --tap NAME   make a tap of this name, which ends with PROGRAM\n"
    "  -h, --help       show this and exit\n"
    "\n"
    "Exit status: 0 done; 1 a lab file has errors; 2 it could not be done; "
    "with\n"
    "--tap, that of PROGRAM.\n";

/* The way to production, hung on an isolated switch, would be the end of all
 * isolation. */
static int
check_outer(const struct lab *lab, const char *interface, struct err *err)
{
	if (strcmp(lab->production.attach, interface) != 0)
		return 0;
	return err_set(err, ERR_USAGE,
	    "%s is production's, Attach of %s:%d; name a machine's interface",
	    interface, lab->file, lab->production.attach_line);
}

/* The same of all labs; of those that cannot be read nothing is known. */
static int
check_all_outer(const char *interface, struct err *err)
{
	char *const all[] = { NULL };
	struct strlist files = { 0 };
	struct err ignored = ERR_INIT;
	struct lab lab;
	int rc = 0;

	if (labs_find(&files, LABS_DIR, all, &ignored) != 0)
		return 0;
	for (size_t i = 0; i < files.n && rc == 0; i++) {
		if (lab_read(&lab, files.item[i], &ignored) != 0)
			continue;
		rc = check_outer(&lab, interface, err);
		lab_done(&lab);
	}
	strlist_done(&files);
	return rc;
}

static int
attach(const char *lab, const char *network, const char *interface, int *ret_fd,
    struct err *err)
{
	const struct lookback_lab *ops;
	struct lab_place p;
	int rc;

	if ((rc = lab_place_find(&p, lab, network, err)) != 0)
		return rc;
	ops = &p.use.plugin.lab;
	if (ops->attach == NULL)
		rc = err_set(err, ERR_USAGE, "%s attaches nothing",
		    p.use.plugin.info.name);
	else if ((rc = check_outer(&p.use.lab, interface, err)) == 0)
		rc = plugin_result(&p.use.handle,
		    ops->attach(p.use.handle.self, &p.at, interface, ret_fd),
		    err);
	if (rc != 0)
		(void)lab_place_wrap(&p, err);
	else if (ret_fd == NULL)
		printf("%s: attached to %s of %s\n", interface,
		    p.use.lab.network[p.network].name, p.use.lab.name);
	lab_place_end(&p);
	return rc;
}

/* The first descriptor that is nobody's: 3, but for what the caller opened. */
static int
first_free(void)
{
	int fd = 3;

	while (fcntl(fd, F_GETFD) >= 0)
		fd++;
	return fd;
}

/* The program with the descriptor under this number; returns where it fails. */
static int
become(char *const *program, int fd, int number, struct err *err)
{
	if (fd == number ? fcntl(fd, F_SETFD, 0) < 0 : dup2(fd, number) < 0)
		return err_sys(err, "descriptor %d", number);
	(void)signal(SIGPIPE, SIG_DFL); /* as we were started */
	(void)execvp(program[0], program);
	return err_sys(err, "%s", program[0]);
}

static int
run(const char *lab, const char *tap, char *const *words, struct err *err)
{
	const int number = first_free();
	int fd, rc;

	if (tap != NULL)
		return (rc = attach(lab, words[0], tap, &fd, err)) != 0 ?
		    rc :
		    become(words + 1, fd, number, err);
	if ((rc = check_all_outer(words[0], err)) != 0)
		return rc;
	return attach(lab, words[1], words[0], NULL, err);
}

int
labrouter_attach(int argc, char **argv)
{
	const char *lab = NULL, *tap = NULL;
	const struct command_option options[] = { { "lab", &lab, NULL },
		{ "tap", &tap, NULL }, { NULL, NULL, NULL } };
	struct err err = ERR_INIT;
	int first, status, rc;

	if (command_options(options, help, argc, argv, &first, &status) != 0)
		return status;
	if (tap != NULL ? argc - first < 2 : argc - first != 2) {
		log_error("%s",
		    tap != NULL ?
			"give a network, and behind -- the program to run" :
			"give an interface and a network");
		return LABROUTER_ERROR;
	}
	rc = run(lab, tap, argv + first, &err);
	if (rc == 0)
		return LABROUTER_DONE;
	log_err(&err);
	return rc == ERR_FORMAT ? LABROUTER_PROBLEMS : LABROUTER_ERROR;
}
