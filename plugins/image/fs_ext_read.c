/*
 * The content of files. Directories on the way are read once for all paths that
 * pass them: each scan finds the next component of every wanted path.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_ext_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PIECE ((size_t)1 << 20)

struct reading {
	struct ext *ext;
	const struct lookback_want *want;
	uint32_t *ino; /* owned; for each wanted path, what a scan found */
	lookback_piece_fn *give;
	void *ctx;
	uint8_t *data; /* owned; PIECE bytes */
	struct err *err;
	/* Of the file that is read: */
	size_t i;
	uint64_t size;
	uint64_t done; /* where the last piece ends */
	bool failed;   /* a piece said so */
	int rc;	       /* what give returned */
};

static int
give(struct reading *r, struct lookback_piece *piece)
{
	piece->size = sizeof(*piece);
	r->done = piece->offset + piece->len;
	return r->rc = r->give(r->ctx, r->i, piece);
}

/* It cannot be read, or not further. */
static int
give_ill(struct reading *r, const struct ill *ill)
{
	r->failed = true;
	return give(r,
	    &(struct lookback_piece){ .offset = r->done,
		.last = true,
		.why = ill->why,
		.error = ill->error });
}

/* ---- one file ---- */

static int
give_run(void *ctx, const struct ext_run *run)
{
	struct reading *r = ctx;
	struct err no = ERR_INIT;
	uint64_t block = r->ext->block, at = run->at * block,
		 end = (run->at + run->n) * block, where = run->where * block;

	if (at >= r->size)
		return 1;
	if (run->unwritten)
		return 0;
	if (end > r->size)
		end = r->size;
	while (at < end) {
		size_t n = end - at < PIECE ? (size_t)(end - at) : PIECE;

		if (disk_read(r->ext->disk, r->data, n, where, &no) != 0) {
			(void)give_ill(r,
			    &(struct ill){
				EIO, "a block of it cannot be read" });
			return 1;
		}
		if (give(r,
			&(struct lookback_piece){
			    .offset = at, .data = r->data, .len = n }) != 0)
			return r->rc;
		at += n;
		where += n;
	}
	return 0;
}

static int
give_inline(struct reading *r, uint32_t ino)
{
	struct buf b = { 0 };
	struct ill ill;
	uint64_t n;
	int rc;

	ext_inline(r->ext, ino, &b, &ill);
	n = b.len < r->size ? b.len : r->size;
	if (ill.why != NULL)
		rc = give_ill(r, &ill);
	else if ((rc = give(r,
		      &(struct lookback_piece){
			  .data = b.data, .len = (size_t)n })) == 0)
		rc = give(r,
		    &(struct lookback_piece){
			.offset = r->size, .last = true });
	buf_done(&b);
	return rc;
}

static int
give_file(struct reading *r, size_t i, uint32_t ino)
{
	struct ill ill;
	const struct ext2_inode_large *in = ext_inode(r->ext, ino, &ill);
	struct ext2_inode_large copy;

	r->i = i;
	r->done = 0;
	r->failed = false;
	if (in == NULL)
		return give_ill(r, &ill);
	copy = *in;
	if (!S_ISREG(copy.i_mode))
		return 0;
	r->size = ext_size(r->ext, &copy);
	if ((copy.i_flags & EXT4_ENCRYPT_FL) != 0)
		return give_ill(r, &(struct ill){ ENOKEY, "it is encrypted" });
	if ((copy.i_flags & EXT2_COMPRBLK_FL) != 0)
		return give_ill(
		    r, &(struct ill){ EOPNOTSUPP, "it is compressed" });
	if (r->size > INT64_MAX)
		return give_ill(
		    r, &(struct ill){ EUCLEAN, "it has no true size" });
	if ((copy.i_flags & EXT4_INLINE_DATA_FL) != 0)
		return give_inline(r, ino);
	(void)ext_map(r->ext, ino, &copy, give_run, r, &ill);
	if (r->rc != 0 || r->failed)
		return r->rc;
	if (ill.why != NULL)
		return give_ill(r, &ill);
	return give(
	    r, &(struct lookback_piece){ .offset = r->size, .last = true });
}

/* ---- finding them ---- */

/* The component of a wanted path that begins at `at`. */
static size_t
component(const struct lookback_want *w, size_t at, const char **ret)
{
	const char *slash = memchr(w->path + at, '/', w->len - at);

	*ret = w->path + at;
	return slash == NULL ? w->len - at : (size_t)(slash - *ret);
}

static int
component_cmp(const uint8_t *a, size_t alen, const char *b, size_t blen)
{
	int c = memcmp(a, b, alen < blen ? alen : blen);

	return c != 0 ? c : (alen > blen) - (alen < blen);
}

struct find {
	struct reading *r;
	size_t lo, hi; /* wanted paths, all in this directory */
	size_t at;     /* where their components begin */
};

static int
found(void *ctx, const struct ext_name *name, struct err *err)
{
	struct find *f = ctx;
	size_t lo = f->lo, hi = f->hi;

	(void)err;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2, len;
		const char *c;

		len = component(&f->r->want[mid], f->at, &c);
		if (component_cmp(name->name, name->len, c, len) > 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < f->hi; lo++) {
		const char *c;
		size_t len = component(&f->r->want[lo], f->at, &c);

		if (component_cmp(name->name, name->len, c, len) != 0)
			break;
		/* As a walk has it: of two of a name, the first one. */
		if (f->r->ino[lo] == 0)
			f->r->ino[lo] = name->ino;
	}
	return 0;
}

/* Those of [lo, hi) that cannot be told to be there or not. */
static int
give_unread(struct reading *r, size_t lo, size_t hi, const struct ill *ill)
{
	for (r->i = lo; r->i < hi; r->i++) {
		r->done = 0;
		if (give_ill(r, ill) != 0)
			return r->rc;
	}
	return 0;
}

/* What lies in directory `dir`: paths [lo, hi), from byte `at` on. As deep as a
 * path is, which limits say. */
static int
give_below(struct reading *r, uint32_t dir, size_t lo, size_t hi, size_t at,
    unsigned depth)
{
	struct find f = { .r = r, .lo = lo, .hi = hi, .at = at };
	struct ill ill;
	int rc;

	memset(r->ino + lo, 0, (hi - lo) * sizeof(*r->ino));
	if ((rc = ext_dir(r->ext, dir, found, &f, &ill, r->err)) != 0)
		return rc;
	for (size_t i = lo, j; i < hi && rc == 0; i = j) {
		const char *c, *d;
		size_t len = component(&r->want[i], at, &c);
		size_t end = at + len;
		uint32_t ino = r->ino[i];

		for (j = i + 1; j < hi; j++)
			if (component(&r->want[j], at, &d) != len ||
			    memcmp(c, d, len) != 0)
				break;
		if (ino == 0) {
			if (ill.why != NULL)
				rc = give_unread(r, i, j, &ill);
			continue;
		}
		if (end == r->want[i].len) {
			rc = give_file(r, i, ino);
			i++;
		}
		if (rc == 0 && i < j && depth < r->ext->env->limits->depth) {
			struct ill no;
			const struct ext2_inode_large *in = ext_inode(
			    r->ext, ino, &no);

			if (in == NULL)
				rc = give_unread(r, i, j, &no);
			else if (S_ISDIR(in->i_mode))
				rc = give_below(
				    r, ino, i, j, end + 1, depth + 1);
		}
	}
	return rc;
}

int
ext_read(struct ext *e, const struct lookback_want *want, size_t n,
    lookback_piece_fn *fn, void *ctx, int *ret_stop, struct err *err)
{
	struct reading r = {
		.ext = e, .want = want, .give = fn, .ctx = ctx, .err = err
	};
	size_t lo = 0;
	int rc;

	while (lo < n && want[lo].len < 2)
		lo++; /* the root is no file */
	if (lo == n)
		return 0;
	r.ino = calloc(n, sizeof(*r.ino));
	r.data = malloc(PIECE);
	if (r.ino == NULL || r.data == NULL)
		rc = err_nomem(err);
	else
		rc = give_below(&r, EXT2_ROOT_INO, lo, n, 1, 0);
	free(r.ino);
	free(r.data);
	if (r.rc != 0) {
		*ret_stop = r.rc;
		return 1;
	}
	return rc;
}
