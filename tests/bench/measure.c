/*
 * Run commands by turns and say how long they took and how much memory.
 *
 *   measure RUNS PREPARE COMMAND [ARG...] [::: PREPARE COMMAND [ARG...]]...
 *
 * Before each run the shell runs PREPARE (may be ""), outside the time. Output
 * of the commands is dropped. One line a command: median wall seconds, peak
 * KiB of the largest process, exit status of the last run.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/stopwatch.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMMANDS_MAX 16
#define RUNS_MAX 101

struct command {
	char *prepare;
	char **argv;
	double seconds[RUNS_MAX];
	long peak_kib;
	int status;
};

static void
run(struct command *c, int turn)
{
	struct rusage usage;
	int fd, status;
	double start;
	pid_t pid;

	if (*c->prepare != '\0' && system(c->prepare) != 0)
		errx(2, "failed: %s", c->prepare);
	start = stopwatch_now();
	if ((pid = fork()) == -1)
		err(2, "fork");
	if (pid == 0) {
		if ((fd = open("/dev/null", O_WRONLY)) == -1 ||
		    dup2(fd, STDOUT_FILENO) == -1)
			err(126, "/dev/null");
		execvp(c->argv[0], c->argv);
		err(127, "%s", c->argv[0]);
	}
	if (wait4(pid, &status, 0, &usage) == -1)
		err(2, "wait4");
	c->seconds[turn] = stopwatch_now() - start;
	if (usage.ru_maxrss > c->peak_kib)
		c->peak_kib = usage.ru_maxrss;
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) :
					128 + WTERMSIG(status);
}

int
main(int argc, char **argv)
{
	static struct command commands[COMMANDS_MAX];
	int n = 0, runs = argc > 3 ? atoi(argv[1]) : 0; // NOLINT: tests' own

	if (runs < 1 || runs > RUNS_MAX)
		errx(2, "usage: measure RUNS PREPARE COMMAND... [::: ...]");
	for (int i = 2; i < argc; i++) {
		if (n == COMMANDS_MAX || i + 1 >= argc)
			errx(2, "too many commands, or an empty one");
		commands[n].prepare = argv[i];
		commands[n++].argv = argv + i + 1;
		while (i < argc && strcmp(argv[i], ":::") != 0)
			i++;
		argv[i] = NULL;
	}
	for (int turn = 0; turn < runs; turn++)
		for (int i = 0; i < n; i++)
			run(&commands[i], turn);
	for (int i = 0; i < n; i++)
		printf("%.4f %ld %d\n",
		    stopwatch_median(commands[i].seconds, (size_t)runs),
		    commands[i].peak_kib, commands[i].status);
	return 0;
}
