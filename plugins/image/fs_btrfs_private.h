/*
 * btrfs, as fs_btrfs*.c sees it:
 *
 *	superblock -> chunks -> tree of trees -> a tree for each subvolume
 *	              where logical    ROOT_ITEM     inodes, names, extents
 *	              addresses lie    ROOT_REF
 *
 * Trees are of nodes of one size; inner ones have keys and pointers, leaves have
 * keys and items. Pointers are logical addresses, which chunks map to copies on
 * the device. All numbers are little-endian.
 *
 * Whatever lies is an `ill`: it is said of the one path, and the rest goes on.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_FS_BTRFS_PRIVATE_H
#define IMAGE_FS_BTRFS_PRIVATE_H

#include "base/buf.h"
#include "base/err.h"
#include "fs_tree.h"
#include "image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Sizes on the disk. */
enum {
	BTRFS_SUM = 32,	  /* of a checksum, in front of what it is of */
	BTRFS_KEY = 17,	  /* u64 id, u8 type, u64 offset */
	BTRFS_HEAD = 101, /* of a node; of its keys, with what they lead to: */
	BTRFS_LEAF_KEY = 25,
	BTRFS_INNER_KEY = 33,
	BTRFS_INODE = 160,
	BTRFS_NODE_MIN = 4096,
	BTRFS_NODE_MAX = 65536,
	BTRFS_LEVELS = 8,
	BTRFS_COPIES = 4,
	BTRFS_NAME_MAX = 255,
};

enum btrfs_type {
	BTRFS_INODE_ITEM = 1,
	BTRFS_DIR_ITEM = 84,
	BTRFS_DIR_INDEX = 96,
	BTRFS_EXTENT_DATA = 108,
	BTRFS_ROOT_ITEM = 132,
	BTRFS_ROOT_REF = 156,
	BTRFS_CHUNK_ITEM = 228,
};

/* Numbers of trees, and of things in them. */
#define BTRFS_TOP_TREE UINT64_C(5)
#define BTRFS_CHUNK_TREE_ID UINT64_C(256)
#define BTRFS_TOP_DIR UINT64_C(256) /* of every subvolume */

struct btrfs_key {
	uint64_t id;
	uint8_t type;
	uint64_t offset;
};

/* What the pointer to a node says of it. */
struct btrfs_pointer {
	uint64_t at; /* logical */
	uint64_t generation;
	uint8_t level; /* 0: a leaf */
};

struct btrfs_node {
	struct btrfs_pointer pointer;
	struct ill ill; /* if it has one, there is no more of it */
	uint32_t n;	/* keys, rising */
	uint8_t *data;	/* owned */
	uint64_t used;	/* when; 0: nothing is in it */
};

#define BTRFS_CACHED 64u

/* Where a run of logical addresses lies. */
struct btrfs_chunk {
	uint64_t logical, len;
	unsigned n;		   /* copies on this device */
	const char *why;	   /* there is none, because */
	uint64_t at[BTRFS_COPIES]; /* on the disk */
};

/* A subvolume, or the place of one that is gone. */
struct btrfs_subvol {
	uint64_t id;		   /* of its tree */
	uint64_t parent;	   /* gone: the directory; else 0 */
	struct btrfs_pointer root; /* of its tree */
	struct ill ill;		   /* why its tree is not known */
	uint32_t next;		   /* of its bucket; 0: no more */
};

#define BTRFS_BUCKETS 4096u

struct btrfs {
	struct fs_tree tree;
	struct disk *disk;	     /* borrowed */
	const struct image_env *env; /* borrowed */
	uint32_t node, sector;	     /* bytes */
	uint16_t sum_type;
	uint8_t fsid[16]; /* that nodes have */
	uint64_t device;
	struct btrfs_pointer trees; /* the root of the tree of trees */

	struct btrfs_chunk *chunk; /* owned; rising, apart */
	size_t n_chunks, chunk_room;

	struct btrfs_node cached[BTRFS_CACHED];
	uint64_t clock;

	struct btrfs_subvol *subvol; /* owned; [0] is the top level */
	size_t n_subvols, subvol_room;
	uint32_t bucket[BTRFS_BUCKETS]; /* index; 0: none */
};

static inline struct btrfs_key
btrfs_key_at(const uint8_t *p)
{
	return (struct btrfs_key){ load_u64(p), p[8], load_u64(p + 9) };
}

/* ---- fs_btrfs_sum.c ---- */

/* Whether the checksum in front of these bytes is theirs; of the two kinds that
 * we have no code for (SHA-256, BLAKE2b) it is believed to be. */
bool btrfs_sum_is_right(uint16_t sum_type, const uint8_t *, size_t len);

/* ---- fs_btrfs_chunk.c ---- */

/* A CHUNK_ITEM. What lies is left out: nothing is found there then. -1: out of
 * memory. */
int btrfs_chunk_add(
    struct btrfs *, uint64_t logical, const uint8_t *item, size_t len);
/* The copies of [logical, logical + len): how many, and where they lie on the
 * disk. 0 with an ill. */
unsigned btrfs_copies(const struct btrfs *, uint64_t logical, uint64_t len,
    uint64_t at[static BTRFS_COPIES], struct ill *);
/* All chunks of the superblock's array (which knows where those lie that the
 * chunk tree itself is in), and then of that tree. */
int btrfs_chunks_read(struct btrfs *, const uint8_t *array, size_t len,
    const struct btrfs_pointer *tree, struct err *);

/* ---- fs_btrfs_node.c ---- */

/* A node that is sound in itself and the one meant; NULL with an ill. Valid
 * until the next one is read. */
const struct btrfs_node *btrfs_node(
    struct btrfs *, const struct btrfs_pointer *, struct ill *);
struct btrfs_key btrfs_node_key(const struct btrfs_node *, uint32_t i);
void btrfs_nodes_free(struct btrfs *);

/* ---- fs_btrfs_tree.c ---- */

int btrfs_key_cmp(const struct btrfs_key *, const struct btrfs_key *);

struct btrfs_item {
	struct btrfs_key key;
	const uint8_t *p;
	uint32_t len;
};

/* The item of that key, or NULL where there is none or, with an ill, nobody
 * knows; *ill is zeroed before. Valid until the next node is read. */
const uint8_t *btrfs_find(struct btrfs *, const struct btrfs_pointer *root,
    const struct btrfs_key *, uint32_t *ret_len, struct ill *);

/* The items of one id and type, in order. Owns a copy of the leaf it is at, so
 * other nodes may be read meanwhile. */
struct btrfs_cursor {
	struct btrfs *fs;
	struct btrfs_pointer root;
	struct btrfs_key next, end; /* both are within */
	struct ill ill;		    /* of what was passed over, the first */
	uint8_t *leaf;		    /* owned */
	uint32_t i, n;		    /* in it */
	bool ended;
};

void btrfs_cursor_init(struct btrfs_cursor *, struct btrfs *,
    const struct btrfs_pointer *root, uint64_t id, enum btrfs_type);
/* false at the end. What cannot be read is passed over, and ill. */
bool btrfs_cursor_next(struct btrfs_cursor *, struct btrfs_item *);
void btrfs_cursor_done(struct btrfs_cursor *);

/* ---- fs_btrfs_subvol.c ---- */

/* Files are known by the index of their subvolume and their number in it. */
#define BTRFS_NUMBER_BITS 48
static inline uint64_t
btrfs_id(size_t subvol, uint64_t number)
{
	return (uint64_t)subvol << BTRFS_NUMBER_BITS | number;
}
static inline uint64_t
btrfs_number(uint64_t id)
{
	return id & ((UINT64_C(1) << BTRFS_NUMBER_BITS) - 1);
}
const struct btrfs_subvol *btrfs_subvol_of(const struct btrfs *, uint64_t id);

/* The top level, as the first of them. Negative: it is not known. */
int btrfs_subvol_top(struct btrfs *, struct err *);
/* The directory that a subvolume's name in `dir` leads to. As the kernel has it,
 * that is an empty one if the tree of trees does not say that it belongs
 * there: snapshots do not have those below them. Returns 0, or 1 where there
 * are too many of them, or -1 out of memory. */
int btrfs_subvol_id(struct btrfs *, uint64_t dir, const uint8_t *name,
    size_t len, uint64_t tree, uint64_t *ret);
void btrfs_subvols_free(struct btrfs *);

/* ---- fs_btrfs_inode.c ---- */

/* The BTRFS_INODE bytes of it, or NULL and why not. Valid until the next node is
 * read. */
const uint8_t *btrfs_inode(struct btrfs *, uint64_t id, struct ill *);
/* As in struct fs_tree. */
void btrfs_meta(struct fs_tree *, uint64_t id, struct fs_meta *);

/* ---- fs_btrfs_dir.c ---- */

/* As in struct fs_tree. */
int btrfs_names(struct fs_tree *, uint64_t dir, fs_name_fn *, void *ctx,
    struct ill *, struct err *);

/* ---- fs_btrfs_extent.c ---- */

enum btrfs_packing {
	BTRFS_PLAIN = 0,
	BTRFS_ZLIB = 1,
	BTRFS_LZO = 2,
	BTRFS_ZSTD = 3,
};

/* What an EXTENT_DATA item says, checked. */
struct btrfs_extent {
	uint64_t at, len; /* of the file */
	bool hole;	  /* or reserved: reads as zeros */
	enum btrfs_packing packing;
	uint64_t unpacked;	  /* bytes; 0 where it is plain */
	const uint8_t *here;	  /* within the item, `stored` bytes; or NULL */
	uint64_t logical, stored; /* on the disk; all of it where packed */
	uint64_t skip;		  /* bytes of what is unpacked, in front */
};

/* false with an ill. */
bool btrfs_extent_of(
    struct btrfs_extent *, const struct btrfs_item *, struct ill *);

/* ---- fs_btrfs_read.c ---- */

/* As in struct fs_tree. */
void btrfs_target(struct fs_tree *, uint64_t id, struct buf *to, struct ill *);
void btrfs_content(struct fs_tree *, uint64_t id, struct fs_giver *);

/* ---- fs_btrfs_unpack.c ---- */

/* Unpacks to exactly `size` bytes; what an honest stream leaves out is zeros.
 * `sector` is where pieces of LZO are cut. false: it is no such stream. */
bool btrfs_unpack(enum btrfs_packing, uint32_t sector, const uint8_t *in,
    size_t len, uint8_t *out, size_t size);

#endif
