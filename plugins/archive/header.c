/*
 * One member after the other.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "archive_plugin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"

#define WARNED_MAX 3

#define ISO_VOLUME_AT (16 * 2048)
#define ISO_BLOCKS 80
#define ISO_BLOCK_SIZE 128

int
header_open(struct source_archive *a)
{
	const char *words;
	int rc;

	a->entry = NULL;
	a->ahead = false;
	a->as = a->mtree ? INPUT_MTREE : INPUT_ARCHIVE;
	if ((rc = input_open(&a->in, a->as)) == 0)
		return 0;
	/* A zip whose end is missing, or that is compressed once more. */
	if (rc == -EILSEQ && !a->mtree && a->in.why == 0) {
		a->as = INPUT_ZIP;
		if (input_open(&a->in, a->as) == 0)
			return 0;
		words = archive_error_string(a->in.archive);
		if (words != NULL && strstr(words, "Unrecognized") != NULL)
			return a->host->fail(a->host->ctx, EILSEQ,
			    archive_filter_code(a->in.archive, 0) >
				    ARCHIVE_FILTER_NONE ?
				"what is compressed in it is no archive of a "
				"kind that is known; a disk image must be "
				"unpacked first" :
				"no archive of a kind that is known");
	}
	return input_fail(&a->in);
}

/* 7-Zip writes a byte that is no UTF-8 as a character of this private range. */
static size_t
restore_bytes(char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; n++) {
		const unsigned char *c = (unsigned char *)s + i;

		if (len - i >= 3 && c[0] == 0xee && c[1] >= 0xbe &&
		    c[1] <= 0xbf && c[2] >= 0x80 && c[2] <= 0xbf) {
			s[n] = (char)((c[1] & 1) << 6 | (c[2] & 0x3f) | 0x80);
			i += 3;
		} else
			s[n] = s[i++];
	}
	return n;
}

static int
set_name(struct source_archive *a, struct name *name, const char *raw)
{
	size_t len = strlen(raw);

	if (name->cap < len + 2) {
		char *path = realloc(name->path, len + 2);

		if (path == NULL)
			return a->host->fail(
			    a->host->ctx, ENOMEM, "out of memory");
		name->path = path;
		name->cap = len + 2;
	}
	name->len = path_normalise(name->path, raw, len);
	if (archive_format(a->in.archive) == ARCHIVE_FORMAT_7ZIP)
		name->len = restore_bytes(name->path, name->len);
	name->path[name->len] = '\0';
	return 0;
}

static int
set_names(struct source_archive *a)
{
	const char *raw = archive_entry_pathname(a->entry);
	int rc;

	/* A name of characters that UTF-8 has not: as good as a damaged one. */
	if (raw == NULL)
		return HEADER_DAMAGED;
	if ((rc = set_name(a, &a->name, raw)) != 0)
		return rc;
	a->to.len = 0;
	if ((raw = archive_entry_hardlink(a->entry)) != NULL)
		rc = set_name(a, &a->to, raw);
	return rc;
}

/* Names that are no UTF-8 stay the bytes that they are: nothing to tell. */
static void
warn(struct source_archive *a)
{
	const char *words = archive_error_string(a->in.archive);

	if (words != NULL && strstr(words, "current locale") == NULL &&
	    a->n_warned++ < WARNED_MAX)
		a->host->log(
		    a->host->ctx, LOOKBACK_WARN, "%s: %s", a->name.path, words);
}

/* Whether the file is shorter than the volume that it says it holds: the reader
 * of libarchive takes a directory that is missing for an empty one. */
static bool
iso_is_cut(const struct source_archive *a)
{
	uint8_t volume[132]; /* descriptor of the primary volume */

	return input_layers(&a->in) == 0 &&
	    pread(a->in.fd, volume, sizeof(volume), ISO_VOLUME_AT) ==
	    (ssize_t)sizeof(volume) &&
	    (uint64_t)load_u32(volume + ISO_BLOCKS) *
		(load_u32(volume + ISO_BLOCK_SIZE) & 0xffff) >
	    a->in.size;
}

/* What ends where it should not end may be cut off all the same. */
static int
at_end(struct source_archive *a)
{
	struct archive *ar = a->in.archive;
	const char *why = NULL;

	switch (archive_format(ar) & ARCHIVE_FORMAT_BASE_MASK) {
	case ARCHIVE_FORMAT_TAR:
		if (archive_filter_bytes(ar, 0) ==
		    archive_read_header_position(ar))
			why = "the mark at its end is missing";
		break;
	case ARCHIVE_FORMAT_ZIP:
		if (a->as == INPUT_ZIP && input_layers(&a->in) == 0)
			why = "the directory at its end is missing";
		break;
	case ARCHIVE_FORMAT_ISO9660:
		if (iso_is_cut(a))
			why = "the file is shorter than its volume";
		break;
	default:
		break;
	}
	if (why == NULL)
		return 1;
	return a->host->fail(a->host->ctx, EIO, "cut off: %s", why);
}

static int
look(struct source_archive *a)
{
	struct archive *ar = a->in.archive;
	int64_t before = archive_filter_bytes(ar, 0);
	int base = archive_format(ar) & ARCHIVE_FORMAT_BASE_MASK, rc;

	/* Where skipping a member would be unpacking it. */
	if (a->entry != NULL && !archive_entry_is_data_encrypted(a->entry) &&
	    (base == ARCHIVE_FORMAT_7ZIP ||
		(input_layers(&a->in) > 0 &&
		    (base == ARCHIVE_FORMAT_TAR ||
			base == ARCHIVE_FORMAT_CPIO ||
			base == ARCHIVE_FORMAT_AR))) &&
	    input_skip(&a->in) == ARCHIVE_FATAL)
		return input_fail(&a->in);
	rc = archive_read_next_header(ar, &a->entry);
	switch (rc) {
	case ARCHIVE_EOF:
		return at_end(a);
	case ARCHIVE_OK:
	case ARCHIVE_WARN:
		if ((rc = set_names(a)) == 0 && archive_errno(ar) != 0)
			warn(a);
		return rc;
	case ARCHIVE_RETRY:
	case ARCHIVE_FAILED:
		a->entry = NULL;
		/* It must get on. */
		if (archive_filter_bytes(ar, 0) > before)
			return HEADER_DAMAGED;
		break;
	default:
		break;
	}
	return input_fail(&a->in);
}

void
header_peek(struct source_archive *a)
{
	a->ahead_rc = look(a);
	a->ahead = true;
}

int
header_next(struct source_archive *a)
{
	if (a->ahead) {
		a->ahead = false;
		return a->ahead_rc;
	}
	return look(a);
}

char
header_type(const struct source_archive *a)
{
	switch (archive_entry_filetype(a->entry)) {
	case AE_IFREG:
		return 'f';
	case AE_IFDIR:
		return 'd';
	case AE_IFLNK:
		return 'l';
	case AE_IFBLK:
		return 'b';
	case AE_IFCHR:
		return 'c';
	case AE_IFIFO:
		return 'p';
	case AE_IFSOCK:
		return 's';
	default:
		return '\0';
	}
}

bool
header_may_link(const struct source_archive *a)
{
	switch (archive_format(a->in.archive) & ARCHIVE_FORMAT_BASE_MASK) {
	case ARCHIVE_FORMAT_TAR: /* which do not count them */
		return true;
	case ARCHIVE_FORMAT_CPIO:
	case ARCHIVE_FORMAT_ISO9660:
	case ARCHIVE_FORMAT_XAR:
	case ARCHIVE_FORMAT_RAR_V5:
		return archive_entry_nlink(a->entry) != 1;
	default:
		return false;
	}
}

bool
header_mtime(const struct source_archive *a, int64_t *ret_s, uint32_t *ret_ns)
{
	long ns = archive_entry_mtime_nsec(a->entry);

	if (!archive_entry_mtime_is_set(a->entry) || ns < 0 || ns >= 1000000000)
		return false;
	*ret_s = archive_entry_mtime(a->entry);
	*ret_ns = (uint32_t)ns;
	return true;
}
