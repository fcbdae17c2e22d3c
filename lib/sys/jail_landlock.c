/*
 * Landlock, from its first version on. The build's headers may know less than
 * the kernel: what is younger than Linux 5.13 is written out here.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/jail_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As linux/landlock.h has it since version 6. */
struct ruleset {
	uint64_t fs;
	uint64_t net;	/* 4 */
	uint64_t scope; /* 6 */
};

#define FS_FIRST ((UINT64_C(1) << 13) - 1) /* version 1 */
#define FS_REFER (UINT64_C(1) << 13)	   /* 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14)	   /* 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15)   /* 5 */
#define NET_TCP UINT64_C(3)		   /* 4: bind, connect */
#define SCOPE_ABSTRACT UINT64_C(1)	   /* 6: unix sockets */
#define SCOPE_SIGNAL UINT64_C(2)	   /* 6 */

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

static struct ruleset
all_of(long version)
{
	struct ruleset r = { .fs = FS_FIRST };

	if (version >= 2)
		r.fs |= FS_REFER;
	if (version >= 3)
		r.fs |= FS_TRUNCATE;
	if (version >= 4)
		r.net = NET_TCP;
	if (version >= 5)
		r.fs |= FS_IOCTL_DEV;
	if (version >= 6)
		r.scope = SCOPE_ABSTRACT | SCOPE_SIGNAL;
	return r;
}

static int
allow(int ruleset, int fd, uint64_t access, struct err *err)
{
	struct landlock_path_beneath_attr rule = { .parent_fd = fd };
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_sys(err, "what may be seen");
	if (!S_ISDIR(st.st_mode))
		access &= ~(uint64_t)LANDLOCK_ACCESS_FS_READ_DIR;
	rule.allowed_access = access;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		&rule, 0) != 0)
		return err_sys(err, "Landlock");
	return 0;
}

static int
allow_path(int ruleset, const char *path, uint64_t access, bool must_be,
    struct err *err)
{
	int rc, fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return must_be ? err_sys(err, "%s", path) : 0;
	rc = allow(ruleset, fd, access, err);
	(void)close(fd);
	return rc;
}

/* The program, what loads it, and its libraries. */
static int
allow_program(int ruleset, const char *program, struct err *err)
{
	static const char *const folders[] = { "/lib", "/lib32", "/lib64",
		"/usr/lib", "/usr/lib32", "/usr/lib64" };
	const uint64_t run = READ | LANDLOCK_ACCESS_FS_EXECUTE;
	int rc = allow_path(ruleset, program, run, true, err);

	for (size_t i = 0; rc == 0 && i < sizeof(folders) / sizeof(folders[0]);
	     i++)
		rc = allow_path(ruleset, folders[i], run, false, err);
	if (rc == 0)
		rc = allow_path(ruleset, "/etc/ld.so.cache", READ, false, err);
	return rc;
}

int
jail_landlock(
    const struct jail_options *o, const char *program, struct err *err)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset all;
	int fd, rc = 0;

	if (version < 0) {
		if (program == NULL && o->n_see == 0)
			return 0; /* seccomp lets nothing be opened */
		(void)err_sys(err,
		    "this kernel has no Landlock, without which nothing is "
		    "opened for an untrusted source");
		return err->code = ERR_REFUSED;
	}
	all = all_of(version);
	/* A process that has helpers: the signal that they asked for its death
	 * counts as sent by it. Seccomp has no call that sends one. */
	if (program == NULL)
		all.scope &= ~SCOPE_SIGNAL;
	fd = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	if (fd < 0)
		return err_sys(err, "Landlock");
	for (size_t i = 0; rc == 0 && i < o->n_see; i++)
		rc = allow(fd, o->see[i], READ, err);
	if (rc == 0 && program != NULL)
		rc = allow_program(fd, program, err);
	if (rc == 0 && syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		rc = err_sys(err, "Landlock");
	(void)close(fd);
	return rc;
}
