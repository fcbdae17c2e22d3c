/*
 * What libarchive does not tell of a tar, read from its first members: whether
 * GNU tar left out what had not changed (--listed-incremental), whether it is a
 * later one of several volumes, and whether it is one at all: what begins with
 * zeros passes for an empty one, a disk image or half an ISO too.
 *
 * An incremental archive begins with all directories, each with a dumpdir: a
 * list of its names, NUL behind each, "Y" in front of what is in the archive and
 * "N" of what is not since it had not changed. It is the content of a member of
 * type 'D', or in a pax archive the attribute GNU.dumpdir. The first backup of a
 * chain has dumpdirs too, but no "N": it is whole.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef ARCHIVE_TAR_HEAD_H
#define ARCHIVE_TAR_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#define TAR_BLOCK 512u
/* Dumpdirs over all, and one of them; beyond, what is left out is not known. */
#define TAR_HEAD_MAX ((size_t)1024 * 1024 * 1024)
/* Zeros of an empty archive, which programs fill up to a block of theirs. */
#define TAR_EMPTY_MAX ((size_t)1024 * 1024)
#define TAR_BODY_MAX ((size_t)64 * 1024 * 1024)

struct tar_head {
	bool leaves_out;
	bool later_volume;
	bool no_tar;
};

/* Reads `len` bytes of the unpacked tar; false where there are not so many. */
typedef bool tar_read_fn(void *ctx, void *buf, size_t len);

struct tar_head tar_head_read(tar_read_fn *, void *ctx);

#endif
