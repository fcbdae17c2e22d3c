/*
 * A process that may have ended long ago, and whose number may be another's by
 * now: it is known by when it began.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_PROCESS_H
#define LAB_NFT_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct process {
	pid_t pid;
	uint64_t began; /* in the kernel's ticks */
};

/* When the process began; 0 where there is none, or only what is left of it. */
uint64_t process_began(pid_t);
bool process_runs(const struct process *);
/* Is it in this network namespace, of which `ns` is the file? */
bool process_is_in(const struct process *, const struct stat *ns);
/* It ends: asked first; a while later forced, with its group. */
void process_end(const struct process *);

/* Waits a little, where something is looked for again and again. */
void process_pause(void);

#endif
