/*
 * The headers of disk images, as far as they say that the file is not the whole
 * disk: qemu-nbd would be kept from opening the other files, and would take what
 * they hold for zeroes or fail without saying why.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "disk_file.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER 512
#define NAME_MAX_ 1023	     /* of a qcow2's backing file */
#define DESCRIPTOR_MAX 20480 /* of a vmdk's text, as qemu has it */

static int
read_header(int fd, uint8_t ret[static HEADER], off_t off, struct err *err)
{
	if (pread(fd, ret, HEADER, off) != HEADER)
		return err_set(err, ERR_FORMAT, "the image is cut off");
	return 0;
}

static uint64_t
size_of(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);

	return size < 0 ? 0 : (uint64_t)size;
}

static int
needs(const char *what, struct err *err)
{
	return err_set(err, ERR_REFUSED,
	    "needs %s, which is not read: convert it (qemu-img convert)", what);
}

static int
encrypted(struct err *err)
{
	return err_set(err, ERR_REFUSED, "the image is encrypted");
}

static int
needs_base(int fd, uint64_t off, uint32_t len, struct err *err)
{
	char name[NAME_MAX_ + 1] = "", what[NAME_MAX_ + 64];

	if (len > NAME_MAX_ || off > INT64_MAX ||
	    pread(fd, name, len, (off_t)off) != (ssize_t)len)
		return needs("its base image", err);
	name[len] = '\0';
	(void)snprintf(what, sizeof(what), "its base image \"%s\"", name);
	return needs(what, err);
}

int
header_check_qcow2(int fd, struct err *err)
{
	uint8_t h[HEADER];
	bool first, third;
	int rc;

	if ((rc = read_header(fd, h, 0, err)) != 0)
		return rc;
	first = h[7] == 1;
	third = h[7] == 3;
	if (load_be64(h + 8) != 0)
		return needs_base(fd, load_be64(h + 8), load_be32(h + 16), err);
	if (third && (load_be64(h + 72) & 4) != 0)
		return needs("its data file", err);
	if (load_be32(h + (first ? 36 : 32)) != 0)
		return encrypted(err);
	return first ? 0 : cut_check_qcow2(fd, size_of(fd), h, err);
}

/* The value of a line `key = value` of a vmdk's text, as far as it is `want`;
 * a key that is not there is fine. */
static bool
says(const char *text, const char *key, const char *want)
{
	const char *at = strcasestr(text, key);

	if (at == NULL)
		return true;
	at += strlen(key);
	at += strspn(at, " \t=\"");
	return strncasecmp(at, want, strlen(want)) == 0;
}

static int
check_descriptor(int fd, uint64_t off, uint64_t len, struct err *err)
{
	char *text;
	ssize_t n;
	int rc = 0;

	if (len > DESCRIPTOR_MAX)
		len = DESCRIPTOR_MAX;
	if ((text = calloc(1, (size_t)len + 1)) == NULL)
		return err_nomem(err);
	n = pread(fd, text, (size_t)len, (off_t)off);
	if (n <= 0)
		rc = err_set(err, ERR_FORMAT, "the image is cut off");
	else if (!says(text, "parentCID", "ffffffff"))
		rc = needs("its base image", err);
	else if (text[0] == '\0' ||
	    (!says(text, "createType", "monolithicSparse") &&
		!says(text, "createType", "streamOptimized")))
		rc = needs("the other parts of the disk", err);
	free(text);
	return rc;
}

int
header_check_vmdk(int fd, struct err *err)
{
	uint8_t h[HEADER];
	uint64_t off, len;
	int rc;

	if ((rc = read_header(fd, h, 0, err)) != 0)
		return rc;
	off = load_u64(h + 28);
	len = load_u64(h + 36);
	if (load_u64(h + 12) == 0 || memcmp(h, "COWD", 4) == 0 || off == 0 ||
	    len == 0)
		return needs("the other parts of the disk", err);
	if (off > INT64_MAX / 512 || len > INT64_MAX / 512)
		return err_set(err, ERR_FORMAT, "the image is cut off");
	if ((rc = check_descriptor(fd, off * 512, len * 512, err)) != 0)
		return rc;
	return cut_check_vmdk(fd, size_of(fd), h, err);
}

int
header_check_vmdk_text(int fd, struct err *err)
{
	(void)fd;
	return needs(
	    "the files with the disk's data, which it only names", err);
}

/* The footer; a growing one has a copy of it in front. */
int
header_check_vhd(int fd, struct err *err)
{
	uint8_t h[HEADER];
	off_t size = lseek(fd, 0, SEEK_END);
	int rc;

	if ((rc = read_header(fd, h, 0, err)) != 0)
		return rc;
	if (memcmp(h, "conectix", 8) != 0 &&
	    (rc = read_header(fd, h, size - HEADER, err)) != 0)
		return rc;
	return load_be32(h + 60) == 4 ? needs("its base image", err) : 0;
}

int
header_check_vdi(int fd, struct err *err)
{
	uint8_t h[HEADER];
	int rc;

	if ((rc = read_header(fd, h, 0, err)) != 0)
		return rc;
	if (load_u32(h + 76) == 4)
		return needs("its base image", err);
	return cut_check_vdi(size_of(fd), h, err);
}
