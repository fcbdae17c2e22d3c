/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/idle.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

struct job {
	int (*work)(void *ctx, struct err *);
	void *ctx;
	struct err *err;
	int rc;
};

/* On Linux both count for the calling thread alone, and are handed on to those
 * that it makes. Where a sandbox refuses them, the work is done all the
 * same. */
static void
stand_back(int nice)
{
	if (getpriority(PRIO_PROCESS, (id_t)gettid()) < nice)
		(void)setpriority(PRIO_PROCESS, (id_t)gettid(), nice);
	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
	    IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
}

void
idle_process(void)
{
	stand_back(10);
}

static void *
job_run(void *arg)
{
	struct job *job = arg;

	stand_back(19);
	job->rc = job->work(job->ctx, job->err);
	return NULL;
}

int
idle_run(int (*work)(void *ctx, struct err *), void *ctx, struct err *err)
{
	struct job job = { work, ctx, err, 0 };
	sigset_t all, old;
	pthread_t thread;
	int rc;

	/* Signals stay with the caller's thread. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&thread, NULL, job_run, &job);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0) {
		errno = rc;
		return err_sys(err, "cannot start a thread");
	}
	(void)pthread_join(thread, NULL);
	return job.rc;
}
