/*
 * archive: tar, cpio, zip and their like as a source, through libarchive.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "archive_plugin.h"
#include "tar_head.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define NO_ICONV ((iconv_t)-1)

static const struct lookback_option options[] = {
	{ "format", LOOKBACK_TEXT, NULL,
	    "mtree, which is not told by its bytes; else left out" },
	{ 0 },
};

static int
plugin_open_archive(const struct lookback_host *host,
    const struct lookback_setting *settings, void **ret_self)
{
	struct source_archive *a;

	/* There is one option, so a setting can only be that. */
	if (settings->key != NULL && strcmp(settings->value, "mtree") != 0)
		return host->fail(host->ctx, EINVAL,
		    "format=%s: only mtree needs to be named", settings->value);
	if ((a = calloc(1, sizeof(*a))) == NULL)
		return host->fail(host->ctx, ENOMEM, "out of memory");
	a->host = host;
	a->mtree = settings->key != NULL;
	a->warm[0] = a->warm[1] = NO_ICONV;
	*ret_self = a;
	return 0;
}

static void
plugin_close_archive(void *self)
{
	struct source_archive *a = self;

	input_done(&a->in);
	links_done(&a->links);
	for (int i = 0; i < 2; i++)
		if (a->warm[i] != NO_ICONV)
			(void)iconv_close(a->warm[i]);
	if (a->utf8 != (locale_t)0)
		freelocale(a->utf8);
	free(a->name.path);
	free(a->to.path);
	free(a->told);
	free(a);
}

static int
attach(void *self, const struct lookback_origin *origin)
{
	struct source_archive *a = self;

	if ((a->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0)) ==
	    (locale_t)0)
		return a->host->fail(
		    a->host->ctx, errno, "locale C.UTF-8: %s", strerror(errno));
	a->warm[0] = iconv_open("UTF-8", "UTF-16LE");
	a->warm[1] = iconv_open("UTF-8", "UTF-16BE");
	if (getentropy(&a->links.seed, sizeof(a->links.seed)) != 0)
		return a->host->fail(
		    a->host->ctx, errno, "getentropy: %s", strerror(errno));
	return input_attach(&a->in, a->host, origin);
}

/* ---- about ---- */

static const char *
format_word(struct source_archive *a)
{
	switch (archive_format(a->in.archive) & ARCHIVE_FORMAT_BASE_MASK) {
	case ARCHIVE_FORMAT_TAR:
		return "tar";
	case ARCHIVE_FORMAT_CPIO:
		return "cpio";
	case ARCHIVE_FORMAT_ZIP:
		return "zip";
	case ARCHIVE_FORMAT_7ZIP:
		return "7z";
	case ARCHIVE_FORMAT_ISO9660:
		return "iso";
	case ARCHIVE_FORMAT_XAR:
		return "xar";
	case ARCHIVE_FORMAT_AR:
		return a->entry != NULL && a->ahead_rc == 0 &&
			strcmp(a->name.path, "/debian-binary") == 0 ?
		    "deb" :
		    "ar";
	case ARCHIVE_FORMAT_MTREE:
		return "mtree";
	default:
		return "archive";
	}
}

static const char *
layer_word(int code)
{
	switch (code) {
	case ARCHIVE_FILTER_GZIP:
		return "gz";
	case ARCHIVE_FILTER_BZIP2:
		return "bz2";
	case ARCHIVE_FILTER_XZ:
		return "xz";
	case ARCHIVE_FILTER_LZMA:
		return "lzma";
	case ARCHIVE_FILTER_LZIP:
		return "lz";
	case ARCHIVE_FILTER_ZSTD:
		return "zst";
	case ARCHIVE_FILTER_LZ4:
		return "lz4";
	case ARCHIVE_FILTER_COMPRESS:
		return "Z";
	case ARCHIVE_FILTER_RPM:
		return "rpm";
	default:
		return "?";
	}
}

/* As people name such files: "tar.zst", innermost first; an rpm is one, though
 * it is a cpio.gz.rpm. */
static void
set_format(struct source_archive *a)
{
	int n = input_layers(&a->in);
	bool is_rpm = n > 0 &&
	    archive_filter_code(a->in.archive, n - 1) == ARCHIVE_FILTER_RPM;

	(void)snprintf(a->format, sizeof(a->format), "%s",
	    is_rpm ? "rpm" : format_word(a));
	for (int i = 0; i < n && !is_rpm; i++) {
		size_t len = strlen(a->format);

		(void)snprintf(a->format + len, sizeof(a->format) - len, ".%s",
		    layer_word(archive_filter_code(a->in.archive, i)));
	}
}

static bool
get_bytes(void *ctx, void *buf, size_t len)
{
	struct input *in = ctx;

	return archive_read_data(in->archive, buf, len) == (la_ssize_t)len &&
	    input_count(in, len) == ARCHIVE_OK;
}

/* A tar's own first bytes. Afterwards the archive is open anew. */
static int
look_at_head(struct source_archive *a, struct lookback_about *about)
{
	struct archive_entry *entry;
	struct tar_head head = { 0 };
	int rc;

	if (input_open(&a->in, INPUT_BYTES) == 0 &&
	    archive_read_next_header(a->in.archive, &entry) >= ARCHIVE_WARN)
		head = tar_head_read(get_bytes, &a->in);
	if (a->in.why != 0)
		return input_fail(&a->in);
	if (head.no_tar)
		return a->host->fail(a->host->ctx, EILSEQ,
		    "begins with zeros: no archive of a kind that is known");
	about->additive = head.leaves_out;
	a->later_volume = head.later_volume;
	if ((rc = header_open(a)) == 0)
		header_peek(a);
	return rc;
}

static int
find_out(struct source_archive *a, struct lookback_about *about)
{
	int rc;

	if ((rc = header_open(a)) != 0)
		return rc;
	header_peek(a);
	if (a->ahead_rc < 0)
		return a->ahead_rc;
	set_format(a);
	if ((archive_format(a->in.archive) & ARCHIVE_FORMAT_BASE_MASK) ==
		ARCHIVE_FORMAT_TAR &&
	    (rc = look_at_head(a, about)) != 0)
		return rc;
	about->fields = LOOKBACK_TYPE | LOOKBACK_MODE | LOOKBACK_OWNER |
	    LOOKBACK_SIZE | LOOKBACK_MTIME | LOOKBACK_TARGET;
	about->format = a->format;
	return 0;
}

/* ---- the calls, in a locale of UTF-8 ---- */

static int
about(void *self, struct lookback_about *ret)
{
	struct source_archive *a = self;
	locale_t before = uselocale(a->utf8);
	int rc = find_out(a, ret);

	(void)uselocale(before);
	return rc;
}

static int
next(void *self, struct lookback_item *item)
{
	struct source_archive *a = self;
	locale_t before = uselocale(a->utf8);
	int rc = archive_list_next(a, item);

	(void)uselocale(before);
	return rc;
}

static int
read_content(void *self, const struct lookback_want *want, size_t n,
    lookback_piece_fn *give, void *ctx)
{
	struct source_archive *a = self;
	locale_t before = uselocale(a->utf8);
	int rc = archive_content(a, want, n, give, ctx);

	(void)uselocale(before);
	return rc;
}

static const struct lookback_source ops = {
	.size = sizeof(ops),
	.attach = attach,
	.about = about,
	.next = next,
	.read = read_content,
};

static const struct lookback_plugin plugin = {
	.abi = LOOKBACK_PLUGIN_ABI,
	.size = sizeof(plugin),
	.kind = LOOKBACK_SOURCE,
	.name = "archive",
	.version = "1",
	.about = "backup archives: tar, cpio, zip, 7z, iso, xar, ar, rpm",
	.options = options,
	.open = plugin_open_archive,
	.close = plugin_close_archive,
	.ops = &ops,
};

const struct lookback_plugin *
lookback_plugin(void)
{
	return &plugin;
}
