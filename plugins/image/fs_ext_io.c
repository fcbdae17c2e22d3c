/*
 * libext2fs reads through this: no name, no file, nothing is ever written.
 *
 * An io_manager's open is handed a name and nothing else, so the name is the
 * address of the file system that asks, as hexadecimal digits of its bytes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_ext_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS_TEXT (sizeof(struct ext *) * 2 + 1)

static void
address_to_text(char text[ADDRESS_TEXT], struct ext *e)
{
	unsigned char bytes[sizeof(e)];

	memcpy(bytes, &e, sizeof(e));
	for (size_t i = 0; i < sizeof(bytes); i++)
		(void)snprintf(
		    text + 2 * i, ADDRESS_TEXT - 2 * i, "%02x", bytes[i]);
}

static struct ext *
address_of_text(const char *text)
{
	unsigned char bytes[sizeof(struct ext *)];
	struct ext *e;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		char digits[3] = { text[2 * i], text[2 * i + 1], '\0' };

		bytes[i] = (unsigned char)strtoul(digits, NULL, 16);
	}
	memcpy(&e, bytes, sizeof(bytes));
	return e;
}

static struct struct_io_manager manager;

static errcode_t
io_open(const char *name, int flags, io_channel *ret)
{
	io_channel c;

	if (strlen(name) != ADDRESS_TEXT - 1)
		return EXT2_ET_BAD_DEVICE_NAME;
	if ((flags & IO_FLAG_RW) != 0)
		return EXT2_ET_RO_FILSYS;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return EXT2_ET_NO_MEMORY;
	c->magic = EXT2_ET_MAGIC_IO_CHANNEL;
	c->manager = &manager;
	c->block_size = 1024;
	c->refcount = 1;
	c->private_data = address_of_text(name);
	if ((c->name = strdup(name)) == NULL) {
		free(c);
		return EXT2_ET_NO_MEMORY;
	}
	*ret = c;
	return 0;
}

static errcode_t
io_close(io_channel c)
{
	if (--c->refcount > 0)
		return 0;
	free(c->name);
	free(c);
	return 0;
}

static errcode_t
io_set_blksize(io_channel c, int size)
{
	c->block_size = size;
	return 0;
}

/* A negative count is one of bytes. */
static errcode_t
io_read64(io_channel c, unsigned long long block, int count, void *to)
{
	const struct ext *e = c->private_data;
	struct err ignored = ERR_INIT;
	uint64_t offset;
	size_t n = count < 0 ? (size_t) - (int64_t)count :
			       (size_t)count * (size_t)c->block_size;

	if (__builtin_mul_overflow(block, (uint64_t)c->block_size, &offset) ||
	    disk_read(e->disk, to, n, offset, &ignored) != 0)
		return EXT2_ET_SHORT_READ;
	return 0;
}

static errcode_t
io_read(io_channel c, unsigned long block, int count, void *to)
{
	return io_read64(c, block, count, to);
}

static errcode_t
io_write64(io_channel c, unsigned long long block, int count, const void *from)
{
	(void)c;
	(void)block;
	(void)count;
	(void)from;
	return EXT2_ET_RO_FILSYS;
}

static errcode_t
io_write(io_channel c, unsigned long block, int count, const void *from)
{
	return io_write64(c, block, count, from);
}

static errcode_t
io_flush(io_channel c)
{
	(void)c;
	return 0;
}

/* It is the same for all; nothing of it is ever written. */
static struct struct_io_manager manager = {
	.magic = EXT2_ET_MAGIC_IO_MANAGER,
	.name = "an image",
	.open = io_open,
	.close = io_close,
	.set_blksize = io_set_blksize,
	.read_blk = io_read,
	.read_blk64 = io_read64,
	.write_blk = io_write,
	.write_blk64 = io_write64,
	.flush = io_flush,
};

errcode_t
ext_io_open(struct ext *e)
{
	char name[ADDRESS_TEXT];

	address_to_text(name, e);
	return ext2fs_open2(
	    name, NULL, EXT2_FLAG_64BITS, 0, 0, &manager, &e->fs);
}
