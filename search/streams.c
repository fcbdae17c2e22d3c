/*
 * The candidate blocks of a stream become batches in a ring. Whoever is free,
 * the caller too, takes the next block of a stream that has room; the caller
 * consumes the batches of each stream in order.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/streams.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "search/batch.h"

/* Batches of one stream that may be made before they are needed. */
#define RING 16
/* Memory of batches made ahead; a stream without any may always make one. */
#define AHEAD_BYTES ((size_t)48 * 1024 * 1024)
/* Blocks that the caller does alone before it calls for help: a thread costs
 * about as much as one of them. */
#define ALONE 4
#define THREADS_MAX 8

struct slot {
	struct batch batch;
	bool done; /* made, or failed */
	int rc;
	struct err err;
};

/* The fields of the ring are guarded by streams.lock; a slot's content belongs to
 * whoever makes it until it is done, and then to the caller. */
struct stream {
	struct segment *segment;
	uint32_t id;
	uint8_t *want; /* of each snap of the segment; owned */
	struct bitset candidates;
	size_t next; /* the first block that was not looked at */
	size_t left; /* candidates from there on */
	struct slot ring[RING];
	unsigned head, n; /* slots in use: n from head on */
	size_t at;	  /* the path at hand in the head's batch */
	bool has_path;	  /* there is one */
	bool damaged;
	struct err damage;
};

struct streams {
	const struct query *query;
	struct stream *stream; /* owned */
	size_t n;
	struct batch_tools tools; /* the caller's */

	pthread_mutex_t lock;
	pthread_cond_t room; /* for helpers: there may be a block to take */
	pthread_cond_t made; /* for the caller: a batch is done */
	size_t ahead;	     /* bytes of batches that are done */
	size_t left;	     /* candidates of all streams not taken */
	unsigned alone;	     /* blocks that the caller did */
	bool stop;
	pthread_t thread[THREADS_MAX];
	unsigned n_threads;
	bool asked; /* for threads, whatever came of it */
};

/* ---- making batches; the lock is held where not said otherwise ---- */

static bool
has_room(const struct streams *s, const struct stream *st)
{
	return st->left > 0 && st->n < RING &&
	    (st->n == 0 || s->ahead < AHEAD_BYTES);
}

/* Take the next block of the stream and make its batch; the lock is released
 * meanwhile. */
static void
make_batch(struct streams *s, struct stream *st, struct batch_tools *tools)
{
	struct slot *slot = &st->ring[(st->head + st->n++) % RING];
	size_t block = st->next;

	while (!bitset_has(&st->candidates, block))
		block++;
	st->next = block + 1;
	st->left--;
	s->left--;
	slot->done = false;
	(void)pthread_mutex_unlock(&s->lock);
	err_clear(&slot->err);
	slot->rc = batch_fill(
	    &slot->batch, st->segment, block, st->want, tools, &slot->err);
	(void)pthread_mutex_lock(&s->lock);
	slot->done = true;
	s->ahead += batch_weight(&slot->batch);
}

static struct stream *
stream_with_room(struct streams *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (has_room(s, &s->stream[i]))
			return &s->stream[i];
	return NULL;
}

static void *
helper(void *arg)
{
	struct streams *s = arg;
	struct batch_tools tools;
	struct err err = ERR_INIT;

	/* Without memory for one more the caller goes on alone. */
	if (batch_tools_init(&tools, s->query, &err) != 0)
		return NULL;
	(void)pthread_mutex_lock(&s->lock);
	while (!s->stop && s->left > 0) {
		struct stream *st = stream_with_room(s);

		if (st == NULL) {
			(void)pthread_cond_wait(&s->room, &s->lock);
			continue;
		}
		make_batch(s, st, &tools);
		(void)pthread_cond_signal(&s->made);
	}
	(void)pthread_mutex_unlock(&s->lock);
	batch_tools_done(&tools);
	return NULL;
}

static void
call_for_help(struct streams *s)
{
	cpu_set_t cpus;
	int n = 1;

	s->asked = true;
	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
		n = CPU_COUNT(&cpus);
	for (; n > 1 && s->n_threads < THREADS_MAX; n--) {
		if (pthread_create(&s->thread[s->n_threads], NULL, helper, s) !=
		    0)
			break; /* alone, then */
		s->n_threads++;
	}
}

/* ---- consuming ---- */

/* Give the head's slot back. */
static void
drop_head(struct streams *s, struct stream *st)
{
	struct batch *b = &st->ring[st->head].batch;

	s->ahead -= batch_weight(b);
	/* A batch that was large once should not stay so for a small one. */
	batch_done(b);
	st->head = (st->head + 1) % RING;
	st->n--;
	st->at = 0;
	if (s->n_threads > 0)
		(void)pthread_cond_signal(&s->room);
}

/* Wait for the head of the stream, helping. The lock is held. */
static void
await_head(struct streams *s, struct stream *st)
{
	while (!st->ring[st->head].done) {
		struct stream *other = stream_with_room(s);

		if (other != NULL)
			make_batch(s, other, &s->tools);
		else
			(void)pthread_cond_wait(&s->made, &s->lock);
	}
}

/* The first that cannot be read of it is told. */
static void
stream_damaged(struct stream *st, const struct err *err)
{
	st->damaged = true;
	st->damage = *err;
	(void)err_wrap(&st->damage, "segment %u.seg", (unsigned)st->id);
}

int
streams_next(struct streams *s, size_t i, struct err *err)
{
	struct stream *st = &s->stream[i];
	int rc = 1;

	/* The batch at hand is the caller's: no lock. */
	if (st->has_path && st->at + 1 < st->ring[st->head].batch.n) {
		st->at++;
		return 0;
	}
	(void)pthread_mutex_lock(&s->lock);
	/* Batches may be there before anybody asked. */
	st->at += st->has_path;
	st->has_path = false;
	for (;;) {
		struct slot *slot = &st->ring[st->head];

		if (st->n == 0) {
			if (st->left == 0)
				break;
			make_batch(s, st, &s->tools);
			if (++s->alone > ALONE && !s->asked && s->left > ALONE)
				call_for_help(s);
			continue;
		}
		await_head(s, st);
		if (slot->rc == ERR_NOMEM) {
			*err = slot->err;
			rc = ERR_NOMEM;
			break;
		}
		if (slot->rc != 0 && !st->damaged)
			stream_damaged(st, &slot->err);
		if (slot->rc == 0 && st->at < slot->batch.n) {
			st->has_path = true;
			rc = 0;
			break;
		}
		drop_head(s, st);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return rc;
}

struct stream_path
streams_at(const struct streams *s, size_t i)
{
	const struct stream *st = &s->stream[i];
	const struct batch *b = &st->ring[st->head].batch;
	const struct batch_path *p = &b->path[st->at];

	return (struct stream_path){
		.path = (const char *)b->bytes.data + p->off,
		.len = p->len,
		.events = b->events + p->first,
		.n = p->n,
	};
}

const struct err *
streams_damage(const struct streams *s, size_t i)
{
	return s->stream[i].damaged ? &s->stream[i].damage : NULL;
}

/* ---- beginning and end ---- */

static int
stream_open(struct stream *st, struct segment *seg, const struct query *q,
    bool (*wanted)(void *, uint32_t), void *ctx, struct err *err)
{
	const struct segment_snap *snaps;
	size_t n;
	bool any = false;
	int rc;

	snaps = segment_snaps(seg, &n);
	if ((st->want = calloc(n + 1, 1)) == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		/* By series: what the one before was, the next mostly is. */
		st->want[i] = i > 0 && snaps[i].series == snaps[i - 1].series ?
		    st->want[i - 1] :
		    wanted(ctx, snaps[i].series);
		any = any || st->want[i];
	}
	if (!any)
		return 0;
	rc = segment_candidates(seg, &q->needs, &st->candidates, err);
	if (rc != 0)
		return rc;
	st->segment = seg;
	for (size_t i = 0; i * 64 < st->candidates.n; i++)
		st->left += (size_t)__builtin_popcountll(
		    st->candidates.word[i]);
	return 0;
}

int
streams_new(struct streams **ret, const struct view *view,
    const struct query *q, bool (*wanted)(void *ctx, uint32_t series),
    void *ctx, struct err *err)
{
	size_t n = view->cat.n_segments;
	struct streams *s;
	int rc;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return err_nomem(err);
	s->query = q;
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->room, NULL);
	(void)pthread_cond_init(&s->made, NULL);
	if ((s->stream = calloc(n + 1, sizeof(*s->stream))) == NULL) {
		rc = err_nomem(err);
		goto fail;
	}
	if ((rc = batch_tools_init(&s->tools, q, err)) != 0)
		goto fail;
	while (s->n < n) {
		struct stream *st = &s->stream[s->n];
		struct segment *seg = view->segments[s->n];
		struct err damage = ERR_INIT;

		st->id = view->cat.segments[s->n++].id;
		if (seg == NULL)
			continue;
		rc = stream_open(st, seg, q, wanted, ctx, &damage);
		if (rc == ERR_NOMEM) {
			*err = damage;
			goto fail;
		}
		if (rc != 0)
			stream_damaged(st, &damage);
		s->left += st->left;
	}
	*ret = s;
	return 0;
fail:
	streams_free(s);
	return rc;
}

void
streams_free(struct streams *s)
{
	if (s == NULL)
		return;
	(void)pthread_mutex_lock(&s->lock);
	s->stop = true;
	(void)pthread_cond_broadcast(&s->room);
	(void)pthread_mutex_unlock(&s->lock);
	for (unsigned i = 0; i < s->n_threads; i++)
		(void)pthread_join(s->thread[i], NULL);
	for (size_t i = 0; i < s->n; i++) {
		for (unsigned k = 0; k < RING; k++)
			batch_done(&s->stream[i].ring[k].batch);
		free(s->stream[i].want);
		bitset_done(&s->stream[i].candidates);
	}
	batch_tools_done(&s->tools);
	free(s->stream);
	(void)pthread_cond_destroy(&s->made);
	(void)pthread_cond_destroy(&s->room);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}
