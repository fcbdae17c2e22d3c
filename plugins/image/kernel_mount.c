/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "kernel_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

/* Somebody else may take the free loop device first, */
#define LOOP_TRIES 32
/* and one who comes late makes it busy for a moment: tries a millisecond apart. */
#define BUSY_TRIES 100

/* Options so that nothing is replayed and the same file system may be in use
 * here as well; ended by a NULL key. */
static const struct type {
	const char *what;
	struct {
		const char *key, *value; /* value NULL: a flag */
	} option[3];
} types[] = {
	{ "xfs", { { "norecovery", NULL }, { "nouuid", NULL } } },
	/* All subvolumes, not the one that is mounted where nobody asks. */
	{ "btrfs", { { "rescue", "nologreplay" }, { "subvolid", "5" } } },
	{ "f2fs", { { "norecovery", NULL } } },
	{ "erofs", { { NULL, NULL } } },
	{ "squashfs", { { NULL, NULL } } },
	{ "jfs", { { "errors", "continue" } } },
	{ "reiserfs", { { "nolog", NULL } } },
};

static const struct type *
type_of(const struct volume *volume)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].what, volume->what) == 0)
			return &types[i];
	return NULL;
}

bool
kernel_mounts(const struct volume *volume)
{
	return volume->kind == VOLUME_DATA && type_of(volume) != NULL;
}

/* A free loop device with these bytes of the image; -1 with errno. */
static int
attach_loop(int fd, uint64_t at, uint64_t size, char name[static 32])
{
	struct loop_config config = { .fd = (uint32_t)fd };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int loop = -1;

	if (control < 0)
		return -1;
	config.info.lo_offset = at;
	config.info.lo_sizelimit = size;
	config.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
	for (int i = 0; i < LOOP_TRIES; i++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);

		if (number < 0)
			break;
		(void)snprintf(name, 32, "/dev/loop%d", number);
		if ((loop = open(name, O_RDONLY | O_CLOEXEC)) < 0 ||
		    ioctl(loop, LOOP_CONFIGURE, &config) == 0)
			break;
		(void)close(loop);
		loop = -1;
		if (errno != EBUSY)
			break;
	}
	(void)close(control);
	return loop;
}

static int
configure(int context, const struct type *type, const char *device)
{
	if (fsconfig(context, FSCONFIG_SET_STRING, "source", device, 0) != 0 ||
	    fsconfig(context, FSCONFIG_SET_FLAG, "ro", NULL, 0) != 0)
		return -1;
	for (size_t i = 0; type->option[i].key != NULL; i++)
		if (fsconfig(context,
			type->option[i].value != NULL ? FSCONFIG_SET_STRING :
							FSCONFIG_SET_FLAG,
			type->option[i].key, type->option[i].value, 0) != 0)
			return -1;
	return fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

/* -1 with errno, and the kernel's own words in `words`. */
static int
try_mount(const struct type *type, const char *device, char *words, size_t size)
{
	int context = fsopen(type->what, FSOPEN_CLOEXEC), mounted = -1, sys;
	ssize_t n;

	words[0] = '\0';
	if (context < 0)
		return -1;
	if (configure(context, type, device) == 0)
		mounted = fsmount(context, FSMOUNT_CLOEXEC,
		    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			MOUNT_ATTR_NOEXEC);
	sys = errno;
	/* A message a read; the last one says what it ended with. */
	while (mounted < 0 && (n = read(context, words, size - 1)) > 0)
		words[n] = '\0';
	(void)close(context);
	errno = sys;
	return mounted;
}

static int
mount_device(
    const struct type *type, const char *device, char *words, size_t size)
{
	const struct timespec nap = { 0, 1000000 };
	int mounted = try_mount(type, device, words, size);

	for (int i = 1; mounted < 0 && errno == EBUSY && i < BUSY_TRIES; i++) {
		(void)nanosleep(&nap, NULL);
		mounted = try_mount(type, device, words, size);
	}
	return mounted;
}

static void
unread(struct volume *volume, const char *doing, const char *words)
{
	int sys = errno;

	volume->kind = VOLUME_UNREAD;
	(void)snprintf(volume->why, sizeof(volume->why), "%s: %s: %s%s%s",
	    volume->what, doing,
	    sys == EPERM ? "this takes root" : strerror(sys),
	    words[0] != '\0' ? ": " : "", words);
}

void
kernel_mount(struct volume *volume, size_t i, struct volume_files *files)
{
	const struct type *type = type_of(volume);
	char device[32], words[128] = "";
	uint64_t at = 0;
	bool run = disk_run(volume->disk, &at);
	int fd = run ? files->image : volume_files_open(files, i), loop;

	if (fd < 0) {
		unread(volume, "FUSE", words);
		return;
	}
	loop = attach_loop(fd, at, volume->disk->size, device);
	if (loop < 0)
		unread(volume, "loop device", words);
	else if ((volume->mounted = mount_device(
		      type, device, words, sizeof(words))) < 0)
		unread(volume, "mount", words);
	/* The mount holds it; without one it is free again. */
	if (loop >= 0)
		(void)close(loop);
	if (!run)
		(void)close(fd);
}
