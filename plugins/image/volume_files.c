/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "volume_files_private.h"

#include "disk_file.h"

#include "sys/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#define NAME "image-volumes" /* of its process, for ps */
#define MEMORY_MAX ((uint64_t)1024 * 1024 * 1024)

/* Descriptors of the server, after 0 to 2. */
enum { FUSE = 3, IMAGE = 4, FREE = 5 };

/* ---- the server's process ---- */

static void
serve(struct disk_file *file, const struct jail_options *jail)
{
	struct volumes volumes = { 0 };
	struct disk *disk = NULL;
	struct err err = ERR_INIT;

	/* Nobody hears why not: whoever began us has done all of it before. */
	if (disk_file_attach(file, IMAGE, &err) == 0 &&
	    jail_enter(jail, &err) == 0 &&
	    disk_file_open(&disk, file, &err) == 0 &&
	    volumes_find(&volumes, disk, &err) == 0)
		volume_files_serve(&volumes, FUSE);
	volumes_done(&volumes);
	disk_close(disk);
}

/* In the child. Without the other's pipes and mounts, which would not end while
 * we hold them. */
static _Noreturn void
become(int fuse, int image, pid_t parent)
{
	const struct jail_options jail = { .memory = MEMORY_MAX };
	struct disk_file file = { .fd = -1, .socket = -1, .words = -1 };
	int high[2] = { fcntl(fuse, F_DUPFD_CLOEXEC, FREE),
		fcntl(image, F_DUPFD_CLOEXEC, FREE) };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || high[0] < 0 || high[1] < 0 ||
	    dup3(high[0], FUSE, O_CLOEXEC) < 0 ||
	    dup3(high[1], IMAGE, O_CLOEXEC) < 0 ||
	    close_range(FREE, ~0u, 0) != 0)
		_exit(1);
	(void)prctl(PR_SET_NAME, NAME);
	serve(&file, &jail);
	_exit(0);
}

/* ---- who mounts ---- */

static int
configure(int context, int fuse)
{
	char fd[16], most[16];
	const char *const settings[][2] = {
		{ "source", "lookback" },
		{ "fd", fd },
		{ "rootmode", "40000" },
		{ "user_id", "0" },
		{ "group_id", "0" },
		{ "max_read", most },
	};

	(void)snprintf(fd, sizeof(fd), "%d", fuse);
	(void)snprintf(most, sizeof(most), "%" PRIu32, VOLUME_FILES_READ);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (fsconfig(context, FSCONFIG_SET_STRING, settings[i][0],
			settings[i][1], 0) != 0)
			return -1;
	return fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

/* -1 with errno. */
static int
mount_fuse(int fuse)
{
	int context = fsopen("fuse", FSOPEN_CLOEXEC), root = -1, sys;

	if (context < 0)
		return -1;
	if (configure(context, fuse) == 0)
		root = fsmount(context, FSMOUNT_CLOEXEC,
		    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			MOUNT_ATTR_NOEXEC);
	sys = errno;
	(void)close(context);
	errno = sys;
	return root;
}

static int
start(struct volume_files *files)
{
	int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC), sys;
	pid_t parent = getpid(), server = -1;

	if (fuse < 0)
		return -1;
	if ((files->root = mount_fuse(fuse)) >= 0 && (server = fork()) == 0)
		become(fuse, files->image, parent);
	sys = errno;
	/* From here on that end is only the server's. */
	(void)close(fuse);
	if (server < 0)
		volume_files_done(files);
	errno = sys;
	return server < 0 ? -1 : 0;
}

int
volume_files_open(struct volume_files *files, size_t i)
{
	char name[300];

	if (files->root < 0 && start(files) != 0)
		return -1;
	(void)snprintf(name, sizeof(name), "%zu:%s", i, files->name);
	return openat(files->root, name, O_RDONLY | O_CLOEXEC);
}

void
volume_files_done(struct volume_files *files)
{
	if (files->root >= 0)
		(void)close(files->root);
	files->root = -1;
}
