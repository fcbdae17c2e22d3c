/*
 * Names of a directory. It has them twice: in the order in which they were made,
 * which is what the kernel lists, and by their hashes; those serve where the
 * first cannot be read.
 *
 * DIR_INDEX, DIR_ITEM: key of what it leads to, u64, u16 length of data, u16
 * length of the name, u8 type, name, data; of one hash, one behind the other.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_btrfs_private.h"

#include <errno.h>
#include <stdlib.h>

#define NAME_HEAD 30u

struct dir {
	struct btrfs *fs;
	uint64_t id;
	fs_name_fn *fn;
	void *ctx;
	struct ill *ill;
	struct err *err;
};

static void
bad(const struct dir *d, int error, const char *why)
{
	if (d->ill->why == NULL)
		*d->ill = (struct ill){ error, why };
}

static int
one_name(const struct dir *d, const struct btrfs_key *to, const uint8_t *name,
    size_t len)
{
	uint64_t id = 0;

	if (len > BTRFS_NAME_MAX || !fs_name_is_valid(name, len) ||
	    fs_name_is_dots(name, len)) {
		bad(d, EUCLEAN, "it has a name that no file can have");
		return 0;
	}
	if (to->type == BTRFS_INODE_ITEM && btrfs_number(to->id) == to->id) {
		id = btrfs_id(d->id >> BTRFS_NUMBER_BITS, to->id);
	} else if (to->type == BTRFS_ROOT_ITEM) {
		int rc = btrfs_subvol_id(d->fs, d->id, name, len, to->id, &id);

		if (rc < 0)
			return err_nomem(d->err);
		if (rc > 0) {
			bad(d, EOVERFLOW,
			    "there are more subvolumes than are read here");
			return 0;
		}
	} else {
		bad(d, EUCLEAN, "a name of it leads nowhere");
		return 0;
	}
	return d->fn(d->ctx, name, len, id, d->err);
}

static int
names_of_item(const struct dir *d, const struct btrfs_item *item)
{
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < item->len;) {
		const uint8_t *p = item->p + at;
		size_t left = item->len - at, name, data;
		const struct btrfs_key to = left < NAME_HEAD ?
		    (struct btrfs_key){ 0 } :
		    btrfs_key_at(p);

		if (left >= NAME_HEAD) {
			data = load_u16(p + 25);
			name = load_u16(p + 27);
		}
		if (left < NAME_HEAD || name + data > left - NAME_HEAD) {
			bad(d, EUCLEAN, "a name of it has no true length");
			break;
		}
		rc = one_name(d, &to, p + NAME_HEAD, name);
		at += NAME_HEAD + name + data;
	}
	return rc;
}

static int
names_of_type(const struct dir *d, enum btrfs_type type)
{
	const struct btrfs_pointer *root = &btrfs_subvol_of(d->fs, d->id)->root;
	struct btrfs_cursor cursor;
	struct btrfs_item item;
	int rc = 0;

	btrfs_cursor_init(&cursor, d->fs, root, btrfs_number(d->id), type);
	while (rc == 0 && btrfs_cursor_next(&cursor, &item))
		rc = names_of_item(d, &item);
	if (cursor.ill.why != NULL)
		bad(d, cursor.ill.error, cursor.ill.why);
	btrfs_cursor_done(&cursor);
	return rc;
}

int
btrfs_names(struct fs_tree *tree, uint64_t id, fs_name_fn *fn, void *ctx,
    struct ill *ill, struct err *err)
{
	const struct dir d = { .fs = (struct btrfs *)tree,
		.id = id,
		.fn = fn,
		.ctx = ctx,
		.ill = ill,
		.err = err };
	int rc;

	if (btrfs_subvol_of(d.fs, id)->parent != 0)
		return 0;
	rc = names_of_type(&d, BTRFS_DIR_INDEX);
	if (rc == 0 && ill->why != NULL)
		rc = names_of_type(&d, BTRFS_DIR_ITEM);
	return rc;
}
