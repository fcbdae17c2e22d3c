/*
 * Inodes of XFS. Their number is their group, the block in it and the place in
 * that. Versions 1 and 2 have a core of 100 bytes, version 3 of 176:
 *
 *	0 magic  2 mode  4 version  5 format  6 links, of version 1  8 owner
 *	12 group  16 links  24 extents, where counted in 64 bits  40 mtime
 *	56 size  76 extents  82 where attributes begin, in eights  90 flags
 *	100 sum  120 more flags  152 its number  160 id
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_xfs_private.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/entry.h"

#define MAGIC 0x494eu /* IN */
#define CORE 100u
#define CORE_3 176u

#define REALTIME 1u /* of flags */
#define SHARED 2u   /* of more flags, as the next */
#define BIGTIME 8u
#define MANY_EXTENTS 0x10u

static bool
bad(struct ill *ill, int error, const char *why)
{
	*ill = (struct ill){ error, why };
	return false;
}

static bool
find(const struct xfs *x, uint64_t ino, uint64_t *ret)
{
	uint64_t block;

	if (!xfs_place(x, ino >> x->inodes_log, 1, &block))
		return false;
	*ret = block +
	    (ino & ((UINT64_C(1) << x->inodes_log) - 1)) * x->inode_size;
	return true;
}

/* Two numbers of 32 bits, or one of 64: nanoseconds from the earliest of those
 * on. */
static void
set_mtime(struct xfs_inode *in, const uint8_t *p, bool big)
{
	uint64_t ns = load_be64(p + 40);

	if (big) {
		in->mtime = (int64_t)(ns / 1000000000) + INT32_MIN;
		in->mtime_ns = (uint32_t)(ns % 1000000000);
		return;
	}
	in->mtime = (int32_t)load_be32(p + 40);
	in->mtime_ns = load_be32(p + 44);
	if (in->mtime_ns >= 1000000000)
		in->mtime_ns = 0;
}

/* What of version 3 must be true. */
static bool
is_own(const struct xfs *x, const uint8_t *p, uint64_t ino, struct ill *ill)
{
	if (p[4] != 3)
		return bad(ill, EUCLEAN, "its inode is of another version");
	if (!xfs_sum_is_right(p, x->inode_size, CORE))
		return bad(ill, EBADMSG, "the checksum of its inode is wrong");
	if (load_be64(p + 152) != ino ||
	    memcmp(p + 160, x->id, XFS_ID_LEN) != 0)
		return bad(ill, EUCLEAN, "its inode is that of another file");
	return true;
}

bool
xfs_inode(struct xfs *x, uint64_t ino, struct xfs_inode *in, struct ill *ill)
{
	size_t core = x->v5 ? CORE_3 : CORE;
	struct err ignored = ERR_INIT;
	uint8_t p[XFS_INODE_MAX];
	uint64_t place, more;
	uint32_t links;

	*ill = (struct ill){ 0 };
	if (!find(x, ino, &place))
		return bad(ill, EUCLEAN, "no inode has its number");
	if (disk_read(x->disk, p, x->inode_size, place, &ignored) != 0)
		return bad(ill, EIO, "its inode cannot be read");
	if (load_be16(p) != MAGIC)
		return bad(ill, EUCLEAN, "its inode is none");
	if (x->v5 && !is_own(x, p, ino, ill))
		return false;
	if (!x->v5 && p[4] != 1 && p[4] != 2)
		return bad(ill, EUCLEAN, "its inode is of another version");
	links = p[4] == 1 ? load_be16(p + 6) : load_be32(p + 16);
	if (load_be16(p + 2) == 0 || links == 0)
		return bad(ill, EUCLEAN, "its inode is not in use");

	more = x->v5 ? load_be64(p + 120) : 0;
	in->number = ino;
	in->mode = load_be16(p + 2);
	in->format = p[5];
	in->realtime = (load_be16(p + 90) & REALTIME) != 0;
	in->shared = x->reflink && (more & SHARED) != 0 && S_ISREG(in->mode);
	in->linked = links > 1;
	in->uid = load_be32(p + 8);
	in->gid = load_be32(p + 12);
	in->size = load_be64(p + 56);
	in->extents = x->manyext && (more & MANY_EXTENTS) != 0 ?
	    load_be64(p + 24) :
	    load_be32(p + 76);
	set_mtime(in, p, x->bigtime && (more & BIGTIME) != 0);
	in->fork_len = p[82] != 0 ? p[82] * (size_t)8 : x->inode_size - core;
	if (in->fork_len > x->inode_size - core)
		return bad(ill, EUCLEAN, "its inode holds more than it can");
	memcpy(in->fork, p + core, in->fork_len);
	if (entry_type_of_mode(in->mode) == 0)
		return bad(ill, EUCLEAN, "its inode has no known type");
	if (in->size > INT64_MAX)
		return bad(ill, EUCLEAN, "its inode has no true size");
	return true;
}

void
xfs_meta(struct fs_tree *tree, uint64_t ino, struct fs_meta *ret)
{
	struct xfs_inode in;

	if (!xfs_inode((struct xfs *)tree, ino, &in, &ret->ill))
		return;
	ret->fields = LOOKBACK_TYPE | LOOKBACK_MODE | LOOKBACK_OWNER |
	    LOOKBACK_SIZE | LOOKBACK_MTIME;
	ret->type = entry_type_of_mode(in.mode);
	ret->mode = in.mode & 07777;
	ret->uid = in.uid;
	ret->gid = in.gid;
	ret->size = in.size;
	ret->mtime = in.mtime;
	ret->mtime_ns = in.mtime_ns;
}
