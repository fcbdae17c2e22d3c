/*
 * The jail, but its walls: privileges and resources.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/jail_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Descriptors that can be made: of threads and their waiting; and of directories
 * where some may be opened. What is open already counts as well. */
#define FILES_BLIND 64
#define FILES_SEEING 512

/* How many threads we are, and how much we have mapped: fields 20 and 23 of
 * proc_pid_stat(5). */
static int
measure(long *ret_threads, uint64_t *ret_mapped, struct err *err)
{
	char text[1024], *p, *rest;
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd < 0 || len < 0) {
		(void)err_sys(err, "/proc/self/stat");
		if (fd >= 0)
			(void)close(fd);
		return ERR_SYS;
	}
	(void)close(fd);
	text[len] = '\0';
	/* Field 2 is a name in parentheses, with any byte in it. */
	p = strrchr(text, ')');
	for (int field = 2; p != NULL && field < 20; field++)
		p = strchr(p + 1, ' ');
	if (p == NULL)
		return err_set(err, ERR_FORMAT, "/proc/self/stat: too short");
	*ret_threads = strtol(p, &rest, 10);
	(void)strtol(rest, &rest, 10);
	(void)strtoll(rest, &rest, 10);
	*ret_mapped = strtoull(rest, NULL, 10);
	return 0;
}

static int
limit(int what, uint64_t soft, uint64_t hard, const char *name, struct err *err)
{
	struct rlimit now;

	if (getrlimit((__rlimit_resource_t)what, &now) != 0)
		return err_sys(err, "limit of %s", name);
	/* Never more than we may have already. */
	if (hard < now.rlim_max)
		now.rlim_max = hard;
	now.rlim_cur = soft < now.rlim_max ? soft : now.rlim_max;
	if (setrlimit((__rlimit_resource_t)what, &now) != 0)
		return err_sys(err, "limit of %s", name);
	return 0;
}

static int
limits(const struct jail_options *o, uint64_t mapped, struct err *err)
{
	uint64_t files = o->n_see > 0 ? FILES_SEEING : FILES_BLIND;
	uint64_t all;
	int rc;

	if ((rc = limit(RLIMIT_CORE, 0, 0, "core dumps", err)) != 0 ||
	    (rc = limit(RLIMIT_NOFILE, files, files, "open files", err)) != 0)
		return rc;
	/* One second more for a SIGXCPU that is caught. */
	if (o->cpu_s > 0 &&
	    (rc = limit(RLIMIT_CPU, o->cpu_s, o->cpu_s + 1, "processor time",
		 err)) != 0)
		return rc;
	/* A sanitizer writes what it finds to standard error, which may be a
	 * file. */
	if (SANITIZED)
		return 0;
	/* A write to a file is an error then, and no signal. */
	(void)signal(SIGXFSZ, SIG_IGN);
	if ((rc = limit(RLIMIT_FSIZE, 0, 0, "written files", err)) != 0)
		return rc;
	if (o->memory == 0 || __builtin_add_overflow(mapped, o->memory, &all))
		return 0;
	return limit(RLIMIT_AS, all, all, "memory", err);
}

/* A superuser without capabilities owns what root owns, but its own files are
 * not to be had by paths; what it may see it may see whoever owns it. */
static int
privileges(bool sees, struct err *err)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct caps[2];
	const uint32_t left = sees ? 1u << CAP_DAC_READ_SEARCH : 0;

	/* So that also a program that root executes gets none; who may not drop
	 * them has none that a program could get. */
	for (unsigned long cap = 0; cap < 64; cap++)
		if ((left >> (cap & 31) & 1) == 0 || cap > 31)
			(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (syscall(SYS_capget, &head, caps) != 0)
		return err_sys(err, "capget");
	caps[0].effective &= left;
	caps[0].permitted &= left;
	caps[0].inheritable = 0;
	memset(&caps[1], 0, sizeof(caps[1]));
	if (syscall(SYS_capset, &head, caps) != 0)
		return err_sys(err, "capset");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_sys(err, "no_new_privs");
	return 0;
}

static int
enter(const struct jail_options *o, const char *program, struct err *err)
{
	const struct jail_calls calls = {
		.files = program != NULL || o->n_see > 0,
		.program = program != NULL,
	};
	uint64_t mapped = 0;
	long threads;
	int rc;

	if ((rc = measure(&threads, &mapped, err)) != 0)
		return rc;
	/* Landlock would not bind the others. */
	if (threads != 1 && !SANITIZED)
		return err_set(err, ERR_USAGE, "there are threads already");
	/* What is mapped now is gone when the program is executed. */
	if (program != NULL)
		mapped = 0;
	if ((rc = privileges(calls.files, err)) != 0 ||
	    (rc = limits(o, mapped, err)) != 0 ||
	    (rc = jail_landlock(o, program, err)) != 0)
		return rc;
	return jail_seccomp(calls, err);
}

int
jail_enter(const struct jail_options *o, struct err *err)
{
	int rc;

	tzset();
	/* Nobody reads its memory: there may be a key in it. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		rc = err_sys(err, "dumpable");
	else
		rc = enter(o, NULL, err);
	return rc == 0 ? 0 : err_wrap(err, "jail");
}

int
jail_program(const struct jail_options *o, const char *program, pid_t parent,
    struct err *err)
{
	int rc;

	/* First: the jail has no such call. Giving up privileges keeps it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		rc = err_sys(err, "signal of the parent's death");
	else if (getppid() != parent)
		rc = err_set(err, ERR_CANCELLED, "the parent is gone");
	else
		rc = enter(o, program, err);
	return rc == 0 ? 0 : err_wrap(err, "jail of %s", program);
}
