/*
 * The consumer of a walk: gives what the workers have read, in path order.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/walk_private.h"

#include "base/path.h"
#include "base/when.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Cold disks want many requests in flight; warm, more threads than processors
 * do no harm. What is read ahead need not be much for that. */
const struct walk_limits walk_limits_default = {
	.threads = 32,
	.ahead = (size_t)16 << 20,
	.part = 1024,
	.sort = (size_t)1 << 20,
	.fds = 4096,
	/* Old file systems count two seconds at a time. */
	.settled_ns = 3 * NS_PER_S,
};

/* ---- opening ---- */

static unsigned
raise_fds(unsigned want)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) != 0)
		return want < 256 ? want : 256;
	if (lim.rlim_cur < lim.rlim_max) {
		lim.rlim_cur = lim.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &lim);
		(void)getrlimit(RLIMIT_NOFILE, &lim);
	}
	/* Half for the workers' own and all others. */
	if (lim.rlim_cur != RLIM_INFINITY && lim.rlim_cur / 2 < want)
		return (unsigned)(lim.rlim_cur / 2);
	return want;
}

static int
open_root(struct walk *w, struct err *err)
{
	const char *root = w->scope->root;
	struct dent *d = &w->last;
	struct prune_range below;
	size_t len = strlen(root);
	struct statx st;

	if (!path_is_valid(root, len))
		return err_set(
		    err, ERR_USAGE, "\"%s\" is not an absolute path", root);
	w->skip = len == 1 ? 1 : len + 1;
	w->root_fd = open(
	    root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (w->root_fd < 0 ||
	    statx(w->root_fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		STATX_BASIC_STATS, &st) != 0)
		return err_sys(err, "%s", root);
	if (buf_add(&w->path, root, len) != 0)
		return err_nomem(err);
	entry_from_statx(&d->entry, &st);
	if (w->names_only)
		d->entry = (struct entry){ .fields = ENTRY_TYPE, .type = 'd' };
	stamp_from(&w->root_stamp, &st);
	/* As with updatedb its path may be pruned, but not its name. */
	d->enter = prune_path(&w->prune, root, len, &below) == PRUNE_ENTER;
	d->pruned = !d->enter;
	return 0;
}

int
walk_open_limited(struct walk **ret, const struct walk_options *o,
    const struct walk_limits *limits, struct err *err)
{
	pthread_condattr_t monotonic;
	struct walk *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return err_nomem(err);
	w->scope = o->scope;
	w->names_only = o->names_only;
	w->stop = o->stop;
	w->limits = *limits;
	w->limits.fds = raise_fds(limits->fds);
	w->root_fd = -1;
	w->now = when_now();
	w->next = NEXT_ROOT;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&w->work, NULL);
	(void)pthread_cond_init(&w->ready, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	w->list.prev = w->list.next = &w->list;
	w->open.open_prev = w->open.open_next = &w->open;
	w->batches.prev = w->batches.next = &w->batches;
	if (o->tmpdir == NULL)
		w->limits.sort = SIZE_MAX;
	else
		w->tmpdir = strdup(o->tmpdir);
	if ((o->tmpdir != NULL && w->tmpdir == NULL) ||
	    prune_init(&w->prune, o->scope) != 0) {
		(void)err_nomem(err);
		goto fail;
	}
	if (open_root(w, err) != 0)
		goto fail;
	if (o->cache != NULL && w->names_only && known_start(w, o, err) != 0)
		goto fail;
	if (queue_start(w, err) != 0)
		goto fail;
	*ret = w;
	return 0;
fail:
	walk_close(w);
	return err->code;
}

int
walk_open(struct walk **ret, const struct walk_options *o, struct err *err)
{
	return walk_open_limited(ret, o, &walk_limits_default, err);
}

void
walk_close(struct walk *w)
{
	if (w == NULL)
		return;
	if (!queue_stop(w))
		return;
	queue_free(w);
	cache_close(w->cache);
	cache_abort(w->writer);
	buf_done(&w->key);
	room_done(&w->room);
	buf_done(&w->path);
	prune_done(&w->prune);
	if (w->root_fd >= 0)
		(void)close(w->root_fd);
	(void)pthread_cond_destroy(&w->work);
	(void)pthread_cond_destroy(&w->ready);
	(void)pthread_mutex_destroy(&w->lock);
	free(w->frame);
	free(w->tmpdir);
	free(w);
}

/* ---- the stack ---- */

/* Whether this directory is one of those that the walk is in. */
static bool
is_loop(const struct walk *w, const struct stamp *id)
{
	for (size_t i = 0; i < w->depth; i++)
		if (w->frame[i].id.dev == id->dev &&
		    w->frame[i].id.ino == id->ino)
			return true;
	return false;
}

/* Enter the directory whose path was just given. */
static int
frame_push(
    struct walk *w, struct node *dir, const struct stamp *id, struct err *err)
{
	struct frame *f;
	bool keeps_times;

	if (w->depth == w->frame_cap) {
		size_t cap = w->frame_cap * 2 + 32;

		if ((f = reallocarray(w->frame, cap, sizeof(*f))) == NULL)
			return err_nomem(err);
		w->frame = f;
		w->frame_cap = cap;
	}
	f = &w->frame[w->depth];
	if (w->writer == NULL)
		keeps_times = false;
	else if (w->depth > 0 && f[-1].id.dev == id->dev)
		keeps_times = f[-1].keeps_times;
	else
		keeps_times = known_keeps_times(
		    w, (char *)w->path.data, w->path.len);
	*f = (struct frame){
		.dir = dir,
		.at = dir,
		.path_len = w->path.len,
		.id = { id->dev, id->ino },
		.keeps_times = keeps_times,
	};
	w->depth++;
	return known_note(w, keeps_times ? id : NULL, err);
}

static int
set_path(struct walk *w, size_t dir_len, const char *name, size_t len,
    struct err *err)
{
	w->path.len = dir_len;
	if ((dir_len > 1 && buf_add_byte(&w->path, '/') != 0) ||
	    buf_add(&w->path, name, len) != 0)
		return err_nomem(err);
	return 0;
}

/* ---- giving ---- */

static int
give(struct walk *w, struct walk_item *item, enum walk_kind kind, int error)
{
	item->kind = kind;
	item->path = buf_str(&w->path);
	item->len = w->path.len;
	item->error = error;
	return 0;
}

/* Give w->last, whose path is set. */
static int
give_entry(struct walk *w, struct walk_item *item, struct err *err)
{
	const struct dent *d = &w->last;
	int rc;

	if (d->error != 0)
		w->next = NEXT_UNSTATTED;
	else
		w->next = d->enter ? NEXT_ENTER : NEXT_ENTRY;
	if (d->entry.type == 'd' && !d->enter &&
	    (rc = known_note(w, NULL, err)) != 0)
		return rc;
	item->entry = d->entry;
	item->pruned = d->pruned;
	return give(w, item, WALK_ENTRY, 0);
}

static int
give_root(struct walk *w, struct walk_item *item, struct err *err)
{
	int rc;

	if (w->last.enter &&
	    (rc = known_find(
		 w, (char *)w->path.data, w->path.len, &w->known, err)) != 0)
		return rc;
	return give_entry(w, item, err);
}

/* The next sub-directory of one that did not change; 1 after the last. */
static int
give_known(
    struct walk *w, struct frame *f, struct walk_item *item, struct err *err)
{
	struct known *k;
	int rc;

	w->path.len = f->path_len;
	if ((rc = known_child(w, (char *)w->path.data, f->path_len, &k, err)) !=
	    0)
		return rc;
	if (k == NULL) {
		w->depth--;
		return 1;
	}
	buf_clear(&w->path);
	if (buf_add(&w->path, k->path, k->len) != 0)
		return err_nomem(err);
	w->known = k;
	w->last = (struct dent){
		.entry = { .fields = ENTRY_TYPE, .type = 'd' },
		.enter = k->state != KNOWN_PRUNED,
		.pruned = k->state == KNOWN_PRUNED,
	};
	return give_entry(w, item, err);
}

/* The next entry of the directory on top; 1 after the last. */
static int
give_next(struct walk *w, struct walk_item *item, struct err *err)
{
	struct frame *f = &w->frame[w->depth - 1];
	int rc;

	if (f->dir == NULL)
		return give_known(w, f, item, err);
	while (f->at->batch == NULL || f->i == f->at->batch->n_dent) {
		struct node *at = f->at;

		f->at = at->part;
		f->i = 0;
		queue_release(w, at->batch);
		if (at != f->dir)
			queue_release(w, at->home);
		if (f->at == NULL) {
			queue_release(w, f->dir->home);
			w->depth--;
			return 1;
		}
		if ((rc = queue_need(w, f->at, err)) != 0)
			return rc;
	}
	w->last = f->at->batch->dent[f->i++];
	w->known = NULL;
	if ((rc = set_path(w, f->path_len, w->last.name, w->last.len, err)) !=
	    0)
		return rc;
	if (f->dir->lookup && w->last.enter &&
	    (rc = known_find(
		 w, (char *)w->path.data, w->path.len, &w->known, err)) != 0)
		return rc;
	return give_entry(w, item, err);
}

/* A node for the directory just given, which nobody has made. */
static int
node_for_last(struct walk *w, struct node **ret, struct err *err)
{
	struct ancestor *above = calloc(w->depth + 1, sizeof(*above));
	struct node *n = NULL;

	if (above != NULL) {
		for (size_t i = 0; i < w->depth; i++)
			above[i] = w->frame[i].id;
		n = node_by_path(
		    w, (char *)w->path.data, w->path.len, above, w->depth);
		free(above);
	}
	if (n == NULL)
		return err_nomem(err);
	/* A full walk opens nothing else this way. */
	if (w->depth == 0)
		n->stamp = w->root_stamp;
	queue_first(w, n);
	*ret = n;
	return 0;
}

/* Enter the directory just given, or tell why not; 1 when there is nothing to
 * tell. */
static int
enter(struct walk *w, struct walk_item *item, struct err *err)
{
	struct known *k = w->known;
	struct node *n = w->last.child;
	int rc, error;

	if (k != NULL && k->state == KNOWN_SAME) {
		if (k->maybe_mount && is_loop(w, &k->stamp))
			return known_note(w, NULL, err) != 0 ? err->code : 1;
		if ((rc = frame_push(w, NULL, &k->stamp, err)) != 0)
			return rc;
		return give(w, item, WALK_UNCHANGED, 0);
	}
	if (k != NULL && k->state == KNOWN_READ)
		n = k->node;
	else if (k == NULL && n == NULL &&
	    (rc = node_for_last(w, &n, err)) != 0)
		return rc;
	if (n != NULL && (rc = queue_need(w, n, err)) != 0)
		return rc;
	if (n != NULL && n->error == 0 && !n->absent &&
	    !(n->home != NULL && n->maybe_mount && is_loop(w, &n->stamp)))
		return frame_push(w, n, &n->stamp, err) != 0 ? err->code : 1;
	assert(n != NULL || k != NULL);
	error = n != NULL ? n->error : k->error;
	if (n != NULL && n->home != NULL)
		queue_discard(w, n);
	if ((rc = known_note(w, NULL, err)) != 0)
		return rc;
	return error == 0 ? 1 : give(w, item, WALK_UNREAD, error);
}

int
walk_next(struct walk *w, struct walk_item *item, struct err *err)
{
	int rc = 1;

	*item = (struct walk_item){ 0 };
	while (rc == 1) {
		if (w->stop != NULL && *w->stop != 0)
			return err_set(err, ERR_CANCELLED, "stopped");
		switch (w->next) {
		case NEXT_ROOT:
			rc = give_root(w, item, err);
			break;
		case NEXT_UNSTATTED:
			w->next = w->last.enter ? NEXT_ENTER : NEXT_ENTRY;
			rc = give(w, item, WALK_UNSTATTED, w->last.error);
			break;
		case NEXT_ENTER:
			w->next = NEXT_ENTRY;
			rc = enter(w, item, err);
			break;
		case NEXT_ENTRY:
			if (w->depth == 0)
				return 1;
			rc = give_next(w, item, err);
			break;
		}
	}
	return rc;
}
