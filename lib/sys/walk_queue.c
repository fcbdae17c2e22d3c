/*
 * The list of nodes, and those who work on it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/walk_private.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define STACK_BYTES ((size_t)256 * 1024)
/* How often a consumer that waits looks whether it shall stop. */
#define STOP_NS 200000000L
/* After a stop, how long a worker may take to return from the kernel. */
#define PATIENCE_S 1
/* Workers stand back behind the consumer, who has more to do with each entry
 * and is alone with it. */
#define WORKER_NICE 5

/* ---- the list; under the lock ---- */

static void
list_insert(struct node *place, struct node *n)
{
	n->prev = place;
	n->next = place->next;
	n->prev->next = n;
	n->next->prev = n;
}

static void
list_remove(struct node *n)
{
	assert(n->prev != NULL && n->next != NULL);
	n->prev->next = n->next;
	n->next->prev = n->prev;
	n->prev = n->next = NULL;
}

/* The next that a worker shall take, or NULL: what the consumer waits for even
 * where there is no more room. */
static struct node *
list_waiting(struct walk *w)
{
	if (w->fail.code != 0)
		return NULL;
	if (w->wanted != NULL && w->wanted->state == NODE_WAITING)
		return w->wanted;
	if (w->bytes >= w->limits.ahead)
		return NULL;
	for (struct node *n = w->list.next; n != &w->list; n = n->next)
		if (n->state == NODE_WAITING)
			return n;
	return NULL;
}

static void
wake(struct walk *w, size_t n)
{
	if (n >= w->idle)
		(void)pthread_cond_broadcast(&w->work);
	else
		while (n-- > 0)
			(void)pthread_cond_signal(&w->work);
}

static void
names_drop(struct walk *w, struct node *n)
{
	if (n->names == NULL)
		return;
	w->bytes -= n->names->bytes;
	names_done(n->names);
	free(n->names);
	n->names = NULL;
}

static void
batch_link(struct walk *w, struct batch *b)
{
	b->prev = &w->batches;
	b->next = w->batches.next;
	b->next->prev = b;
	w->batches.next = b;
	w->bytes += b->bytes;
}

static void
batch_unlink(struct walk *w, struct batch *b)
{
	b->prev->next = b->next;
	b->next->prev = b->prev;
	w->bytes -= b->bytes;
}

/* A part keeps its directory open. */
static void
part_link(struct walk *w, struct node *n, struct node *part)
{
	n->part = part;
	batch_link(w, part->home);
	list_insert(n, part);
	if (part->kind == NODE_PART)
		part->parent->pins++;
}

static void
parent_settle(struct walk *w, struct node *n)
{
	if (n->parent == NULL)
		return;
	n->parent->pins--;
	if (n->kind == NODE_DIR)
		n->parent->unopened--;
	fds_settle(w, n->parent);
}

/* Its work is done: what it gave takes its place. */
static void
publish(struct walk *w, struct node *n)
{
	struct node *place = n;
	struct batch *b = n->batch;
	size_t more = 0;

	if (n->kind == NODE_DIR && n->part != NULL) {
		w->bytes += n->part->names->bytes;
		part_link(w, n, n->part);
		more++;
	}
	if (b != NULL) {
		struct node *dir = n->kind == NODE_PART ? n->parent : n;

		batch_link(w, b);
		for (size_t i = 0; i < b->n_node; i++, more++) {
			list_insert(place, &b->node[i]);
			place = &b->node[i];
		}
		dir->unopened += (unsigned)b->n_node;
		for (size_t i = 0; i < b->n_known; i++) {
			struct node *known = b->known[i].node;

			if (known == NULL)
				continue;
			batch_link(w, known->home);
			list_insert(place, known);
			place = known;
			more++;
		}
	}
	names_drop(w, n);
	if (n->kind == NODE_DIR && n->fd >= 0)
		fds_add(w, n);
	list_remove(n);
	n->state = NODE_READY;
	parent_settle(w, n);
	if (w->idle > 0 && w->bytes < w->limits.ahead)
		wake(w, more);
	if (w->wanted == n) {
		w->wanted = NULL;
		(void)pthread_cond_signal(&w->ready);
	}
}

/* ---- work ---- */

static int
run_dir(struct walk *w, struct node *n, int parent_fd, struct room *room,
    struct err *err)
{
	int own = -1, rc;

	if (n->parent != NULL && parent_fd < 0) {
		if ((own = fds_reopen(w, n->parent)) < 0) {
			if (errno == ENOENT || errno == ENOTDIR ||
			    errno == ELOOP)
				n->absent = true;
			else
				n->error = errno;
			return 0;
		}
		parent_fd = own;
	}
	rc = node_read_dir(w, n, parent_fd, room, err);
	if (own >= 0)
		(void)close(own);
	return rc;
}

/* Do the work of a node. The lock is held before and after. */
static void
run(struct walk *w, struct node *n, struct room *room)
{
	struct err err = ERR_INIT;
	int parent_fd = -1, rc = 0;

	n->state = NODE_TAKEN;
	if (n->kind == NODE_DIR && n->parent != NULL) {
		n->parent->pins++;
		parent_fd = n->parent->fd;
	}
	(void)pthread_mutex_unlock(&w->lock);
	switch (n->kind) {
	case NODE_DIR:
		rc = run_dir(w, n, parent_fd, room, &err);
		if (n->error != EMFILE && n->error != ENFILE)
			break;
		(void)pthread_mutex_lock(&w->lock);
		fds_relieve(w);
		(void)pthread_mutex_unlock(&w->lock);
		n->error = 0;
		rc = run_dir(w, n, -1, room, &err);
		break;
	case NODE_PART:
		rc = node_read_part(w, n, room, &err);
		break;
	case NODE_KNOWN:
		rc = node_read_known(w, n, room, &err);
		break;
	}
	(void)pthread_mutex_lock(&w->lock);
	publish(w, n);
	if (rc < 0 && w->fail.code == 0) {
		w->fail = err;
		(void)pthread_cond_signal(&w->ready);
	}
}

static void *
worker(void *arg)
{
	struct walk *w = arg;
	struct room room = { 0 };

	(void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid),
	    getpriority(PRIO_PROCESS, 0) + WORKER_NICE);
	(void)pthread_mutex_lock(&w->lock);
	while (!w->quit) {
		struct node *n = list_waiting(w);

		if (n != NULL) {
			run(w, n, &room);
			continue;
		}
		w->idle++;
		(void)pthread_cond_wait(&w->work, &w->lock);
		w->idle--;
	}
	if (--w->running == 0)
		(void)pthread_cond_signal(&w->ready);
	(void)pthread_mutex_unlock(&w->lock);
	room_done(&room);
	return NULL;
}

/* ---- the consumer's side ---- */

int
queue_start(struct walk *w, struct err *err)
{
	pthread_attr_t attr;
	sigset_t all, was;

	if ((w->threads = calloc(w->limits.threads + 1, sizeof(*w->threads))) ==
	    NULL)
		return err_nomem(err);
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES);
	/* Signals are for the thread that asks for the walk. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &was);
	/* With fewer, or none, it only takes longer. */
	(void)pthread_mutex_lock(&w->lock);
	while (w->n_threads < w->limits.threads &&
	    pthread_create(&w->threads[w->n_threads], &attr, worker, w) == 0)
		w->n_threads++;
	w->running = w->n_threads;
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_sigmask(SIG_SETMASK, &was, NULL);
	(void)pthread_attr_destroy(&attr);
	return 0;
}

bool
queue_stop(struct walk *w)
{
	bool hurry = w->stop != NULL && *w->stop != 0, hang;
	struct timespec until;
	int rc = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE_S;
	(void)pthread_mutex_lock(&w->lock);
	w->quit = true;
	(void)pthread_cond_broadcast(&w->work);
	while (hurry && rc == 0 && w->running > 0)
		rc = pthread_cond_timedwait(&w->ready, &w->lock, &until);
	hang = hurry && w->running > 0;
	(void)pthread_mutex_unlock(&w->lock);
	for (unsigned i = 0; i < w->n_threads && !hang; i++)
		(void)pthread_join(w->threads[i], NULL);
	return !hang;
}

void
queue_free(struct walk *w)
{
	while (w->list.next != &w->list) {
		struct node *n = w->list.next;

		names_drop(w, n);
		list_remove(n);
	}
	for (struct node *n = w->open.open_next; n != &w->open;) {
		struct node *next = n->open_next;

		(void)close(n->fd);
		n = next;
	}
	free(w->threads);
	for (struct batch *b = w->batches.next; b != &w->batches;) {
		struct batch *next = b->next;

		free(b);
		b = next;
	}
}

void
queue_first(struct walk *w, struct node *n)
{
	(void)pthread_mutex_lock(&w->lock);
	batch_link(w, n->home);
	list_insert(&w->list, n);
	(void)pthread_mutex_unlock(&w->lock);
}

void
queue_more(struct walk *w, struct node *n, struct node *part)
{
	(void)pthread_mutex_lock(&w->lock);
	part_link(w, n, part);
	if (w->idle > 0 && w->bytes < w->limits.ahead)
		wake(w, 1);
	(void)pthread_mutex_unlock(&w->lock);
}

/* Under the lock: until it is READY or the walk has failed. */
static int
await(struct walk *w, struct node *n, struct err *err)
{
	w->wanted = n;
	if (n->state == NODE_WAITING)
		(void)pthread_cond_signal(&w->work);
	while (n->state != NODE_READY && w->fail.code == 0) {
		struct timespec until;

		if (w->stop != NULL && *w->stop != 0)
			return err_set(err, ERR_CANCELLED, "stopped");
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += STOP_NS;
		if (until.tv_nsec >= 1000000000L) {
			until.tv_nsec -= 1000000000L;
			until.tv_sec++;
		}
		(void)pthread_cond_timedwait(&w->ready, &w->lock, &until);
	}
	w->wanted = NULL;
	if (w->fail.code != 0) {
		*err = w->fail;
		return err->code;
	}
	return 0;
}

int
queue_need(struct walk *w, struct node *n, struct err *err)
{
	int rc;

	(void)pthread_mutex_lock(&w->lock);
	if (n->state == NODE_WAITING && w->n_threads == 0 && w->fail.code == 0)
		run(w, n, &w->room);
	rc = await(w, n, err);
	(void)pthread_mutex_unlock(&w->lock);
	return rc;
}

static void
release(struct walk *w, struct batch *b)
{
	size_t before = w->bytes, half = w->limits.ahead / 2;

	if (b == NULL)
		return;
	batch_unlink(w, b);
	free(b);
	/* Not for each little batch, but with room for a while. */
	if (w->idle > 0 && before >= half && w->bytes < half)
		(void)pthread_cond_broadcast(&w->work);
}

void
queue_release(struct walk *w, struct batch *b)
{
	(void)pthread_mutex_lock(&w->lock);
	release(w, b);
	(void)pthread_mutex_unlock(&w->lock);
}

/* Take it from the list, or wait until nobody works on it. */
static void
retire(struct walk *w, struct node *n)
{
	if (n->state == NODE_WAITING) {
		names_drop(w, n);
		list_remove(n);
		n->state = NODE_READY;
		if (n->kind == NODE_PART)
			parent_settle(w, n);
	}
	while (n->state != NODE_READY) {
		w->wanted = n;
		(void)pthread_cond_wait(&w->ready, &w->lock);
	}
}

void
queue_discard(struct walk *w, struct node *n)
{
	(void)pthread_mutex_lock(&w->lock);
	retire(w, n);
	for (struct node *part = n->part, *next; part != NULL; part = next) {
		retire(w, part);
		next = part->part;
		release(w, part->batch);
		release(w, part->home);
	}
	release(w, n->batch);
	release(w, n->home);
	(void)pthread_mutex_unlock(&w->lock);
}
