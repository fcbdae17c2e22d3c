/*
 * What a file is. Links of NTFS are reparse points, whose target stands in an
 * attribute:
 *
 *	0  u32  tag: what it is
 *	4  u16  bytes from 8 on
 *	8  u16  where the target for the kernel begins, u16 its bytes,
 *	12 u16  where the target for people begins, u16 its bytes,
 *	16 u32  flags; only of a symbolic link
 *	20 or 16  UTF-16, of which all this counts from here on
 *
 * Those that Linux made by ntfs-3g may be small files instead: "IntxLNK\1", then
 * the target in UTF-16.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_tsk_private.h"

#include <errno.h>
#include <string.h>

#define TAG_SYMLINK 0xa000000cu
#define TAG_JUNCTION 0xa0000003u
#define TAG_LINUX 0xa000001du /* u32 2, then UTF-8 */
#define REPARSE_MAX 16384u
#define INTERIX "IntxLNK\1"
#define INTERIX_LEN 8u

/* An unpaired half becomes U+FFFD. */
static int
add_utf16(struct buf *to, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		uint32_t c = load_u16(p + i);
		char out[4];
		size_t len;

		if (c >= 0xd800 && c < 0xdc00 && i + 3 < n &&
		    (load_u16(p + i + 2) & 0xfc00) == 0xdc00) {
			c = 0x10000 + ((c & 0x3ff) << 10) +
			    (load_u16(p + i + 2) & 0x3ffu);
			i += 2;
		} else if (c >= 0xd800 && c < 0xe000) {
			c = 0xfffd;
		}
		if (c < 0x80) {
			out[0] = (char)c;
			len = 1;
		} else if (c < 0x800) {
			out[0] = (char)(0xc0 | c >> 6);
			out[1] = (char)(0x80 | (c & 0x3f));
			len = 2;
		} else if (c < 0x10000) {
			out[0] = (char)(0xe0 | c >> 12);
			out[1] = (char)(0x80 | (c >> 6 & 0x3f));
			out[2] = (char)(0x80 | (c & 0x3f));
			len = 3;
		} else {
			out[0] = (char)(0xf0 | c >> 18);
			out[1] = (char)(0x80 | (c >> 12 & 0x3f));
			out[2] = (char)(0x80 | (c >> 6 & 0x3f));
			out[3] = (char)(0x80 | (c & 0x3f));
			len = 4;
		}
		if (buf_add(to, out, len) != 0)
			return -1;
	}
	return 0;
}

static bool
is_target(const struct buf *target)
{
	return target->len > 0 &&
	    memchr(target->data, '\0', target->len) == NULL;
}

static bool
windows_target(const uint8_t *p, size_t n, size_t text, struct buf *target)
{
	size_t at, len;

	if (n < text)
		return false;
	at = text + load_u16(p + 12);
	len = load_u16(p + 14);
	if (len == 0) {
		at = text + load_u16(p + 8);
		len = load_u16(p + 10);
	}
	return at <= n && len <= n - at && add_utf16(target, p + at, len) == 0;
}

/* Such a file is so small that its content lies beside its name. */
static bool
is_interix(TSK_FS_FILE *file, struct buf *target)
{
	const TSK_FS_ATTR *attr;

	if (file->meta->type != TSK_FS_META_TYPE_REG ||
	    file->meta->size <= (TSK_OFF_T)INTERIX_LEN ||
	    file->meta->size > 4096)
		return false;
	attr = tsk_fs_file_attr_get(file);
	tsk_error_reset();
	return attr != NULL && (attr->flags & TSK_FS_ATTR_RES) != 0 &&
	    attr->rd.buf != NULL &&
	    attr->rd.buf_size >= (size_t)file->meta->size &&
	    memcmp(attr->rd.buf, INTERIX, INTERIX_LEN) == 0 &&
	    add_utf16(target, attr->rd.buf + INTERIX_LEN,
		(size_t)file->meta->size - INTERIX_LEN) == 0;
}

enum sk_reparse
sk_reparse(TSK_FS_FILE *file, struct buf *target)
{
	const TSK_FS_ATTR *attr;
	uint8_t p[REPARSE_MAX];
	ssize_t got;
	size_t n;
	bool known = false;

	if (!TSK_FS_TYPE_ISNTFS(file->fs_info->ftype))
		return SK_REPARSE_NONE;
	attr = tsk_fs_file_attr_get_type(
	    file, TSK_FS_ATTR_TYPE_NTFS_REPARSE, 0, 0);
	tsk_error_reset();
	if (attr == NULL)
		return is_interix(file, target) && is_target(target) ?
		    SK_REPARSE_LINK :
		    SK_REPARSE_NONE;
	got = tsk_fs_attr_read(
	    attr, 0, (char *)p, sizeof(p), TSK_FS_FILE_READ_FLAG_NONE);
	tsk_error_reset();
	if (got < 16)
		return SK_REPARSE_OTHER;
	n = (size_t)got;
	switch (load_u32(p)) {
	case TAG_SYMLINK:
		known = windows_target(p, n, 20, target);
		break;
	case TAG_JUNCTION:
		known = windows_target(p, n, 16, target);
		break;
	case TAG_LINUX:
		n = 8 + (size_t)load_u16(p + 4) < n ?
		    8 + (size_t)load_u16(p + 4) :
		    n;
		known = n > 12 && load_u32(p + 8) == 2 &&
		    buf_add(target, p + 12, n - 12) == 0;
		break;
	default:
		return SK_REPARSE_OTHER;
	}
	return known && is_target(target) ? SK_REPARSE_LINK : SK_REPARSE_OTHER;
}

static char
type_of(const TSK_FS_META *meta)
{
	switch (meta->type) {
	case TSK_FS_META_TYPE_REG:
		return 'f';
	case TSK_FS_META_TYPE_DIR:
		return 'd';
	case TSK_FS_META_TYPE_LNK:
		return 'l';
	case TSK_FS_META_TYPE_BLK:
		return 'b';
	case TSK_FS_META_TYPE_CHR:
		return 'c';
	case TSK_FS_META_TYPE_FIFO:
		return 'p';
	case TSK_FS_META_TYPE_SOCK:
		return 's';
	default:
		return 0;
	}
}

/* Of NTFS from where it stands (the second u64 of $STANDARD_INFORMATION, 100 ns
 * since 1601): libtsk has 32 bits for it. */
bool
sk_mtime(TSK_FS_FILE *file, int64_t *ret_s, uint32_t *ret_ns)
{
	const int64_t to_1970 = INT64_C(11644473600);
	const TSK_FS_META *meta = file->meta;
	const TSK_FS_ATTR *attr;
	uint8_t p[16];
	uint64_t t;

	*ret_s = meta->mtime;
	*ret_ns = meta->mtime_nano < 1000000000 ? meta->mtime_nano : 0;
	if (!TSK_FS_TYPE_ISNTFS(file->fs_info->ftype))
		return meta->mtime != 0;
	attr = tsk_fs_file_attr_get_type(file, TSK_FS_ATTR_TYPE_NTFS_SI, 0, 0);
	if (attr == NULL ||
	    tsk_fs_attr_read(attr, 0, (char *)p, sizeof(p),
		TSK_FS_FILE_READ_FLAG_NONE) != (ssize_t)sizeof(p)) {
		tsk_error_reset();
		return false;
	}
	t = load_u64(p + 8);
	*ret_s = (int64_t)(t / 10000000) - to_1970;
	*ret_ns = (uint32_t)(t % 10000000) * 100;
	return true;
}

TSK_FS_FILE *
sk_file(struct sk *t, uint64_t id, struct ill *ill)
{
	TSK_FS_FILE *file = tsk_fs_file_open_meta(t->fs, NULL, id);

	if (file != NULL && file->meta != NULL)
		return file;
	*ill = sk_ill(t);
	if (file != NULL)
		tsk_fs_file_close(file);
	return NULL;
}

static void
fill(TSK_FS_FILE *file, struct fs_meta *m)
{
	const TSK_FS_META *meta = file->meta;
	struct buf target = { 0 };

	if ((m->type = type_of(meta)) == 0) {
		m->ill = (struct ill){ EUCLEAN, "it has no type" };
		return;
	}
	m->fields = LOOKBACK_TYPE | LOOKBACK_SIZE | LOOKBACK_MTIME;
	/* What directories say of their size differs by file system, and FAT's
	 * say nothing. */
	if (meta->size < 0 || (m->type != 'f' && m->type != 'l'))
		m->fields &= ~(uint32_t)LOOKBACK_SIZE;
	else
		m->size = (uint64_t)meta->size;
	if (!sk_mtime(file, &m->mtime, &m->mtime_ns))
		m->fields &= ~(uint32_t)LOOKBACK_MTIME;
	if (sk_reparse(file, &target) == SK_REPARSE_LINK)
		m->type = 'l';
	buf_done(&target);
}

void
sk_meta(struct fs_tree *tree, uint64_t id, struct fs_meta *m)
{
	TSK_FS_FILE *file = sk_file((struct sk *)tree, id, &m->ill);

	if (file == NULL)
		return;
	fill(file, m);
	tsk_fs_file_close(file);
}

void
sk_target(struct fs_tree *tree, uint64_t id, struct buf *to, struct ill *ill)
{
	TSK_FS_FILE *file = sk_file((struct sk *)tree, id, ill);

	if (file == NULL)
		return;
	if (sk_reparse(file, to) != SK_REPARSE_LINK) {
		buf_clear(to);
		if (file->meta->link != NULL &&
		    buf_add_str(to, file->meta->link) != 0)
			*ill = (struct ill){ ENOMEM, "out of memory" };
	}
	tsk_fs_file_close(file);
}
