/*
 * The system calls that are left. What is not named fails with EPERM: a library
 * that tries something goes another way, or says what it could not do.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/jail_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* ---- with any arguments ---- */

static const int always[] = {
	/* memory; what is mapped executable is below */
	SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(mremap), SCMP_SYS(munmap),
	SCMP_SYS(mincore),
	/* what is open; pipes and events of our own */
	SCMP_SYS(close), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3),
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(preadv),
	SCMP_SYS(preadv2), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(pwrite64), SCMP_SYS(lseek), SCMP_SYS(_llseek), SCMP_SYS(fstat),
	SCMP_SYS(fstat64), SCMP_SYS(fstatfs), SCMP_SYS(fstatfs64),
	SCMP_SYS(fadvise64), SCMP_SYS(fadvise64_64), SCMP_SYS(readahead),
	SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(eventfd2), SCMP_SYS(poll),
	SCMP_SYS(ppoll), SCMP_SYS(ppoll_time64), SCMP_SYS(select),
	SCMP_SYS(_newselect), SCMP_SYS(pselect6), SCMP_SYS(pselect6_time64),
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	/* connections that stand */
	SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(recv), SCMP_SYS(sendto),
	SCMP_SYS(sendmsg), SCMP_SYS(send), SCMP_SYS(shutdown),
	SCMP_SYS(getsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
	/* threads, signals of our own, time, and who we are */
	SCMP_SYS(futex), SCMP_SYS(futex_time64), SCMP_SYS(set_robust_list),
	SCMP_SYS(get_robust_list), SCMP_SYS(rseq), SCMP_SYS(membarrier),
	SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(getcpu),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigreturn), SCMP_SYS(rt_sigpending),
	SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(exit),
	SCMP_SYS(exit_group), SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64), SCMP_SYS(clock_getres),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(clock_nanosleep_time64),
	SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(times), SCMP_SYS(getrusage), SCMP_SYS(getrlimit),
	SCMP_SYS(ugetrlimit), SCMP_SYS(getpid), SCMP_SYS(getppid),
	SCMP_SYS(gettid), SCMP_SYS(wait4), SCMP_SYS(waitid), SCMP_SYS(getuid),
	SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
	SCMP_SYS(getuid32), SCMP_SYS(geteuid32), SCMP_SYS(getgid32),
	SCMP_SYS(getegid32), SCMP_SYS(uname), SCMP_SYS(sysinfo),
	SCMP_SYS(getrandom)
};

/* Where Landlock says what may be opened. */
static const int files[] = { SCMP_SYS(open), SCMP_SYS(openat),
	SCMP_SYS(openat2), SCMP_SYS(stat), SCMP_SYS(stat64), SCMP_SYS(lstat),
	SCMP_SYS(lstat64), SCMP_SYS(newfstatat), SCMP_SYS(fstatat64),
	SCMP_SYS(statx), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
	SCMP_SYS(getdents), SCMP_SYS(getdents64), SCMP_SYS(access),
	SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(fgetxattr),
	SCMP_SYS(flistxattr), SCMP_SYS(getcwd), SCMP_SYS(statfs) };

/* What a program needs to begin; and to serve a socket that it was given. */
static const int program[] = { SCMP_SYS(execve), SCMP_SYS(mmap),
	SCMP_SYS(mmap2), SCMP_SYS(mprotect), SCMP_SYS(arch_prctl),
	SCMP_SYS(set_thread_area), SCMP_SYS(set_tls), SCMP_SYS(set_tid_address),
	SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(setsockopt),
	SCMP_SYS(signalfd4), SCMP_SYS(eventfd), SCMP_SYS(epoll_create),
	SCMP_SYS(pwritev), SCMP_SYS(fsync), SCMP_SYS(fdatasync),
	SCMP_SYS(rt_sigtimedwait), SCMP_SYS(umask), SCMP_SYS(getgroups),
	SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
	SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime), SCMP_SYS(chdir) };

/* ---- with some ---- */

/* Not those that name who is sent a signal, or set locks. */
static const int fcntl_commands[] = { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD,
	F_SETFD, F_GETFL, F_SETFL };
/* qemu asks whether others use an image. */
static const int fcntl_program[] = { F_OFD_GETLK, F_OFD_SETLK, F_GETLK,
	F_SETLK };
/* How large a disk is; what a terminal says to isatty, wherever it may be. */
static const unsigned long ioctls[] = { FIONREAD, FIONBIO, FIOCLEX, BLKGETSIZE,
	BLKGETSIZE64, BLKSSZGET, BLKPBSZGET, BLKROGET, BLKALIGNOFF, TCGETS };
/* The name of a thread. */
static const int prctls[] = { PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE };

/* A thread is made by a clone with CLONE_THREAD and no namespace. */
#define CLONE_FLAGS                                                      \
	(CLONE_THREAD | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |   \
	    CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | \
	    CLONE_PTRACE)
#if defined(__s390__)
#define CLONE_ARG 1
#else
#define CLONE_ARG 0
#endif

/* ---- the filter ---- */

/* libseccomp returns a negative errno. Calls that this machine does not have
 * are no failure to it. */
static int
allow(scmp_filter_ctx ctx, const int *calls, size_t n)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0);
	return rc;
}

/* Where argument `arg`, masked, is `value`. */
static int
allow_if(
    scmp_filter_ctx ctx, int call, unsigned arg, uint64_t mask, uint64_t value)
{
	struct scmp_arg_cmp is = SCMP_CMP64(
	    arg, SCMP_CMP_MASKED_EQ, mask, value);

	return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, call, 1, &is);
}

static int
allow_fcntl(scmp_filter_ctx ctx, const int *commands, size_t n)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		uint64_t command = (uint64_t)commands[i];

		if ((rc = allow_if(
			 ctx, SCMP_SYS(fcntl), 1, UINT32_MAX, command)) == 0)
			rc = allow_if(
			    ctx, SCMP_SYS(fcntl64), 1, UINT32_MAX, command);
	}
	return rc;
}

/* Memory, but none that is executed. */
static int
allow_maps(scmp_filter_ctx ctx)
{
	static const int calls[] = { SCMP_SYS(mmap), SCMP_SYS(mmap2),
		SCMP_SYS(mprotect) };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < N(calls); i++)
		rc = allow_if(ctx, calls[i], 2, PROT_EXEC, 0);
	return rc;
}

static int
allow_some(scmp_filter_ctx ctx, struct jail_calls calls)
{
	/* Threads of our own; of the parent's process it is refused. The
	 * program has this process' number. */
	const uint64_t self = (uint64_t)getpid();
	int rc;

	if ((rc = allow_fcntl(ctx, fcntl_commands, N(fcntl_commands))) != 0)
		return rc;
	for (size_t i = 0; i < N(ioctls); i++)
		if ((rc = allow_if(
			 ctx, SCMP_SYS(ioctl), 1, UINT32_MAX, ioctls[i])) != 0)
			return rc;
	for (size_t i = 0; i < N(prctls); i++)
		if ((rc = allow_if(ctx, SCMP_SYS(prctl), 0, UINT32_MAX,
			 (uint64_t)prctls[i])) != 0)
			return rc;
	/* glibc falls back to clone, whose flags can be looked at. */
	if ((rc = seccomp_rule_add(
		 ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0)) != 0 ||
	    (rc = allow_if(ctx, SCMP_SYS(clone), CLONE_ARG, CLONE_FLAGS,
		 CLONE_THREAD)) != 0 ||
	    (rc = allow_if(ctx, SCMP_SYS(tgkill), 0, UINT32_MAX, self)) != 0 ||
	    /* Its own limits, which it cannot raise. */
	    (rc = allow_if(ctx, SCMP_SYS(prlimit64), 0, UINT32_MAX, 0)) != 0)
		return rc;
	if (calls.program)
		return allow_fcntl(ctx, fcntl_program, N(fcntl_program));
	if ((rc = allow_maps(ctx)) != 0 || calls.files)
		return rc;
	/* fstat, as glibc has it. With a path in place of the empty one it tells
	 * what stat tells of a file; that is let go. */
	if ((rc = allow_if(ctx, SCMP_SYS(newfstatat), 3, AT_EMPTY_PATH,
		 AT_EMPTY_PATH)) != 0)
		return rc;
	return allow_if(ctx, SCMP_SYS(statx), 2, AT_EMPTY_PATH, AT_EMPTY_PATH);
}

int
jail_seccomp(struct jail_calls calls, struct err *err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc;

	if (ctx == NULL)
		return err_nomem(err);
	/* Another machine's calls, as of a 32-bit program, would be others than
	 * are named here. */
	if ((rc = seccomp_attr_set(
		 ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS)) == 0 &&
	    (rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1)) == 0 &&
	    (rc = allow(ctx, always, N(always))) == 0 &&
	    (!calls.files || (rc = allow(ctx, files, N(files))) == 0) &&
	    (!calls.program || (rc = allow(ctx, program, N(program))) == 0) &&
	    (rc = allow_some(ctx, calls)) == 0)
		rc = seccomp_load(ctx);
	seccomp_release(ctx);
	if (rc != 0) {
		errno = -rc;
		return err_sys(err, "seccomp");
	}
	return 0;
}
