/*
 * FUSE as the kernel speaks it, linux/fuse.h: requests come one by one from its
 * descriptor, and each answer is one write. The root, 1, is a directory whose
 * files are only found, by number, and read; no more of the protocol is needed
 * for a loop device, so libfuse is not.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "volume_files_private.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/fuse.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Their files are numbered from here. */
#define FIRST (FUSE_ROOT_ID + 1)
/* Nothing ever changes. */
#define FOR_EVER UINT32_MAX
#define WRITE_MAX 4096 /* the least there is */
#define PAGE_MIN 4096

struct server {
	const struct volumes *volumes;
	int fuse;
	uint8_t *buf; /* owned; VOLUME_FILES_READ bytes */
};

/* The kernel knows of no answer that fails but that it is not wanted any more. */
static void
answer(const struct server *s, const struct fuse_in_header *in, int error,
    const void *data, size_t len)
{
	struct fuse_out_header out = {
		.len = (uint32_t)(sizeof(out) + len),
		.error = -error,
		.unique = in->unique,
	};
	struct iovec iov[] = { { &out, sizeof(out) }, { 0 } };

	/* writev takes no const, and leaves it as it is. */
	memcpy(&iov[1].iov_base, &data, sizeof(data));
	iov[1].iov_len = len;
	(void)!writev(s->fuse, iov, len > 0 ? 2 : 1);
}

/* NULL: that is no file. */
static struct disk *
disk_of(const struct server *s, uint64_t node)
{
	return node >= FIRST && node - FIRST < s->volumes->n ?
	    s->volumes->v[node - FIRST].disk :
	    NULL;
}

static struct fuse_attr
attr_of(const struct server *s, uint64_t node)
{
	const struct disk *disk = disk_of(s, node);

	return (struct fuse_attr){
		.ino = node,
		.size = disk != NULL ? disk->size : 0,
		.mode = disk != NULL ? S_IFREG | 0400 : S_IFDIR | 0500,
		.nlink = 1,
	};
}

static void
begin(const struct server *s, const struct fuse_in_header *in,
    const struct fuse_init_in *init)
{
	struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_readahead = VOLUME_FILES_READ,
		.flags = init->flags & (FUSE_ASYNC_READ | FUSE_MAX_PAGES),
		.max_write = WRITE_MAX,
		.max_pages = VOLUME_FILES_READ / PAGE_MIN,
	};

	answer(s, in, 0, &out, sizeof(out));
}

static void
look_up(
    const struct server *s, const struct fuse_in_header *in, const char *name)
{
	char *end;
	unsigned long i = strtoul(name, &end, 10);
	struct fuse_entry_out out = {
		.nodeid = FIRST + i,
		.entry_valid = FOR_EVER,
		.attr_valid = FOR_EVER,
	};

	if (end == name || *end != ':' || i >= s->volumes->n ||
	    disk_of(s, out.nodeid) == NULL) {
		answer(s, in, ENOENT, NULL, 0);
		return;
	}
	out.attr = attr_of(s, out.nodeid);
	answer(s, in, 0, &out, sizeof(out));
}

static void
read_part(const struct server *s, const struct fuse_in_header *in,
    const struct fuse_read_in *want)
{
	struct disk *disk = disk_of(s, in->nodeid);
	uint64_t left = disk != NULL && want->offset < disk->size ?
	    disk->size - want->offset :
	    0;
	size_t n = left < want->size ? (size_t)left : want->size;
	struct err err = ERR_INIT;

	/* The kernel was told how much it may ask for. */
	if (n > VOLUME_FILES_READ ||
	    (n > 0 && disk_read(disk, s->buf, n, want->offset, &err) != 0))
		answer(s, in, EIO, NULL, 0);
	else
		answer(s, in, 0, s->buf, n);
}

static void
handle(const struct server *s, const struct fuse_in_header *in,
    const void *argument)
{
	struct fuse_attr_out attr = { .attr_valid = FOR_EVER };
	const struct fuse_open_out opened = { .open_flags = FOPEN_KEEP_CACHE };

	switch (in->opcode) {
	case FUSE_INIT:
		begin(s, in, argument);
		return;
	case FUSE_LOOKUP:
		look_up(s, in, argument);
		return;
	case FUSE_GETATTR:
		attr.attr = attr_of(s, in->nodeid);
		answer(s, in, 0, &attr, sizeof(attr));
		return;
	case FUSE_OPEN:
		answer(s, in, 0, &opened, sizeof(opened));
		return;
	case FUSE_READ:
		read_part(s, in, argument);
		return;
	case FUSE_RELEASE:
		answer(s, in, 0, NULL, 0);
		return;
	/* These want no answer. */
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return;
	default:
		answer(s, in, ENOSYS, NULL, 0);
	}
}

void
volume_files_serve(const struct volumes *volumes, int fuse)
{
	struct server s = { .volumes = volumes, .fuse = fuse };
	/* As the kernel has it: the header, and what comes behind it. */
	union {
		struct fuse_in_header head;
		uint8_t bytes[FUSE_MIN_READ_BUFFER];
	} in;
	ssize_t n;

	if ((s.buf = malloc(VOLUME_FILES_READ)) == NULL)
		return;
	/* ENODEV: it is mounted no more. ENOENT: one was taken back. */
	while ((n = read(fuse, &in, sizeof(in))) >= 0 || errno == EINTR ||
	    errno == EAGAIN || errno == ENOENT)
		if (n >= (ssize_t)sizeof(in.head))
			handle(&s, &in.head, in.bytes + sizeof(in.head));
	free(s.buf);
}
