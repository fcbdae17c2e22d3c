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
#include <unistd.h>

/* Somebody else may take the free loop device first. */
#define LOOP_TRIES 32

/* Options so that nothing is replayed and the same file system may be in use
 * here as well; ended by NULL. */
static const struct type {
	const char *what;
	const char *flags[3];
	const char *key, *value; /* NULL: none */
} types[] = {
	{ "xfs", { "norecovery", "nouuid" }, NULL, NULL },
	{ "btrfs", { NULL }, "rescue", "nologreplay" },
	{ "f2fs", { "norecovery" }, NULL, NULL },
	{ "erofs", { NULL }, NULL, NULL },
	{ "squashfs", { NULL }, NULL, NULL },
	{ "jfs", { NULL }, "errors", "continue" },
	{ "reiserfs", { "nolog" }, NULL, NULL },
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
	for (size_t i = 0; type->flags[i] != NULL; i++)
		if (fsconfig(context, FSCONFIG_SET_FLAG, type->flags[i], NULL,
			0) != 0)
			return -1;
	if (type->key != NULL &&
	    fsconfig(context, FSCONFIG_SET_STRING, type->key, type->value, 0) !=
		0)
		return -1;
	return fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

/* -1 with errno, and the kernel's own words in `words`. */
static int
mount_device(
    const struct type *type, const char *device, char *words, size_t size)
{
	int context = fsopen(type->what, FSOPEN_CLOEXEC), mounted = -1, sys;
	ssize_t n;

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

int
kernel_mount(struct volume *volume, int fd, struct err *err)
{
	const struct type *type = type_of(volume);
	char device[32], words[128] = "";
	uint64_t at = 0;
	int loop;

	(void)err;
	if (!disk_run(volume->disk, &at)) {
		volume->kind = VOLUME_UNREAD;
		(void)snprintf(volume->why, sizeof(volume->why),
		    "%s: it is not in one piece in this file, as the kernel "
		    "needs it: convert the image (qemu-img convert -O raw)",
		    volume->what);
		return 0;
	}
	if ((loop = attach_loop(fd, at, volume->disk->size, device)) < 0) {
		unread(volume, "loop device", words);
		return 0;
	}
	volume->mounted = mount_device(type, device, words, sizeof(words));
	if (volume->mounted < 0)
		unread(volume, "mount", words);
	/* The mount holds it; without one it is free again. */
	(void)close(loop);
	return 0;
}
