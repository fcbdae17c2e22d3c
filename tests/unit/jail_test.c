/*
 * The jail from inside: a child enters it and tries what must not be possible.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sys/jail_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/expect.h"
#include "tests/support/scratch.h"

/* A sanitizer maps terabytes and writes what it finds to a file: there the jail
 * bounds neither, and these are no tests. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define BOUNDED
#endif

static const struct jail_options blind;
static struct scratch scratch;

/* ---- a child in jail ---- */

/* Fails its test from inside: what went wrong, and exit 1. */
#define must(good) ((good) ? (void)0 : wrong(#good, __LINE__))
static void
wrong(const char *what, int line)
{
	(void)fprintf(
	    stderr, "%d: not so: %s (%s)\n", line, what, strerror(errno));
	_exit(1);
}

static void
enter(const struct jail_options *o)
{
	struct err err = ERR_INIT;

	if (jail_enter(o, &err) != 0)
		wrong(told(&err), __LINE__);
}

/* How a child ended that entered this jail and did that. */
static int
in_jail(const struct jail_options *o, void (*deed)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		enter(o);
		deed();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* ---- what it may not ---- */

#define A(p) ((long)(intptr_t)(p))
static char bytes[65536] __attribute__((aligned(4096)));
static int kept_file, kept_socket, their_fd;

static void
nothing_is_left_to_try(void)
{
	static char *const argv[] = { (char *)(intptr_t) "true", NULL };
	static const struct {
		const char *what;
		long nr, arg[5];
	} deeds[] = {
#define TRY(nr, ...)                \
	{                           \
#nr, SYS_##nr,      \
		{                   \
			__VA_ARGS__ \
		}                   \
	}
		TRY(openat, AT_FDCWD, A("/etc/passwd"), O_RDONLY),
		TRY(openat, AT_FDCWD, A("/"), O_PATH),
		TRY(openat, AT_FDCWD, A("/tmp"), O_TMPFILE | O_RDWR, 0600),
		TRY(openat, AT_FDCWD, A("/proc/self/mem"), O_RDWR),
		TRY(openat2, AT_FDCWD, A("/etc/passwd"), A(bytes), 24),
		TRY(open_by_handle_at, 3, A(bytes), O_RDONLY),
		TRY(name_to_handle_at, AT_FDCWD, A("/"), A(bytes), A(bytes), 0),
		TRY(memfd_create, A("x"), 0),
		TRY(newfstatat, AT_FDCWD, A("/etc/passwd"), A(bytes), 0),
		TRY(statx, AT_FDCWD, A("/etc/passwd"), 0, 0xfff, A(bytes)),
		TRY(readlinkat, AT_FDCWD, A("/proc/self/exe"), A(bytes), 9),
		TRY(chdir, A("/")),
		TRY(chroot, A("/")),
		TRY(unlinkat, AT_FDCWD, A("/nothing-here"), 0),
		TRY(mkdirat, AT_FDCWD, A("/tmp/never"), 0700),
		TRY(renameat2, AT_FDCWD, A("/a-1"), AT_FDCWD, A("/a-2")),
		TRY(symlinkat, A("x"), AT_FDCWD, A("/tmp/never")),
		TRY(mknodat, AT_FDCWD, A("/tmp/never"), S_IFIFO | 0600, 0),
		TRY(fchmodat, AT_FDCWD, A("/nothing-here"), 0600),
		TRY(utimensat, 3, 0, 0, 0),
		TRY(fchmod, 3, 0600),
		TRY(fchown, 3, 0, 0),
		TRY(ftruncate, 3, 0),
		TRY(fallocate, 3, 0, 0, 1),
		TRY(copy_file_range, 3, 0, 3, 0, 1),
		TRY(splice, 3, 0, 3, 0, 1),
		TRY(sendfile, 3, 3, 0, 1),
		TRY(inotify_init1, 0),
		TRY(fanotify_init, 0, 0),
		TRY(socket, AF_INET, SOCK_STREAM, 0),
		TRY(socket, AF_INET6, SOCK_DGRAM, 0),
		TRY(socket, AF_UNIX, SOCK_STREAM, 0),
		TRY(socket, AF_NETLINK, SOCK_RAW, 0),
		TRY(socketpair, AF_UNIX, SOCK_STREAM, 0, A(bytes)),
		TRY(connect, 4, A(bytes), 16),
		TRY(bind, 4, A(bytes), 16),
		TRY(listen, 4, 1),
		TRY(accept4, 4, 0, 0, 0),
		TRY(setsockopt, 4, SOL_SOCKET, SO_DEBUG, A(bytes), 4),
		TRY(execve, A("/bin/true"), A(argv), A(argv + 1)),
		TRY(execveat, AT_FDCWD, A("/bin/true"), A(argv), A(argv + 1)),
		TRY(clone, SIGCHLD),
		TRY(clone, CLONE_VM | SIGCHLD),
		TRY(clone, CLONE_NEWUSER | SIGCHLD),
		TRY(clone, CLONE_THREAD | CLONE_NEWNET),
		TRY(clone3, 0, 0),
		TRY(unshare, CLONE_NEWUSER),
		TRY(setns, 3, 0),
		TRY(mount, A("none"), A("/tmp"), A("tmpfs"), 0),
		TRY(umount2, A("/nothing-here"), MNT_DETACH),
		TRY(fsopen, A("tmpfs"), 0),
		TRY(open_tree, AT_FDCWD, A("/"), 0),
		TRY(pivot_root, 0, 0),
		TRY(ptrace, PTRACE_TRACEME),
		TRY(process_vm_readv, 1, 0, 0),
		TRY(process_vm_writev, 1, 0, 0),
		TRY(pidfd_open, 1, 0),
		TRY(pidfd_send_signal, 3, 0, 0),
		TRY(kill, 0, 0),
		TRY(kill, -1, SIGTERM),
		TRY(tkill, 1, 0),
		TRY(tgkill, 1, 1, 0),
		TRY(rt_sigqueueinfo, 1, 0, 0),
		TRY(setpgid, 0, 0),
		TRY(setsid, 0),
		TRY(prlimit64, 1, RLIMIT_NOFILE, 0, A(bytes)),
		TRY(fcntl, 4, F_SETOWN, 1),
		TRY(fcntl, 4, F_SETSIG, SIGKILL),
		TRY(fcntl, 3, F_SETLK, A(bytes)),
		TRY(flock, 3, 2),
		TRY(ioctl, 4, 0x8901 /* FIOSETOWN */, A(bytes)),
		TRY(ioctl, 4, 0x5412 /* TIOCSTI */, A("x")),
		TRY(ioctl, 3, 0x4c82 /* a loop device */),
		TRY(mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, 3),
		TRY(mprotect, A(bytes), 4096, PROT_READ | PROT_EXEC),
		TRY(pkey_mprotect, A(bytes), 4096, PROT_EXEC, -1),
		TRY(personality, 0x400000 /* all readable is executable */),
		TRY(setuid, 0),
		TRY(setresuid, 1, 1, 1),
		TRY(setgroups, 0, 0),
		TRY(capset, A(bytes), A(bytes)),
		TRY(prctl, PR_SET_DUMPABLE, 1),
		TRY(prctl, PR_SET_PDEATHSIG),
		TRY(seccomp, 0, 0, 0),
		TRY(bpf, 0, A(bytes), 64),
		TRY(perf_event_open, A(bytes), 0, -1, -1, 0),
		TRY(io_uring_setup, 1, A(bytes)),
		TRY(userfaultfd, 1),
		TRY(keyctl, 0),
		TRY(add_key, 0, 0, 0, 0),
		TRY(shmget, 0, 4096, 0),
		TRY(msgget, 0, 0),
		TRY(mq_open, A("x"), O_CREAT, 0600, 0),
		TRY(init_module, 0, 0, A("")),
		TRY(kexec_load, 0, 0, 0, 0),
		TRY(reboot, 0, 0, 0),
		TRY(sethostname, A("x"), 1),
		TRY(clock_settime, 0, A(bytes)),
		TRY(syslog, 3, A(bytes), 9),
		TRY(quotactl, 0, 0, 0, 0),
		TRY(swapoff, A("/")),
		TRY(acct, A("/")),
		TRY(landlock_create_ruleset, 0, 0, 1),
		TRY(setpriority, 0, 0, 0),
		TRY(setrlimit, 0, A(bytes)),
	};
	int bad = 0;

	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		/* glibc must hear that there is none. */
		int want = deeds[i].nr == SYS_clone3 ? ENOSYS : EPERM;
		const long *arg = deeds[i].arg;
		long rc;

		errno = 0;
		rc = syscall(
		    deeds[i].nr, arg[0], arg[1], arg[2], arg[3], arg[4]);
		if (rc != -1 || errno != want) {
			(void)fprintf(stderr, "%s, number %zu: %ld, %s\n",
			    deeds[i].what, i, rc, strerror(errno));
			bad = 1;
		}
	}
	_exit(bad);
}

/* Numbers 3 and 4 in the table. */
static void
hold_a_file_and_a_socket(void)
{
	their_fd = open(scratch_path(&scratch, "file"), O_RDWR);
	assert_true(their_fd >= 0);
	kept_socket = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(kept_socket >= 0);
	kept_file = open(scratch_path(&scratch, "dir/in"), O_RDONLY);
	assert_true(kept_file >= 0);
}

static void
nothing_else_can_be_done(void **state)
{
	(void)state;
	assert_int_equal(in_jail(&blind, nothing_is_left_to_try), 0);
}

/* ---- each wall alone ---- */

static void
landlock_alone_closes_the_file_system(void **state)
{
	struct err err = ERR_INIT;
	int status;
	pid_t pid;

	(void)state;
	if (syscall(SYS_landlock_create_ruleset, NULL, 0,
		LANDLOCK_CREATE_RULESET_VERSION) < 0)
		skip();
	if ((pid = fork()) == 0) {
		must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
		must(jail_landlock(&blind, NULL, &err) == 0);
		must(open("/etc/passwd", O_RDONLY) == -1 && errno == EACCES);
		must(open("/tmp/never", O_CREAT | O_RDWR, 0600) == -1);
		must(mkdir("/tmp/never", 0700) == -1 && errno == EACCES);
		must(unlink(scratch.path) == -1 && errno == EACCES);
		must(execl("/bin/true", "true", NULL) == -1 && errno == EACCES);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
seccomp_alone_closes_it_as_well(void **state)
{
	struct err err = ERR_INIT;
	int status;
	pid_t pid;

	(void)state;
	if ((pid = fork()) == 0) {
		must(jail_seccomp((struct jail_calls){ false, false }, &err) ==
		    0);
		must(open("/etc/passwd", O_RDONLY) == -1 && errno == EPERM);
		must(socket(AF_INET, SOCK_STREAM, 0) == -1);
		must(execl("/bin/true", "true", NULL) == -1 && errno == EPERM);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* ---- what it may ---- */

static void *
in_a_thread(void *arg)
{
	char *big = malloc(1 << 20);

	if (big != NULL)
		memset(big, 1, 1 << 20);
	*(int *)arg += big != NULL;
	free(big);
	return NULL;
}

static void
ordinary_work(void)
{
	pthread_t thread[4];
	struct timespec t = { 0, 1 };
	struct stat st;
	int n[4] = { 0 }, p[2];
	char got[8];

	must(fstat(kept_file, &st) == 0 && st.st_size == 2);
	must(pread(kept_file, got, sizeof(got), 0) == 2 && got[0] == 'i');
	must(lseek(kept_file, 0, SEEK_END) == 2);
	must(posix_fadvise(kept_file, 0, 0, POSIX_FADV_SEQUENTIAL) == 0);
	must(isatty(kept_file) == 0 && errno == ENOTTY);
	must(pipe(p) == 0 && write(p[1], "x", 1) == 1);
	must(poll(&(struct pollfd){ p[0], POLLIN, 0 }, 1, -1) == 1);
	must(read(p[0], got, 1) == 1);
	must(fcntl(p[0], F_SETFL, O_NONBLOCK) == 0);
	must(read(p[0], got, 1) == -1 && errno == EAGAIN);
	must(eventfd(0, EFD_CLOEXEC) >= 0);
	must(nanosleep(&t, NULL) == 0 && time(NULL) > 0);
	for (int i = 0; i < 4; i++)
		must(pthread_create(&thread[i], NULL, in_a_thread, &n[i]) == 0);
	for (int i = 0; i < 4; i++)
		must(pthread_join(thread[i], NULL) == 0 && n[i] == 1);
}

static void
work_goes_on(void **state)
{
	(void)state;
	assert_int_equal(in_jail(&blind, ordinary_work), 0);
}

/* Of a thread's clone no flag may be missed. */
static void *
nothing_in_a_thread(void *arg)
{
	*(int *)arg = open("/etc/passwd", O_RDONLY) == -1 && errno == EPERM;
	return NULL;
}

static void
try_in_a_thread(void)
{
	pthread_t thread;
	int refused = 0;

	must(pthread_create(&thread, NULL, nothing_in_a_thread, &refused) == 0);
	must(pthread_join(thread, NULL) == 0 && refused == 1);
}

static void
its_threads_are_in_it(void **state)
{
	(void)state;
	assert_int_equal(in_jail(&blind, try_in_a_thread), 0);
}

static void
abort_it(void)
{
	abort();
}

static void
it_can_end_itself_by_a_signal(void **state)
{
	int status = in_jail(&blind, abort_it);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_false(WCOREDUMP(status));
}

/* ---- what it may see ---- */

static int seen_dir;

static void
look_around(void)
{
	struct stat st;
	int fd = openat(seen_dir, "in", O_RDONLY);
	char got[2];

	must(fd >= 0 && read(fd, got, 2) == 2 && got[1] == 'n');
	must(fstatat(seen_dir, "in", &st, 0) == 0);
	must(openat(seen_dir, "in", O_RDWR) == -1 && errno == EACCES);
	must(openat(seen_dir, "new", O_CREAT | O_WRONLY, 0600) == -1);
	must(openat(seen_dir, "../file", O_RDONLY) == -1 && errno == EACCES);
	must(openat(seen_dir, "out", O_RDONLY) == -1 && errno == EACCES);
	must(open("/etc/passwd", O_RDONLY) == -1 && errno == EACCES);
	must(unlinkat(seen_dir, "in", 0) == -1 && errno == EPERM);
	must(syscall(SYS_execveat, seen_dir, "in", NULL, NULL, 0) == -1 &&
	    errno == EPERM);
	must(socket(AF_INET, SOCK_STREAM, 0) == -1 && errno == EPERM);
}

static void
what_it_may_see_is_all_that_it_sees(void **state)
{
	const struct jail_options o = { .see = &seen_dir, .n_see = 1 };

	(void)state;
	if (syscall(SYS_landlock_create_ruleset, NULL, 0,
		LANDLOCK_CREATE_RULESET_VERSION) < 0)
		skip();
	seen_dir = open(scratch_path(&scratch, "dir"), O_PATH | O_DIRECTORY);
	assert_int_equal(in_jail(&o, look_around), 0);
	(void)close(seen_dir);
}

/* ---- what it is ---- */

static long
status_of(pid_t pid, const char *field, int base)
{
	char path[64], line[256];
	long value = -1;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	assert_non_null(f = fopen(path, "re"));
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, field, strlen(field)) == 0 &&
		    line[strlen(field)] == ':')
			value = strtol(line + strlen(field) + 1, NULL, base);
	(void)fclose(f);
	return value;
}

static void
it_has_no_privileges(void **state)
{
	int p[2], status;
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe2(p, 0), 0);
	if ((pid = fork()) == 0) {
		enter(&blind);
		must(write(p[1], "x", 1) == 1);
		for (;;)
			(void)poll(NULL, 0, -1);
	}
	(void)close(p[1]);
	assert_int_equal(read(p[0], &c, 1), 1);
	(void)close(p[0]);
	assert_int_equal(status_of(pid, "CapEff", 16), 0);
	assert_int_equal(status_of(pid, "CapPrm", 16), 0);
	if (geteuid() == 0)
		assert_int_equal(status_of(pid, "CapBnd", 16), 0);
	assert_int_equal(status_of(pid, "NoNewPrivs", 10), 1);
	assert_int_equal(status_of(pid, "Seccomp", 10), 2);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

/* ---- how much ---- */

#ifdef BOUNDED
static void
take_all_memory(void)
{
	size_t n = 0;

	/* In vain after 64 MiB; never the 4 GiB. */
	while (n < 4096 && malloc(1 << 20) != NULL)
		n++;
	must(n > 16 && n <= 64);
}

static void
memory_ends(void **state)
{
	const struct jail_options o = { .memory = UINT64_C(64) << 20 };

	(void)state;
	assert_int_equal(in_jail(&o, take_all_memory), 0);
}
#endif

static void
work_for_ever(void)
{
	for (volatile unsigned i = 0;; i++)
		;
}

static void
time_ends(void **state)
{
	const struct jail_options o = { .cpu_s = 1 };
	int status = in_jail(&o, work_for_ever);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGXCPU);
}

#ifdef BOUNDED
static void
write_to_a_file(void)
{
	must(write(their_fd, "x", 1) == -1 && errno == EFBIG);
}

static void
no_file_is_written(void **state)
{
	(void)state;
	assert_int_equal(in_jail(&blind, write_to_a_file), 0);
}
#endif

static void
open_many(void)
{
	int n = 0;

	while (n < 4096 && dup(kept_file) >= 0)
		n++;
	must(errno == EMFILE && n <= 64);
}

static void
descriptors_end(void **state)
{
	(void)state;
	assert_int_equal(in_jail(&blind, open_many), 0);
}

static int
make(void **state)
{
	int fd;

	(void)state;
	(void)close_range(3, ~0u, 0);
	scratch_make(&scratch);
	fd = open(scratch_path(&scratch, "file"), O_CREAT | O_WRONLY, 0600);
	expect(fd >= 0 && close(fd) == 0);
	expect(mkdir(scratch_path(&scratch, "dir"), 0700) == 0);
	fd = open(scratch_path(&scratch, "dir/in"), O_CREAT | O_WRONLY, 0700);
	expect(fd >= 0 && write(fd, "in", 2) == 2 && close(fd) == 0);
	expect(symlink("../file", scratch_path(&scratch, "dir/out")) == 0);
	hold_a_file_and_a_socket();
	return 0;
}

static int
unmake(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_else_can_be_done),
		cmocka_unit_test(landlock_alone_closes_the_file_system),
		cmocka_unit_test(seccomp_alone_closes_it_as_well),
		cmocka_unit_test(work_goes_on),
		cmocka_unit_test(its_threads_are_in_it),
		cmocka_unit_test(it_can_end_itself_by_a_signal),
		cmocka_unit_test(what_it_may_see_is_all_that_it_sees),
		cmocka_unit_test(it_has_no_privileges),
		cmocka_unit_test(time_ends),
#ifdef BOUNDED
		cmocka_unit_test(memory_ends),
		cmocka_unit_test(no_file_is_written),
#endif
		cmocka_unit_test(descriptors_end),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
