/*
 * The names of a directory: those that are in use and that a person would see.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_tsk_private.h"

#include <errno.h>
#include <string.h>

/* NTFS keeps its own tables in the first files, the root (5) among them. */
#define NTFS_ROOT 5u
#define NTFS_FIRST 16u

/* libtsk makes a name of a FAT's label, with these words behind it; and two of
 * the tables of an exFAT. */
#define LABEL " (Volume Label Entry)"

static bool
is_label(const char *name)
{
	size_t len = strlen(name);

	return len >= sizeof(LABEL) - 1 &&
	    strcmp(name + len - (sizeof(LABEL) - 1), LABEL) == 0;
}

static bool
is_wanted(const struct sk *t, const TSK_FS_NAME *name)
{
	if (name->name == NULL || (name->flags & TSK_FS_NAME_FLAG_ALLOC) == 0 ||
	    strcmp(name->name, ".") == 0 || strcmp(name->name, "..") == 0)
		return false;
	if (name->type == TSK_FS_NAME_TYPE_VIRT ||
	    name->type == TSK_FS_NAME_TYPE_VIRT_DIR ||
	    name->type == TSK_FS_NAME_TYPE_WHT)
		return false;
	if (TSK_FS_TYPE_ISNTFS(t->fs->ftype))
		return name->meta_addr >= NTFS_FIRST ||
		    name->meta_addr == NTFS_ROOT;
	return !is_label(name->name) &&
	    strcmp(name->name, "$ALLOC_BITMAP") != 0 &&
	    strcmp(name->name, "$UPCASE_TABLE") != 0;
}

/* What libtsk 4.11 gets wrong of FAT's names: it does not see the piece of 13
 * characters that ends one of more than 195, and shows '^' for what is no ASCII
 * where there is a short name only. */
static const char *
fat_doubt(const TSK_FS_NAME *name)
{
	size_t units = 0;

	for (const char *p = name->name; *p != '\0'; p++)
		if ((*p & 0xc0) != 0x80)
			units += (*p & 0xf8) == 0xf0 ? 2 : 1;
	if (units >= 195 && units % 13 == 0)
		return "a name of it may be cut off here";
	if ((name->shrt_name == NULL || name->shrt_name[0] == '\0') &&
	    strchr(name->name, '^') != NULL)
		return "a name of it may have other characters for '^'";
	return NULL;
}

int
sk_names(struct fs_tree *tree, uint64_t dir, fs_name_fn *fn, void *ctx,
    struct ill *ill, struct err *err)
{
	struct sk *t = (struct sk *)tree;
	TSK_FS_DIR *d = tsk_fs_dir_open_meta(t->fs, dir);
	size_t n;
	int rc = 0;

	if (d == NULL) {
		*ill = sk_ill(t);
		return 0;
	}
	n = tsk_fs_dir_getsize(d);
	for (size_t i = 0; i < n && rc == 0; i++) {
		const TSK_FS_NAME *name = tsk_fs_dir_get_name(d, i);
		const uint8_t *text;
		size_t len;

		if (name == NULL || !is_wanted(t, name))
			continue;
		if (!TSK_FS_TYPE_ISNTFS(t->fs->ftype) && ill->why == NULL)
			ill->why = fat_doubt(name);
		text = (const uint8_t *)name->name;
		len = strlen(name->name);
		if (fs_name_is_valid(text, len))
			rc = fn(ctx, text, len, name->meta_addr, err);
		else
			*ill = (struct ill){ EUCLEAN,
				"it has a name that no file can have" };
	}
	tsk_fs_dir_close(d);
	return rc;
}
