/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/zframe.h"

#include <assert.h>
#include <stdlib.h>

#include <zstd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

struct zpack {
	ZSTD_CCtx *z;
};

struct zunpack {
	ZSTD_DCtx *z;
};

struct zpack *
zpack_new(int level, int min_match)
{
	struct zpack *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	if ((p->z = ZSTD_createCCtx()) == NULL ||
	    ZSTD_isError(
		ZSTD_CCtx_setParameter(p->z, ZSTD_c_compressionLevel, level)) ||
	    (min_match != 0 &&
		ZSTD_isError(ZSTD_CCtx_setParameter(
		    p->z, ZSTD_c_minMatch, min_match))) ||
	    /* The reader knows the size; it would only cost bytes. */
	    ZSTD_isError(
		ZSTD_CCtx_setParameter(p->z, ZSTD_c_contentSizeFlag, 0))) {
		zpack_free(p);
		return NULL;
	}
	return p;
}

void
zpack_free(struct zpack *p)
{
	if (p == NULL)
		return;
	(void)ZSTD_freeCCtx(p->z);
	free(p);
}

int
zpack_add(struct zpack *p, struct buf *b, const void *data, size_t len)
{
	size_t bound = ZSTD_compressBound(len), n;

	if (buf_reserve(b, bound) != 0)
		return -1;
	n = ZSTD_compress2(p->z, b->data + b->len, bound, data, len);
	if (ZSTD_isError(n))
		return -1;
	b->len += n;
	return 0;
}

struct zunpack *
zunpack_new(void)
{
	struct zunpack *p = calloc(1, sizeof(*p));

	if (p != NULL && (p->z = ZSTD_createDCtx()) == NULL) {
		free(p);
		return NULL;
	}
	return p;
}

void
zunpack_free(struct zunpack *p)
{
	if (p == NULL)
		return;
	(void)ZSTD_freeDCtx(p->z);
	free(p);
}

bool
zunpack_get(
    struct zunpack *p, void *to, size_t size, const void *frame, size_t len)
{
	/* A one-shot call decodes into `to` alone: no window is allocated,
	 * and it never writes past size. */
	return ZSTD_decompressDCtx(p->z, to, size, frame, len) == size;
}

bool
zframe_size(const void *frame, size_t len, uint64_t *ret)
{
	unsigned long long n = ZSTD_getFrameContentSize(frame, len);

	if (n == ZSTD_CONTENTSIZE_UNKNOWN || n == ZSTD_CONTENTSIZE_ERROR)
		return false;
	*ret = n;
	return true;
}

bool
zunpack_dictionary(struct zunpack *p, const void *dictionary, size_t len)
{
	return !ZSTD_isError(ZSTD_DCtx_loadDictionary(p->z, dictionary, len));
}

bool
zunpack_part(struct zunpack *p, struct reader *in, struct buf *out)
{
	ZSTD_inBuffer from = { in->p, reader_left(in), 0 };
	ZSTD_outBuffer to = { out->data, out->cap, out->len };
	bool good = !ZSTD_isError(ZSTD_decompressStream(p->z, &to, &from));

	if (from.pos > 0)
		in->p += from.pos;
	out->len = to.pos;
	return good;
}

uint64_t
checksum(const void *p, size_t n)
{
	return XXH3_64bits(p, n);
}

uint64_t
checksum_xxh64(const void *p, size_t n)
{
	assert(p != NULL);
	return XXH64(p, n, 0);
}
