/*
 * Which kind of disk an image holds.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "disk_file.h"

#include <string.h>
#include <unistd.h>

static const struct disk_format raw = { .name = "raw" };

/* The first that fits. */
static const struct disk_format formats[] = {
	{ "qcow2", "qcow2", 0, "QFI\xfb\0\0\0\2", 8, false,
	    header_check_qcow2 },
	{ "qcow2", "qcow2", 0, "QFI\xfb\0\0\0\3", 8, false,
	    header_check_qcow2 },
	{ "qcow", "qcow", 0, "QFI\xfb\0\0\0\1", 8, false, header_check_qcow2 },
	{ "vmdk", "vmdk", 0, "KDMV", 4, false, header_check_vmdk },
	{ "vmdk", "vmdk", 0, "COWD", 4, false, header_check_vmdk },
	{ "vmdk", "vmdk", 0, "# Disk Descriptor", 17, false,
	    header_check_vmdk_text },
	{ "vhdx", "vhdx", 0, "vhdxfile", 8, false, NULL },
	{ "vdi", "vdi", 64, "\x7f\x10\xda\xbe", 4, false, header_check_vdi },
	/* A VHD of fixed size has its only header at the end. */
	{ "vhd", "vpc", 0, "conectix", 8, false, header_check_vhd },
	{ "vhd", "vpc", 512, "conectix", 8, true, header_check_vhd },
};

static bool
has_magic(int fd, uint64_t size, const struct disk_format *format)
{
	char got[32];
	uint64_t off = format->off;

	if (format->footer) {
		if (size < off)
			return false;
		off = size - off;
	}
	return pread(fd, got, format->len, (off_t)off) ==
	    (ssize_t)format->len &&
	    memcmp(got, format->magic, format->len) == 0;
}

int
disk_file_attach(struct disk_file *file, int fd, struct err *err)
{
	off_t size = lseek(fd, 0, SEEK_END);

	if (size < 0)
		return err_sys(err, "image");
	file->fd = fd;
	file->format = &raw;
	/* These comparisons are all that is seen of the image before the jail
	 * closes: they only pick a constant. */
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (has_magic(fd, (uint64_t)size, &formats[i])) {
			file->format = &formats[i];
			return helper_start(file, err);
		}
	return 0;
}

int
disk_file_open(struct disk **ret, struct disk_file *file, struct err *err)
{
	int rc;

	/* One whose copy has just begun; a disk without a byte is none. */
	if (lseek(file->fd, 0, SEEK_END) == 0)
		return err_set(err, ERR_FORMAT, "the image is empty");
	if (file->format->driver == NULL)
		return disk_raw_open(ret, file->fd, err);
	if (file->format->check != NULL &&
	    (rc = file->format->check(file->fd, err)) != 0)
		return rc;
	return disk_nbd_open(ret, file, err);
}

void
disk_file_done(struct disk_file *file)
{
	helper_end(file);
}
