/*
 * Inodes. Neighbours in their tables come from one piece that the disk keeps.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_ext_private.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "base/entry.h"

const struct ext2_inode_large *
ext_inode(struct ext *e, uint32_t ino, struct ill *ill)
{
	uint32_t per_group = e->fs->super->s_inodes_per_group, within;
	struct err ignored = ERR_INIT;
	uint64_t table;

	if (ino == 0 || ino > e->inodes) {
		*ill = (struct ill){ EUCLEAN, "no inode has its number" };
		return NULL;
	}
	within = (ino - 1) % per_group;
	table = ext2fs_inode_table_loc(e->fs, (ino - 1) / per_group);
	if (table == 0 || table >= e->blocks) {
		*ill = (struct ill){ EUCLEAN,
			"its inode's table lies outside the file system" };
		return NULL;
	}
	if (disk_read(e->disk, e->inode, e->inode_size,
		table * e->block + (uint64_t)within * e->inode_size,
		&ignored) != 0) {
		*ill = (struct ill){ EIO, "its inode cannot be read" };
		return NULL;
	}
#ifdef WORDS_BIGENDIAN
	ext2fs_swap_inode_full(e->fs, e->inode, e->inode, 0, e->inode_size);
#endif
	if (e->sums && !ext2fs_inode_csum_verify(e->fs, ino, e->inode)) {
		*ill = (struct ill){ EBADMSG,
			"the checksum of its inode is wrong" };
		return NULL;
	}
	if (e->inode->i_links_count == 0 || e->inode->i_mode == 0) {
		*ill = (struct ill){ EUCLEAN, "its inode is not in use" };
		return NULL;
	}
	*ill = (struct ill){ 0 };
	return e->inode;
}

uint64_t
ext_size(const struct ext *e, const struct ext2_inode_large *in)
{
	uint64_t size = in->i_size;

	if (S_ISREG(in->i_mode) ||
	    (S_ISDIR(in->i_mode) && ext2fs_has_feature_largedir(e->fs->super)))
		size |= (uint64_t)in->i_size_high << 32;
	return size;
}

/* Since 2013 two bits above 32 and nanoseconds, where the inode has room. */
void
ext_mtime(const struct ext *e, const struct ext2_inode_large *in,
    int64_t *ret_s, uint32_t *ret_ns)
{
	const size_t end = offsetof(struct ext2_inode_large, i_mtime_extra) + 4;

	*ret_s = (int32_t)in->i_mtime;
	*ret_ns = 0;
	if (e->inode_size < end ||
	    in->i_extra_isize + (size_t)EXT2_GOOD_OLD_INODE_SIZE < end)
		return;
	*ret_s += (int64_t)(in->i_mtime_extra & 3) << 32;
	if (in->i_mtime_extra >> 2 < 1000000000)
		*ret_ns = in->i_mtime_extra >> 2;
}

void
ext_meta(struct fs_tree *tree, uint64_t id, struct fs_meta *m)
{
	struct ext *e = (struct ext *)tree;
	const struct ext2_inode_large *in = ext_inode(e, (uint32_t)id, &m->ill);

	if (in == NULL)
		return;
	m->fields = LOOKBACK_TYPE | LOOKBACK_MODE | LOOKBACK_OWNER |
	    LOOKBACK_SIZE | LOOKBACK_MTIME;
	m->type = entry_type_of_mode(in->i_mode);
	m->mode = in->i_mode & 07777;
	m->uid = in->i_uid | (uint32_t)in->osd2.linux2.l_i_uid_high << 16;
	m->gid = in->i_gid | (uint32_t)in->osd2.linux2.l_i_gid_high << 16;
	m->size = ext_size(e, in);
	ext_mtime(e, in, &m->mtime, &m->mtime_ns);
	if (m->type == 0)
		m->ill = (struct ill){ EUCLEAN, "its inode has no known type" };
	else if (m->size > INT64_MAX)
		m->ill = (struct ill){ EUCLEAN, "its inode has no true size" };
}

void
ext_inline(struct ext *e, uint32_t ino, struct buf *to, struct ill *ill)
{
	size_t size = 0;
	errcode_t rc = ext2fs_inline_data_size(e->fs, ino, &size);

	if (rc == 0 && size > e->inode_size)
		rc = EXT2_ET_INLINE_DATA_CANT_ITERATE;
	if (rc == 0) {
		/* What it writes is what it says, and that fits an inode. */
		if (buf_reserve(to, size) != 0) {
			*ill = (struct ill){ ENOMEM, "out of memory" };
			return;
		}
		rc = ext2fs_inline_data_get(
		    e->fs, ino, NULL, to->data + to->len, &size);
	}
	if (rc != 0) {
		*ill = (struct ill){ EUCLEAN,
			"what its inode holds cannot be read" };
		return;
	}
	to->len += size;
	*ill = (struct ill){ 0 };
}

static int
first_block(void *ctx, const struct ext_run *run)
{
	uint64_t *where = ctx;

	if (run->at == 0 && !run->unwritten)
		*where = run->where;
	return 1;
}

void
ext_target(struct fs_tree *tree, uint64_t id, struct buf *to, struct ill *ill)
{
	struct ext *e = (struct ext *)tree;
	uint32_t ino = (uint32_t)id;
	const struct ext2_inode_large *in = ext_inode(e, ino, ill);
	struct ext2_inode_large copy;
	uint64_t where = 0;
	const uint8_t *p;

	if (in == NULL)
		return;
	copy = *in;
	if ((copy.i_flags & EXT4_ENCRYPT_FL) != 0) {
		*ill = (struct ill){ ENOKEY, "its target is encrypted" };
	} else if ((copy.i_flags & EXT4_INLINE_DATA_FL) != 0) {
		ext_inline(e, ino, to, ill);
		if (ill->why == NULL && to->len > copy.i_size)
			to->len = copy.i_size;
	} else if (copy.i_size < sizeof(copy.i_block)) {
		if (buf_add(to, copy.i_block, copy.i_size) != 0)
			*ill = (struct ill){ ENOMEM, "out of memory" };
	} else if (copy.i_size < e->block && copy.i_size < 4096) {
		(void)ext_map(e, ino, &copy, first_block, &where, ill);
		if (ill->why != NULL)
			return;
		p = where == 0 ? NULL : ext_block(e, where);
		if (p == NULL)
			*ill = (struct ill){ EIO, "its target cannot be read" };
		else if (buf_add(to, p, copy.i_size) != 0)
			*ill = (struct ill){ ENOMEM, "out of memory" };
	} else {
		*ill = (struct ill){ EUCLEAN, "its target is too long" };
	}
	if (ill->why == NULL &&
	    (to->len == 0 || memchr(to->data, '\0', to->len) != NULL))
		*ill = (struct ill){ EUCLEAN, "its target is none" };
}
