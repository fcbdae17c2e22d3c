/*
 * The two bytes of the needle that are rarest in paths are compared at 16
 * places at once; only where both fit is the rest looked at.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/needle.h"

#include <stdbool.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/path.h"

void
needle_init(struct needle *nd, const struct needle_byte *at, size_t n)
{
	*nd = (struct needle){ .at = at, .n = n };
	for (size_t i = 1; i < n; i++)
		if (path_byte_rank(at[i].byte) <
		    path_byte_rank(at[nd->rare].byte))
			nd->rare = i;
	nd->other = nd->rare == 0 && n > 1 ? 1 : 0;
	for (size_t i = 0; i < n; i++)
		if (i != nd->rare &&
		    path_byte_rank(at[i].byte) <
			path_byte_rank(at[nd->other].byte))
			nd->other = i;
}

static bool
fits(const struct needle *nd, const char *p)
{
	for (size_t i = 0; i < nd->n; i++)
		if (((uint8_t)p[i] | nd->at[i].mask) != nd->at[i].byte)
			return false;
	return true;
}

#ifdef __SSE2__
/* Bit i: the byte at p + i fits. */
static inline __m128i
fit16(const char *p, const struct needle_byte *b)
{
	__m128i v;

	memcpy(&v, p, sizeof(v));
	return _mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8((char)b->mask)),
	    _mm_set1_epi8((char)b->byte));
}

static const char *
find_wide(const struct needle *nd, const char **p, const char *end)
{
	size_t far = nd->rare > nd->other ? nd->rare : nd->other;
	const struct needle_byte *a = &nd->at[nd->rare];
	const struct needle_byte *b = &nd->at[nd->other];
	const char *q = *p;

	for (; (size_t)(end - q) >= far + 16; q += 16) {
		__m128i both = _mm_and_si128(
		    fit16(q + nd->rare, a), fit16(q + nd->other, b));
		unsigned bits = (unsigned)_mm_movemask_epi8(both);

		for (; bits != 0; bits &= bits - 1) {
			const char *at = q + __builtin_ctz(bits);

			if ((size_t)(end - at) < nd->n)
				break;
			if (fits(nd, at))
				return at;
		}
	}
	*p = q;
	return NULL;
}
#else
static const char *
find_wide(const struct needle *nd, const char **p, const char *end)
{
	(void)nd;
	(void)p;
	(void)end;
	return NULL;
}
#endif

const char *
needle_find(const struct needle *nd, const char *p, const char *end)
{
	const char *found = find_wide(nd, &p, end);

	if (found != NULL)
		return found;
	for (; (size_t)(end - p) >= nd->n; p++)
		if (fits(nd, p))
			return p;
	return NULL;
}
