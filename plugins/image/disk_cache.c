/*
 * A table of pieces by number; the one that goes is the first on the clock's way
 * that nobody used since it came by.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "disk_cache.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

struct slot {
	uint64_t piece;
	uint8_t *data; /* owned; NULL until first used */
	int64_t ticket;
	bool valid;  /* it holds, or will hold, that piece */
	bool coming; /* begun and not waited for */
	bool used;   /* since the clock came by */
	uint32_t next;
};

struct cache {
	struct cache_source source;
	struct slot *slot;
	uint32_t *bucket; /* as many as slots */
	size_t hand;
};

struct cache *
cache_new(const struct cache_source *source)
{
	struct cache *cache = calloc(1, sizeof(*cache));

	if (cache == NULL)
		return NULL;
	cache->source = *source;
	cache->slot = calloc(source->n, sizeof(*cache->slot));
	cache->bucket = calloc(source->n, sizeof(*cache->bucket));
	if (cache->slot == NULL || cache->bucket == NULL) {
		cache_free(cache);
		return NULL;
	}
	for (size_t i = 0; i < source->n; i++)
		cache->bucket[i] = NONE;
	return cache;
}

void
cache_free(struct cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; cache->slot != NULL && i < cache->source.n; i++)
		free(cache->slot[i].data);
	free(cache->slot);
	free(cache->bucket);
	free(cache);
}

static uint32_t *
bucket_of(struct cache *cache, uint64_t piece)
{
	return &cache->bucket[piece % cache->source.n];
}

static struct slot *
find(struct cache *cache, uint64_t piece)
{
	for (uint32_t i = *bucket_of(cache, piece); i != NONE;
	     i = cache->slot[i].next)
		if (cache->slot[i].piece == piece)
			return &cache->slot[i];
	return NULL;
}

static void
forget(struct cache *cache, struct slot *slot)
{
	uint32_t *at = bucket_of(cache, slot->piece);

	while (&cache->slot[*at] != slot)
		at = &cache->slot[*at].next;
	*at = slot->next;
	slot->valid = false;
}

/* An own way to say no: it was only asked for ahead. */
static int
settle(struct cache *cache, struct slot *slot, struct err *err)
{
	int rc = 0;

	if (slot->coming) {
		slot->coming = false;
		rc = cache->source.wait(cache->source.ctx, slot->ticket, err);
		if (rc != 0)
			forget(cache, slot);
	}
	return rc;
}

/* A free slot with memory. */
static int
take(struct cache *cache, struct slot **ret, struct err *err)
{
	struct slot *slot;
	struct err ignored = ERR_INIT;

	for (;;) {
		slot = &cache->slot[cache->hand];
		cache->hand = (cache->hand + 1) % cache->source.n;
		if (!slot->valid || !slot->used)
			break;
		slot->used = false;
	}
	/* What nobody asked for may fail unheard. */
	(void)settle(cache, slot, &ignored);
	if (slot->valid)
		forget(cache, slot);
	if (slot->data == NULL &&
	    (slot->data = malloc(cache->source.piece)) == NULL)
		return err_nomem(err);
	*ret = slot;
	return 0;
}

static int
begin(struct cache *cache, uint64_t piece, struct slot **ret, struct err *err)
{
	const struct cache_source *source = &cache->source;
	uint64_t off = piece * source->piece, left = source->size - off;
	size_t len = left < source->piece ? (size_t)left : source->piece;
	uint32_t *bucket = bucket_of(cache, piece);
	struct slot *slot = NULL;
	int rc;

	if ((rc = take(cache, &slot, err)) != 0 ||
	    (rc = source->start(
		 source->ctx, slot->data, len, off, &slot->ticket, err)) != 0)
		return rc;
	slot->piece = piece;
	slot->valid = true;
	slot->coming = source->wait != NULL;
	slot->used = true;
	slot->next = *bucket;
	*bucket = (uint32_t)(slot - cache->slot);
	*ret = slot;
	return 0;
}

/* The pieces after this one, as far as they are not there. */
static void
look_ahead(struct cache *cache, uint64_t piece)
{
	struct err ignored = ERR_INIT;
	struct slot *slot;

	for (uint64_t i = 1; i <= cache->source.ahead; i++)
		if ((piece + i) * cache->source.piece < cache->source.size &&
		    find(cache, piece + i) == NULL &&
		    begin(cache, piece + i, &slot, &ignored) != 0)
			return;
}

static int
get(struct cache *cache, uint64_t piece, struct slot **ret, struct err *err)
{
	struct slot *slot = find(cache, piece);
	bool was_coming = slot != NULL && slot->coming;
	int rc;

	if (slot == NULL && (rc = begin(cache, piece, &slot, err)) != 0)
		return rc;
	slot->used = true;
	/* One that follows another, or was asked for ahead itself. */
	if (slot->coming && cache->source.ahead > 0 && piece > 0 &&
	    (was_coming || find(cache, piece - 1) != NULL))
		look_ahead(cache, piece);
	if ((rc = settle(cache, slot, err)) == 0)
		*ret = slot;
	return rc;
}

int
cache_read(
    struct cache *cache, void *buf, size_t len, uint64_t off, struct err *err)
{
	const size_t piece = cache->source.piece;
	uint8_t *to = buf;
	struct slot *slot = NULL;
	int rc;

	while (len > 0) {
		size_t in = (size_t)(off % piece);
		size_t n = piece - in < len ? piece - in : len;

		if ((rc = get(cache, off / piece, &slot, err)) != 0)
			return rc;
		memcpy(to, slot->data + in, n);
		to += n;
		off += n;
		len -= n;
	}
	return 0;
}
