/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command.h"
#include "base/command_options.h"
#include "base/log.h"
#include "base/version.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
print_help(const struct program *p, FILE *out)
{
	fprintf(out,
	    "usage: %s COMMAND [OPTION]...\n"
	    "       %s --help | --version\n\n",
	    p->name, p->name);
	for (const struct command *c = p->commands; c->name != NULL; c++)
		fprintf(out, "  %-10s %s\n", c->name, c->help);
	fprintf(out, "\n'%s COMMAND --help' lists the options of a command.\n",
	    p->name);
}

/* What nobody could read was not done whole. */
static int
flushed(const struct program *p, int status)
{
	if (status != COMMAND_DONE || (fflush(stdout) == 0 && !ferror(stdout)))
		return status;
	log_error("standard output: cannot write all of it");
	return p->unread;
}

void
program_begin(const char *name)
{
	int fd;

	/* A file of ours under a standard number would get what is printed. One
	 * that cannot be written says so like the closed one. */
	while ((fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0 &&
	    fd <= STDERR_FILENO)
		(void)fcntl(fd, F_SETFD, 0);
	if (fd >= 0)
		(void)close(fd);
	/* A reader that goes away is a failed write, told like any other. */
	(void)signal(SIGPIPE, SIG_IGN);
	/* Whoever ignores his children's ends passes that on, and how ours end
	 * would never be known. */
	(void)signal(SIGCHLD, SIG_DFL);
	log_program(name);
}

int
program_main(const struct program *p, int argc, char **argv)
{
	char name[32];

	program_begin(p->name);
	if (argc < 2) {
		print_help(p, stderr);
		return COMMAND_WRONG;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(p, stdout);
		return COMMAND_DONE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		printf("%s (Lookback) " LOOKBACK_VERSION "\n", p->name);
		return COMMAND_DONE;
	}
	for (const struct command *c = p->commands; c->name != NULL; c++) {
		if (strcmp(argv[1], c->name) != 0)
			continue;
		/* So that getopt's messages begin as ours do. */
		(void)snprintf(name, sizeof(name), "%s %s", p->name, c->name);
		argv[1] = name;
		return flushed(p, c->run(argc - 1, argv + 1));
	}
	fprintf(stderr, "%s: unknown command \"%s\"; '%s --help' lists them\n",
	    p->name, argv[1], p->name);
	return COMMAND_WRONG;
}
