/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is read at once: little where it jumped to, more as it goes on. */
#define BLOCK ((size_t)256 * 1024)
#define FIRST_BLOCK ((size_t)16 * 1024)
/* Compression in compression: an rpm has two layers, and a quine no end. */
#define LAYERS_MAX 3

static int
add_filters(struct archive *a)
{
	return archive_read_support_filter_gzip(a) |
	    archive_read_support_filter_bzip2(a) |
	    archive_read_support_filter_xz(a) |
	    archive_read_support_filter_lzma(a) |
	    archive_read_support_filter_lzip(a) |
	    archive_read_support_filter_zstd(a) |
	    archive_read_support_filter_lz4(a) |
	    archive_read_support_filter_compress(a) |
	    archive_read_support_filter_rpm(a);
}

/* None that runs another program, and none that takes any bytes for its own. */
static int
add_formats(struct archive *a, enum input_as as)
{
	switch (as) {
	case INPUT_ARCHIVE:
		return archive_read_support_format_tar(a) |
		    archive_read_support_format_cpio(a) |
		    archive_read_support_format_zip_seekable(a) |
		    archive_read_support_format_7zip(a) |
		    archive_read_support_format_iso9660(a) |
		    archive_read_support_format_xar(a) |
		    archive_read_support_format_ar(a);
	case INPUT_ZIP:
		return archive_read_support_format_zip_streamable(a);
	case INPUT_MTREE:
		return archive_read_support_format_mtree(a);
	case INPUT_BYTES:
		return archive_read_support_format_raw(a);
	}
	return ARCHIVE_FATAL;
}

/* ---- libarchive's side ---- */

static int
refuse(struct input *in, int err, const char *why)
{
	in->why = err;
	archive_set_error(in->archive, err, "%s", why);
	return ARCHIVE_FATAL;
}

static int
weigh(struct input *in)
{
	int64_t unpacked = archive_filter_bytes(in->archive, 0);
	uint64_t out = unpacked > 0 ? (uint64_t)unpacked : 0;

	if (out < in->given)
		out = in->given;
	if (out > in->limits->free && out / in->limits->expansion > in->most)
		return refuse(in, ERANGE,
		    "it unpacks to far more than any backup: a bomb");
	return 0;
}

static la_ssize_t
read_block(struct archive *a, void *ctx, const void **ret)
{
	struct input *in = ctx;
	ssize_t n;

	(void)a;
	if (in->host->stopping(in->host->ctx) != 0)
		return refuse(in, ECANCELED, "stopped");
	if (weigh(in) != 0)
		return ARCHIVE_FATAL;
	do
		n = pread(in->fd, in->block, in->next, (off_t)in->at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return refuse(in, errno, strerror(errno));
	if (n == 0)
		in->ended = true;
	in->at += (uint64_t)n;
	if (in->at > in->most)
		in->most = in->at;
	if (in->next < BLOCK)
		in->next *= 2;
	*ret = in->block;
	return n;
}

/* Never past the end, so that a part that is missing is missed. */
static la_int64_t
skip_bytes(struct archive *a, void *ctx, la_int64_t n)
{
	struct input *in = ctx;
	uint64_t left = in->at < in->size ? in->size - in->at : 0;

	(void)a;
	if (n < 0)
		return 0;
	if ((uint64_t)n > left)
		n = (la_int64_t)left;
	if ((uint64_t)n > BLOCK)
		in->next = FIRST_BLOCK;
	in->at += (uint64_t)n;
	if (in->at > in->most)
		in->most = in->at;
	return n;
}

static la_int64_t
seek_to(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
	struct input *in = ctx;
	uint64_t from = whence == SEEK_SET ? 0 :
	    whence == SEEK_CUR		   ? in->at :
					     in->size;
	int64_t to;

	(void)a;
	if (__builtin_add_overflow((int64_t)from, offset, &to) || to < 0)
		return ARCHIVE_FATAL;
	in->at = (uint64_t)to;
	in->next = FIRST_BLOCK;
	return to;
}

/* ---- ours ---- */

int
input_attach(struct input *in, const struct lookback_host *host,
    const struct lookback_origin *origin)
{
	struct stat st;
	off_t size;

	*in = (struct input){
		.host = host, .limits = origin->limits, .fd = origin->fd
	};
	if (in->fd < 0)
		return host->fail(host->ctx, EINVAL, "names no file");
	if (fstat(in->fd, &st) != 0)
		return host->fail(host->ctx, errno, "%s", strerror(errno));
	if (S_ISDIR(st.st_mode))
		return host->fail(
		    host->ctx, EISDIR, "a directory, and no archive");
	if ((size = lseek(in->fd, 0, SEEK_END)) < 0)
		return host->fail(host->ctx, errno, "%s", strerror(errno));
	if (size == 0)
		return host->fail(
		    host->ctx, EILSEQ, "an empty file, and no archive");
	in->size = (uint64_t)size;
	if ((in->block = malloc(BLOCK)) == NULL)
		return host->fail(host->ctx, ENOMEM, "out of memory");
	return 0;
}

int
input_layers(const struct input *in)
{
	return archive_filter_count(in->archive) - 1;
}

int
input_open(struct input *in, enum input_as as)
{
	struct archive *a;

	input_close(in);
	in->at = in->most = in->given = 0;
	in->next = FIRST_BLOCK;
	in->opened = in->ended = false;
	in->why = 0;
	if ((a = in->archive = archive_read_new()) == NULL)
		return -ENOMEM;
	if ((add_filters(a) | add_formats(a, as)) != 0 ||
	    (as == INPUT_MTREE &&
		archive_read_set_options(a, "mtree:!checkfs") != ARCHIVE_OK) ||
	    archive_read_set_callback_data(a, in) != ARCHIVE_OK ||
	    archive_read_set_read_callback(a, read_block) != ARCHIVE_OK ||
	    archive_read_set_skip_callback(a, skip_bytes) != ARCHIVE_OK ||
	    archive_read_set_seek_callback(a, seek_to) != ARCHIVE_OK ||
	    archive_read_open1(a) < ARCHIVE_WARN)
		return -EILSEQ;
	if (input_layers(in) > LAYERS_MAX) {
		(void)refuse(in, ERANGE, "compression in compression");
		return -ERANGE;
	}
	in->opened = true;
	return 0;
}

void
input_close(struct input *in)
{
	(void)archive_read_free(in->archive);
	in->archive = NULL;
}

void
input_done(struct input *in)
{
	input_close(in);
	free(in->block);
	in->block = NULL;
}

/* A member that unpacks in one call is not looked at until that is over: so
 * where there is compression, go by blocks. */
int
input_skip(struct input *in)
{
	const void *data;
	la_int64_t offset;
	size_t len;
	int rc;

	do
		rc = archive_read_data_block(in->archive, &data, &len, &offset);
	while (rc == ARCHIVE_OK && (rc = input_count(in, len)) == ARCHIVE_OK);
	return rc == ARCHIVE_EOF ? ARCHIVE_OK : rc;
}

int
input_count(struct input *in, size_t bytes)
{
	in->given += bytes;
	return weigh(in);
}

int
input_fail(struct input *in)
{
	const struct lookback_host *host = in->host;
	const char *words;
	int err;

	if (in->archive == NULL)
		return host->fail(host->ctx, ENOMEM, "out of memory");
	if ((words = archive_error_string(in->archive)) == NULL)
		words = "libarchive does not say why";
	if ((err = in->why) == 0 && (err = archive_errno(in->archive)) <= 0)
		err = EIO;
	if (in->why == 0 && in->opened && in->ended && err != ENOMEM &&
	    archive_read_has_encrypted_entries(in->archive) <= 0)
		return host->fail(
		    host->ctx, err, "cut off, or damaged: %s", words);
	return host->fail(host->ctx, err, "%s", words);
}
