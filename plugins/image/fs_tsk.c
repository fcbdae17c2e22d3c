/*
 * Opening. We say what it is; libtsk's own guess would try them all. Of what else
 * it knows, it misses the names and links of Rock Ridge (libarchive has them), and
 * nothing here can write HFS+ or UFS to compare with.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_tsk.h"
#include "fs_tsk_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The image as libtsk wants it: its struct first. */
struct sk_img {
	TSK_IMG_INFO info;
	struct disk *disk; /* borrowed */
};

static const struct mark {
	const char *magic;
	size_t len;
	uint32_t off;
	TSK_FS_TYPE_ENUM type;
} marks[] = {
	{ "NTFS    ", 8, 3, TSK_FS_TYPE_NTFS },
	{ "EXFAT   ", 8, 3, TSK_FS_TYPE_EXFAT },
	{ "FAT1", 4, 54, TSK_FS_TYPE_FAT_DETECT },
	{ "FAT32   ", 8, 82, TSK_FS_TYPE_FAT32 },
};

static const struct mark *
mark_of(struct disk *disk)
{
	char bytes[8];
	struct err ignored = ERR_INIT;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const struct mark *m = &marks[i];

		if (m->off + m->len <= disk->size &&
		    disk_read(disk, bytes, m->len, m->off, &ignored) == 0 &&
		    memcmp(bytes, m->magic, m->len) == 0)
			return m;
	}
	return NULL;
}

/* As much as there is. */
static ssize_t
img_read(TSK_IMG_INFO *info, TSK_OFF_T off, char *to, size_t len)
{
	struct disk *disk = ((struct sk_img *)info)->disk;
	struct err err = ERR_INIT;
	char text[256];

	if (off < 0 || (uint64_t)off >= disk->size)
		return 0;
	if (len > disk->size - (uint64_t)off)
		len = disk->size - (uint64_t)off;
	if (disk_read(disk, to, len, (uint64_t)off, &err) == 0)
		return (ssize_t)len;
	tsk_error_reset();
	tsk_error_set_errno(TSK_ERR_IMG_READ);
	tsk_error_set_errstr("%s", err_text(&err, text, sizeof(text)));
	return -1;
}

static void
img_close(TSK_IMG_INFO *info)
{
	(void)info;
}

static void
img_stat(TSK_IMG_INFO *info, FILE *to)
{
	(void)info;
	(void)to;
}

/* Texts are kept, since an ill lives longer than libtsk's word. */
struct ill
sk_ill(struct sk *t)
{
	const char *said = tsk_error_get();
	struct ill ill = { EUCLEAN, "it cannot be read" };
	size_t i = 0;

	while (said != NULL && i < sizeof(t->words) / sizeof(t->words[0])) {
		if (t->words[i] == NULL)
			t->words[i] = strdup(said);
		if (t->words[i] == NULL || strcmp(t->words[i], said) == 0)
			break;
		i++;
	}
	if (said != NULL && i < sizeof(t->words) / sizeof(t->words[0]) &&
	    t->words[i] != NULL)
		ill.why = t->words[i];
	tsk_error_reset();
	return ill;
}

static void
sk_close(struct fs *fs)
{
	struct sk *t = (struct sk *)fs;

	fs_tree_done(&t->tree);
	if (t->fs != NULL)
		tsk_fs_close(t->fs);
	if (t->img != NULL)
		tsk_img_close(&t->img->info);
	free(t->img);
	for (size_t i = 0; i < sizeof(t->words) / sizeof(t->words[0]); i++)
		free(t->words[i]);
	free(t);
}

static int
open_fs(
    struct sk *t, struct disk *disk, const struct mark *mark, struct err *err)
{
	struct sk_img *img = calloc(1, sizeof(*img));

	if (img == NULL)
		return err_nomem(err);
	img->disk = disk;
	if (tsk_img_open_external(&img->info, (TSK_OFF_T)disk->size,
		disk->sector, img_read, img_close, img_stat) == NULL) {
		free(img);
		return err_set(err, ERR_FORMAT, "%s", sk_ill(t).why);
	}
	t->img = img;
	t->fs = tsk_fs_open_img(&img->info, 0, mark->type);
	if (t->fs == NULL)
		return err_set(err, ERR_FORMAT, "%s", sk_ill(t).why);
	return 0;
}

static int
sk_open(struct fs **ret, struct disk *disk, const struct image_env *env,
    struct err *err)
{
	const struct mark *mark = mark_of(disk);
	struct sk *t;
	int rc;

	if (mark == NULL)
		return 1;
	if (disk->size > INT64_MAX)
		return err_set(err, ERR_FORMAT, "it is too large");
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return err_nomem(err);
	t->tree = (struct fs_tree){ .head = { &fs_tsk_reader },
		.limits = env->limits,
		.names = sk_names,
		.meta = sk_meta,
		.target = sk_target,
		.content = sk_content };
	if ((rc = open_fs(t, disk, mark, err)) != 0) {
		sk_close(&t->tree.head);
		return rc;
	}
	t->tree.root = t->fs->root_inum;
	*ret = &t->tree.head;
	return 0;
}

const struct fs_reader fs_tsk_reader = {
	.name = "tsk",
	.open = sk_open,
	.next = fs_tree_next,
	.read = fs_tree_read,
	.close = sk_close,
};
