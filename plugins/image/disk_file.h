/*
 * The image file: which kind of disk it holds, and that disk.
 *
 * Raw images are read as they are. All other kinds are read by qemu-nbd, a
 * process of its own that has this one file and one connection to us. Which kind
 * it is, we decide by the first bytes, and name it; qemu guesses nothing. A guest
 * that wrote another kind's header onto its raw disk makes its own files
 * unreadable, and gets at no other.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_DISK_FILE_H
#define IMAGE_DISK_FILE_H

#include "image.h"

#include <sys/types.h>

struct disk_format {
	const char *name;   /* for people, and of settings: "qcow2" */
	const char *driver; /* qemu's name for it; NULL: read as it is */
	uint64_t off;	    /* of the magic; from the end if `footer` */
	const char *magic;
	size_t len;
	bool footer;
	/* Looks at the header before qemu's data counts for anything: ERR_REFUSED
	 * or ERR_FORMAT where the file is not the whole disk. NULL: nothing to
	 * look at. */
	int (*check)(int fd, struct err *);
};

/* Zeroed but for fd and helper (-1): none. */
struct disk_file {
	int fd; /* borrowed */
	const struct disk_format *format;
	/* Of the helper; 0 and -1: none. */
	pid_t helper;
	int socket; /* to it */
	int words;  /* what it says on its stderr */
};

/* Tells the kind by the first bytes and the last 512, and starts the helper if it
 * takes one: for attach. */
int disk_file_attach(struct disk_file *, int fd, struct err *);
/* The disk, once; the file must outlive it. ERR_FORMAT says what is wrong. */
int disk_file_open(struct disk **ret, struct disk_file *, struct err *);
/* Ends the helper. */
void disk_file_done(struct disk_file *);

/* ---- the two ways ---- */

/* Both borrow the file. */
int disk_raw_open(struct disk **ret, int fd, struct err *);
int disk_nbd_open(struct disk **ret, struct disk_file *, struct err *);

/* Start qemu-nbd on file->fd with file->format->driver. */
int helper_start(struct disk_file *, struct err *);
/* What it said last, as one line; "" where it said nothing. */
void helper_words(struct disk_file *, char *ret, size_t size);
void helper_end(struct disk_file *);

/* ---- the first bytes of each kind, where they say more than the kind ---- */

int header_check_qcow2(int fd, struct err *);
int header_check_vmdk(int fd, struct err *);
int header_check_vhd(int fd, struct err *);
int header_check_vdi(int fd, struct err *);
int header_check_vmdk_text(int fd, struct err *);

/* ERR_FORMAT: the file, of this size and with these first 512 bytes, ends before
 * what it says that it holds. */
int cut_check_qcow2(int fd, uint64_t size, const uint8_t *header, struct err *);
int cut_check_vmdk(int fd, uint64_t size, const uint8_t *header, struct err *);
int cut_check_vdi(uint64_t size, const uint8_t *header, struct err *);

#endif
