/*
 * A disk: what is found on it are entries and paths as a store has them, and
 * content with rising offsets, whatever the bytes are. Disks are large and mostly
 * empty, so an input is
 *
 *	u16  MiB of the disk
 *	u32  a sector of 512 bytes, u16 n, n bytes that stand there; and again
 *
 * as tests/fuzz/pack_image.py makes it of an image. Checksums count for nothing
 * here: no fuzzer gets behind them. NTFS and FAT are left out: libtsk 4.11 falls
 * over the first of them that lies (ntfs_open), which is what the jail is for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/buf.h"
#include "base/path.h"

#include "../../plugins/image/image_walk.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define ITEMS_MAX 3000
#define WANTS_MAX 32
#define MIB_MAX 1024u

static const struct lookback_limits limits = { .size = sizeof(limits),
	.entries = ITEMS_MAX,
	.path = 4096,
	.depth = 64,
	.expansion = 1000,
	.free = 4 << 20 };

bool
image_stopping(const struct image_env *env)
{
	(void)env;
	return false;
}

static void
drop_words(void *ctx, uint32_t level, const char *fmt, ...)
{
	(void)ctx;
	(void)level;
	(void)fmt;
}

/* ---- the disk ---- */

struct memory {
	struct disk head;
	uint8_t *data;
};

static int
memory_pread(
    struct disk *disk, void *to, size_t len, uint64_t off, struct err *err)
{
	(void)err;
	memcpy(to, ((struct memory *)disk)->data + off, len);
	return 0;
}

static bool
unpack(struct memory *m, const uint8_t *p, size_t len)
{
	uint64_t size;

	if (len < 2)
		return false;
	size = (((uint64_t)p[0] | (uint64_t)p[1] << 8) % MIB_MAX + 1) << 20;
	*m = (struct memory){
		.head = { .size = size, .sector = 512, .pread = memory_pread }
	};
	m->data = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (m->data == MAP_FAILED)
		abort();
	p += 2;
	len -= 2;
	while (len >= 6) {
		uint64_t at = (uint64_t)load_u32(p) * 512;
		size_t n = (size_t)(p[4] | p[5] << 8);

		p += 6;
		len -= 6;
		if (n > len)
			n = len;
		if (at < size)
			memcpy(m->data + at, p, n < size - at ? n : size - at);
		p += n;
		len -= n;
	}
	return true;
}

/* ---- what is not looked at ---- */

/* wrap: btrfs_sum_is_right xfs_sum_is_right ext2fs_inode_csum_verify ext2fs_dir_block_csum_verify tsk_fs_open_img */
bool __wrap_btrfs_sum_is_right(uint16_t, const uint8_t *, size_t);
bool __wrap_xfs_sum_is_right(const uint8_t *, size_t, size_t);
int __wrap_ext2fs_inode_csum_verify(void *, uint32_t, void *);
int __wrap_ext2fs_dir_block_csum_verify(void *, uint32_t, void *);
void *__wrap_tsk_fs_open_img(void *, int64_t, int);

bool
__wrap_btrfs_sum_is_right(uint16_t type, const uint8_t *p, size_t len)
{
	(void)type;
	(void)p;
	(void)len;
	return true;
}

bool
__wrap_xfs_sum_is_right(const uint8_t *p, size_t len, size_t at)
{
	(void)p;
	(void)len;
	(void)at;
	return true;
}

int
__wrap_ext2fs_inode_csum_verify(void *fs, uint32_t ino, void *inode)
{
	(void)fs;
	(void)ino;
	(void)inode;
	return 1;
}

int
__wrap_ext2fs_dir_block_csum_verify(void *fs, uint32_t ino, void *block)
{
	(void)fs;
	(void)ino;
	(void)block;
	return 1;
}

void *
__wrap_tsk_fs_open_img(void *img, int64_t off, int type)
{
	(void)img;
	(void)off;
	(void)type;
	return NULL;
}

/* ---- what is found there ---- */

struct found {
	struct lookback_want want[WANTS_MAX];
	size_t n;
};

static int
want_cmp(const void *va, const void *vb)
{
	const struct lookback_want *a = va, *b = vb;

	return path_cmp(a->path, a->len, b->path, b->len);
}

static void
check(const struct lookback_item *item)
{
	static const char types[] = "fdlbcps";

	if (!path_is_valid(item->path, item->len))
		abort();
	if (item->kind != LOOKBACK_ENTRY) {
		if (item->why == NULL)
			abort();
		return;
	}
	if (((item->fields & LOOKBACK_TYPE) &&
		memchr(types, item->type, sizeof(types) - 1) == NULL) ||
	    ((item->fields & LOOKBACK_TARGET) &&
		(item->type != 'l' || item->target_len == 0 ||
		    item->target_len > 4095)) ||
	    ((item->fields & LOOKBACK_SIZE) && item->bytes > INT64_MAX) ||
	    item->mtime_ns > 999999999)
		abort();
}

/* Some files of each kind of place: the first ones, then every eighth. */
static void
list(struct image_walk *walk, struct found *found)
{
	struct lookback_item item;
	struct err err = ERR_INIT;

	for (int n = 0; n < ITEMS_MAX; n++) {
		char *path;

		item = (struct lookback_item){ .size = sizeof(item) };
		if (image_walk_next(walk, &item, &err) != 0)
			break;
		check(&item);
		if (item.kind != LOOKBACK_ENTRY || item.type != 'f' ||
		    found->n == WANTS_MAX || (n > 16 && n % 8 != 0))
			continue;
		if ((path = malloc(item.len)) == NULL)
			abort();
		memcpy(path, item.path, item.len);
		found->want[found->n++] = (struct lookback_want){ path,
			item.len };
	}
}

struct offsets {
	uint64_t end;
	bool ended;
	int n;
};

static int
take_piece(void *ctx, size_t i, const struct lookback_piece *piece)
{
	struct offsets *o = (struct offsets *)ctx + i;

	if (o->ended || piece->offset < o->end)
		abort();
	o->end = piece->offset + piece->len;
	o->ended = piece->last || piece->why != NULL;
	return ++o->n > 64;
}

static void
look(struct memory *m)
{
	static const struct lookback_host host = { .size = sizeof(host),
		.log = drop_words };
	const struct image_env env = { .host = &host, .limits = &limits };
	struct volumes volumes = { 0 };
	struct image_walk walk;
	struct found found = { 0 };
	struct offsets o[WANTS_MAX] = { 0 };
	struct err err = ERR_INIT;
	int stop;

	if (volumes_find(&volumes, &m->head, &err) == 0) {
		image_walk_init(&walk, &volumes, &env);
		list(&walk, &found);
		qsort(found.want, found.n, sizeof(found.want[0]), want_cmp);
		err_clear(&err);
		(void)image_walk_read(
		    &walk, found.want, found.n, take_piece, o, &stop, &err);
		image_walk_done(&walk);
	}
	volumes_done(&volumes);
	for (size_t i = 0; i < found.n; i++)
		free((void *)(uintptr_t)found.want[i].path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct memory m;

	if (unpack(&m, data, len)) {
		look(&m);
		(void)munmap(m.data, m.head.size);
	}
	return 0;
}
