/*
 * Programs that run in a lab's namespaces until it stops. Each has a directory,
 * /run/lookback/LAB/NAME, with what it reads, its log, and `pid`, which says
 * who it is; the process itself is the truth about whether it runs.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_PROGRAM_H
#define LAB_NFT_PROGRAM_H

#include "lab_nft.h"
#include "process.h"

#include <lookback/lab.h>

/* Can it be started at all? Looked at before anything is changed. */
int program_check(struct job *, const struct lookback_step *);
do_fn program_do;
do_fn file_do;

/* How a program or its file stands; text says in which way not. */
enum lookback_state program_look(struct job *, struct netns *,
    const struct lookback_step *, const char **ret_text);
enum lookback_state file_look(const struct lookback_step *);

/* End the lab's programs in a namespace that is about to go, whatever the plan
 * says of them. `file` is the namespace's. */
void programs_end_in(const struct job *, const char *file);
/* The names of the lab's programs that no step of the plan runs. */
typedef int program_extra_fn(void *ctx, const char *dir);
int programs_extra(const struct job *, program_extra_fn *, void *ctx);
/* End the one with this directory, which goes too. 1: there was one. */
int program_remove(const char *dir);

/* ---- program_dir.c ---- */

/* With those that it is in. */
int program_make_dir(struct job *, const char *path);
/* Who runs by this directory, if he still runs. */
bool program_read(const char *dir, struct process *ret, uint64_t *ret_sum);
void program_end(const char *dir);

/* ---- program_run.c ---- */

struct launch {
	const char *dir, *path; /* of the executable */
	char *const *argv;
	bool drop; /* to these: */
	uid_t uid;
	gid_t gid;
	const char *resolv; /* what it shall find in /etc/resolv.conf; NULL:
			     * what there is */
	uint64_t sum;	    /* for its pid file */
	int netns;	    /* descriptor */
};

/* Once it returns 0 the program runs, in a session of its own and with no
 * descriptor of ours. */
int program_launch(struct job *, const struct launch *);

/* What names programs in a namespace find: a resolver that this host itself is
 * cannot be reached there. NULL: /etc/resolv.conf as it is. Says so where no
 * server is left. */
const char *program_resolv(struct job *, const char *etc, const char *stub);

#endif
