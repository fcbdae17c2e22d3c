/*
 * The jail: what a process gives up before it parses what others wrote. There is
 * no way back, also not by exec.
 *
 * Two walls, each of which holds alone: Landlock (no file, no TCP, no abstract
 * socket) and seccomp (a short list of system calls; all others are EPERM). A
 * kernel without Landlock has the second only: that is enough where nothing may
 * be opened, and else it is ERR_REFUSED.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SYS_JAIL_H
#define SYS_JAIL_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct jail_options {
	/* Descriptors (O_PATH ones as well). What they are, or what is below
	 * them, may be opened for reading; nothing else may be opened. */
	const int *see;
	size_t n_see;
	uint64_t memory; /* bytes beyond what is mapped now; 0: no bound. None
			  * in a build with a sanitizer, which maps terabytes */
	uint64_t cpu_s;	 /* of processor time, then SIGXCPU; 0: no bound */
};

/* From here on nothing can be opened (but what options say), connected, started,
 * traced, mounted or killed, and no file can be written. What is open stays so
 * and can be read, written to, waited for; memory and threads can be had, but
 * no memory that is executed. The process must have one thread yet, and must
 * end by _exit.
 *
 * What a library opens late fails after this: character sets of iconv, helper
 * programs, locales, name service. A plugin that needs one asks for it in
 * attach. The local time zone is read here. */
int jail_enter(const struct jail_options *, struct err *);

/* The same for a helper program, in the child that executes it next, after the
 * descriptors are where the program wants them. The file `program`, and what is
 * in the system's folders of libraries, may be executed and read. Unix sockets
 * that it has already (also one that listens) and threads are all that it gets:
 * it starts no process. It is killed when the thread of `parent` that forked it
 * ends, however that happens. */
int jail_program(const struct jail_options *, const char *program, pid_t parent,
    struct err *);

#endif
