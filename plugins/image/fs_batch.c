/*
 * Reading a directory keeps all names that may be among the first; when they
 * are too many, the later half is dropped and from then on nothing that is not
 * before it is kept.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_batch.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* From so many on, files are looked at in the order of their numbers, which is
 * that of the disk's tables. */
#define MANY 1024u

struct load {
	struct fs_batch *batch;
	const uint8_t *after;
	size_t after_len;
	size_t bytes;
	uint8_t bound[FS_NAME_MAX]; /* names from here on are for later */
	size_t bound_len;	    /* 0: none are */
};

static uint64_t
key_of(const uint8_t *name, size_t len)
{
	uint64_t key = 0;

	memcpy(&key, name, len < sizeof(key) ? len : sizeof(key));
	return be64toh(key);
}

static int
name_cmp(const void *va, const void *vb, void *ctx)
{
	const struct fs_batch_name *a = va, *b = vb;
	const struct fs_batch *batch = ctx;
	int c;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	c = fs_name_cmp(batch->names.data + a->at, a->len,
	    batch->names.data + b->at, b->len);
	/* Of two of one name, the one that came first. When half of the names
	 * were dropped, twins among the rest stay in this order. */
	return c != 0 ? c : (a->at > b->at) - (a->at < b->at);
}

static int
id_cmp(const void *va, const void *vb)
{
	const struct fs_batch_name *a = va, *b = vb;

	return (a->id > b->id) - (a->id < b->id);
}

static void
sort_names(struct fs_batch *b)
{
	/* qsort takes no NULL, not even for nothing. */
	if (b->n > 0)
		qsort_r(b->by_name, b->n, sizeof(*b->by_name), name_cmp, b);
}

size_t
fs_batch_bytes(const struct fs_batch *b)
{
	return b->names.len + b->n * (sizeof(*b->by_name) + sizeof(*b->metas));
}

/* Drop the later half. */
static int
halve(struct load *l, struct err *err)
{
	struct fs_batch *b = l->batch;
	const struct fs_batch_name *cut;
	struct buf names = { 0 };

	sort_names(b);
	cut = &b->by_name[b->n / 2];
	memcpy(l->bound, b->names.data + cut->at, cut->len);
	l->bound_len = cut->len;
	b->n /= 2;
	b->more = true;
	for (size_t i = 0; i < b->n; i++) {
		struct fs_batch_name *name = &b->by_name[i];
		size_t at = names.len;

		if (buf_add(&names, b->names.data + name->at, name->len) != 0) {
			buf_done(&names);
			return err_nomem(err);
		}
		name->at = (uint32_t)at;
	}
	buf_done(&b->names);
	b->names = names;
	return 0;
}

static int
keep(void *ctx, const uint8_t *name, size_t len, uint64_t id, struct err *err)
{
	struct load *l = ctx;
	struct fs_batch *b = l->batch;

	if (l->after_len != 0 &&
	    fs_name_cmp(name, len, l->after, l->after_len) <= 0)
		return 0;
	if (l->bound_len != 0 &&
	    fs_name_cmp(name, len, l->bound, l->bound_len) >= 0)
		return 0;
	if (b->n == b->room) {
		size_t room = b->room == 0 ? 64 : b->room * 2;
		struct fs_batch_name *p = reallocarray(
		    b->by_name, room, sizeof(*p));

		if (p == NULL)
			return err_nomem(err);
		b->by_name = p;
		b->room = room;
	}
	b->by_name[b->n++] = (struct fs_batch_name){
		.key = key_of(name, len),
		.id = id,
		.at = (uint32_t)b->names.len,
		.len = (uint16_t)len,
	};
	if (buf_add(&b->names, name, len) != 0)
		return err_nomem(err);
	return fs_batch_bytes(b) > l->bytes && b->n > 1 ? halve(l, err) : 0;
}

/* A name that is there twice counts once. */
static void
drop_twins(struct fs_batch *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct fs_batch_name *a = n == 0 ? NULL :
							 &b->by_name[n - 1];
		const struct fs_batch_name *c = &b->by_name[i];

		if (a != NULL && a->len == c->len &&
		    memcmp(b->names.data + a->at, b->names.data + c->at,
			a->len) == 0)
			continue;
		b->by_name[n++] = *c;
	}
	b->n = n;
}

static int
look(struct fs_batch *b, struct fs_tree *tree, struct err *err)
{
	if (b->n == 0)
		return 0;
	if ((b->metas = calloc(b->n, sizeof(*b->metas))) == NULL)
		return err_nomem(err);
	if (b->n >= MANY)
		qsort(b->by_name, b->n, sizeof(*b->by_name), id_cmp);
	for (size_t i = 0; i < b->n; i++) {
		b->by_name[i].meta = (uint32_t)i;
		tree->meta(tree, b->by_name[i].id, &b->metas[i]);
	}
	if (b->n >= MANY)
		sort_names(b);
	return 0;
}

int
fs_batch_load(struct fs_batch *b, struct fs_tree *tree, uint64_t dir,
    const uint8_t *after, size_t after_len, size_t bytes, struct ill *ill,
    struct err *err)
{
	struct load l = { .batch = b,
		.after = after,
		.after_len = after_len,
		.bytes = bytes };
	int rc;

	fs_batch_done(b);
	*ill = (struct ill){ 0 };
	if ((rc = tree->names(tree, dir, keep, &l, ill, err)) != 0)
		return rc;
	sort_names(b);
	drop_twins(b);
	return look(b, tree, err);
}

void
fs_batch_done(struct fs_batch *b)
{
	free(b->by_name);
	free(b->metas);
	buf_done(&b->names);
	*b = (struct fs_batch){ 0 };
}
