/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/digest.h"

#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define FIXED 36 /* canonical bytes beside path and target */

static uint8_t *
put(uint8_t *p, uint64_t v, int n)
{
	for (int i = 0; i < n; i++)
		*p++ = (uint8_t)(v >> (8 * i));
	return p;
}

static uint8_t *
put_fields(uint8_t *p, const struct entry *e)
{
	*p++ = e->fields;
	*p++ = (uint8_t)e->type;
	p = put(p, e->mode, 2);
	p = put(p, e->uid, 4);
	p = put(p, e->gid, 4);
	p = put(p, e->size, 8);
	p = put(p, (uint64_t)e->mtime, 8);
	p = put(p, e->mtime_ns, 4);
	return put(p, e->target_len, 4);
}

static XXH128_hash_t
entry_hash(const char *path, size_t len, const struct entry *e)
{
	uint8_t room[512], *p = room;
	XXH3_state_t state;

	if (len + e->target_len + FIXED + 4 <= sizeof(room)) {
		p = put(p, len, 4);
		memcpy(p, path, len);
		p = put_fields(p + len, e);
		if (e->target_len > 0)
			memcpy(p, e->target, e->target_len);
		return XXH3_128bits(room, (size_t)(p - room) + e->target_len);
	}
	XXH3_INITSTATE(&state);
	(void)XXH3_128bits_reset(&state);
	p = put(room, len, 4);
	(void)XXH3_128bits_update(&state, room, (size_t)(p - room));
	(void)XXH3_128bits_update(&state, path, len);
	p = put_fields(room, e);
	(void)XXH3_128bits_update(&state, room, (size_t)(p - room));
	if (e->target_len > 0)
		(void)XXH3_128bits_update(&state, e->target, e->target_len);
	return XXH3_128bits_digest(&state);
}

void
digest_add(
    struct digest *d, const char *path, size_t len, const struct entry *e)
{
	XXH128_hash_t h = entry_hash(path, len, e);

	d->hi += h.high64 + __builtin_add_overflow(d->lo, h.low64, &d->lo);
}

void
digest_sub(
    struct digest *d, const char *path, size_t len, const struct entry *e)
{
	XXH128_hash_t h = entry_hash(path, len, e);

	d->hi -= h.high64 + __builtin_sub_overflow(d->lo, h.low64, &d->lo);
}

bool
digest_equal(const struct digest *a, const struct digest *b)
{
	return a->lo == b->lo && a->hi == b->hi;
}

const char *
digest_hex(const struct digest *d, char text[static DIGEST_HEX])
{
	(void)snprintf(text, DIGEST_HEX, "%016llx%016llx",
	    (unsigned long long)d->hi, (unsigned long long)d->lo);
	return text;
}
