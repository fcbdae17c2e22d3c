/*
 * Walking along a scan cache. Workers look at the directories that it knows,
 * part by part; those that changed become nodes to read. The consumer has a
 * cursor in these parts beside its stack: both go in path order.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/walk_private.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Records of one part: enough for one worker's while, few enough that all
 * workers have one when the disk is cold. */
#define KNOWN_PART 128

/* Local file systems whose directories change their mtime or ctime with every
 * change of a name. */
static const char *const ordinary[] = { "ext2", "ext3", "ext4", "xfs", "btrfs",
	"tmpfs", "f2fs", "jfs", "zfs", "bcachefs", "reiserfs" };

bool
known_keeps_times(const struct walk *w, const char *path, size_t len)
{
	const struct scope_mount *on = NULL;
	size_t on_len = 0;

	for (size_t i = 0; i < w->scope->n_mounts; i++) {
		const struct scope_mount *m = &w->scope->mounts[i];
		size_t n = strlen(m->point);

		if (n < on_len ||
		    (n == len && memcmp(m->point, path, n) != 0) ||
		    (n != len && !path_below(path, len, m->point, n)))
			continue;
		on = m;
		on_len = n;
	}
	for (size_t i = 0; i < sizeof(ordinary) / sizeof(*ordinary); i++)
		if (on != NULL && strcmp(on->fstype, ordinary[i]) == 0)
			return true;
	return false;
}

/* ---- a part's work ---- */

/* Read the next records into a batch. */
static int
read_records(struct walk *w, struct batch **ret, bool *ret_end, struct err *err)
{
	struct known known[KNOWN_PART];
	size_t off[KNOWN_PART], n = 0;
	struct buf paths = { 0 };
	struct batch *b;
	int rc = 0;

	while (n < KNOWN_PART) {
		struct cache_record rec;

		if ((rc = cache_next(w->cache, &rec, err)) != 0)
			break;
		known[n] = (struct known){
			.len = rec.len,
			.stamped = rec.stamped,
			.stamp = rec.stamp,
		};
		off[n++] = paths.len;
		if (buf_add(&paths, rec.path, rec.len) != 0 ||
		    buf_add_byte(&paths, 0) != 0) {
			rc = err_nomem(err);
			break;
		}
	}
	if (rc < 0) {
		buf_done(&paths);
		return rc;
	}
	if ((b = batch_new(0, 0, n, paths.len)) == NULL) {
		buf_done(&paths);
		return err_nomem(err);
	}
	if (n > 0) {
		memcpy(b->known, known, n * sizeof(*known));
		memcpy(b->data, paths.data, paths.len);
	}
	for (size_t i = 0; i < n; i++)
		b->known[i].path = b->data + off[i];
	buf_done(&paths);
	*ret = b;
	*ret_end = rc == 1;
	return 0;
}

static int
look_by_path(struct walk *w, const struct known *k, struct statx *st)
{
	const char *path = k->len <= w->skip ? "" : k->path + w->skip;
	size_t len = strlen(path);
	int fd, rc, saved;

	/* A link that somebody put on the way since leads to no directory with
	 * the same inode and times but the same one. */
	if (len < PATH_MAX)
		return statx(w->root_fd, path,
		    AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
			AT_STATX_DONT_SYNC,
		    STATX_TYPE | STATX_INO | STATX_MTIME | STATX_CTIME, st);
	if ((fd = open_below(w->root_fd, path, len, O_PATH)) < 0)
		return -1;
	rc = statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
	    STATX_TYPE | STATX_INO | STATX_MTIME | STATX_CTIME, st);
	saved = errno;
	(void)close(fd);
	errno = saved;
	return rc;
}

static int
look_at_known(struct walk *w, struct known *k)
{
	struct prune_range below;
	enum prune_verdict verdict;
	const char *name = k->path + path_parent_len(k->path, k->len);
	struct stamp is = { 0 };
	struct statx st;

	name += *name == '/';
	verdict = prune_path(&w->prune, k->path, k->len, &below);
	if (verdict != PRUNE_ENTER ||
	    (k->len > w->skip && prune_name(&w->prune, name, strlen(name)))) {
		k->state = KNOWN_PRUNED;
		return 0;
	}
	if (look_by_path(w, k, &st) != 0) {
		k->error = errno;
		k->state = errno == ENOENT || errno == ENOTDIR ||
			errno == ELOOP ?
		    KNOWN_ABSENT :
		    KNOWN_ERROR;
		return 0;
	}
	if (!S_ISDIR(st.stx_mode)) {
		k->state = KNOWN_ABSENT;
		return 0;
	}
	stamp_from(&is, &st);
	k->maybe_mount = !(st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) ||
	    (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
	if (k->stamped &&
	    stamp_holds(&k->stamp, &is, w->now, w->limits.settled_ns)) {
		k->state = KNOWN_SAME;
		return 0;
	}
	k->state = KNOWN_READ;
	if ((k->node = node_by_path(w, k->path, k->len, NULL, 0)) == NULL)
		return -1;
	k->node->lookup = true;
	return 0;
}

int
node_read_known(
    struct walk *w, struct node *n, struct room *room, struct err *err)
{
	struct batch *b, *home;
	bool end;
	int rc;

	(void)room;
	if ((rc = read_records(w, &b, &end, err)) != 0)
		return rc;
	n->batch = b;
	if (!end) {
		if ((home = batch_new(0, 1, 0, 0)) == NULL)
			return err_nomem(err);
		home->node->kind = NODE_KNOWN;
		home->node->home = home;
		queue_more(w, n, home->node);
	}
	for (size_t i = 0; i < b->n_known; i++)
		if (look_at_known(w, &b->known[i]) != 0)
			return err_nomem(err);
	return 0;
}

/* ---- the consumer's side ---- */

/* What a cache is a cache of. */
static int
key_of(const struct scope *scope, struct buf *key)
{
	const struct strlist *lists[] = { &scope->prunefs, &scope->prunenames,
		&scope->prunepaths };
	int bad = buf_add(key, scope->root, strlen(scope->root) + 1) ||
	    buf_add_byte(key, scope->prune_bind_mounts);

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		bad = bad || buf_add_varint(key, lists[i]->n);
		for (size_t k = 0; k < lists[i]->n; k++)
			bad = bad ||
			    buf_add(key, lists[i]->item[k],
				strlen(lists[i]->item[k]) + 1);
	}
	return bad ? -1 : 0;
}

static int
with_tag(const struct buf *key, const char *tag, struct buf *ret)
{
	return buf_add(ret, key->data, key->len) != 0 ||
		buf_add_str(ret, tag) != 0 ?
	    -1 :
	    0;
}

int
known_start(struct walk *w, const struct walk_options *o, struct err *err)
{
	struct buf key = { 0 };
	struct batch *home;
	int rc = 0;

	if (key_of(w->scope, &w->key) != 0)
		return err_nomem(err);
	if ((rc = cache_create(&w->writer, o->cache, err)) != 0 ||
	    o->cache_tag == NULL)
		return rc;
	if (with_tag(&w->key, o->cache_tag, &key) != 0)
		rc = err_nomem(err);
	else
		rc = cache_open(&w->cache, o->cache, &key, err);
	buf_done(&key);
	if (rc != 0 || w->cache == NULL)
		return rc;
	if ((home = batch_new(0, 1, 0, 0)) == NULL)
		return err_nomem(err);
	home->node->kind = NODE_KNOWN;
	home->node->home = home;
	w->cursor = home->node;
	queue_first(w, home->node);
	return 0;
}

/* The record at the cursor, NULL at the end. */
static int
cursor_get(struct walk *w, struct known **ret, struct err *err)
{
	int rc;

	while (w->cursor != NULL) {
		struct node *at = w->cursor;

		if ((rc = queue_need(w, at, err)) != 0)
			return rc;
		if (w->cursor_i < at->batch->n_known) {
			*ret = &at->batch->known[w->cursor_i];
			return 0;
		}
		w->cursor = at->part;
		w->cursor_i = 0;
		queue_release(w, at->batch);
		queue_release(w, at->home);
	}
	*ret = NULL;
	return 0;
}

static void
cursor_skip(struct walk *w)
{
	struct known *k = &w->cursor->batch->known[w->cursor_i++];

	if (k->node != NULL)
		queue_discard(w, k->node);
}

int
known_find(struct walk *w, const char *path, size_t len, struct known **ret,
    struct err *err)
{
	struct known *k;
	int rc, c;

	*ret = NULL;
	while ((rc = cursor_get(w, &k, err)) == 0 && k != NULL) {
		if ((c = path_cmp(k->path, k->len, path, len)) > 0)
			break;
		if (c == 0) {
			w->cursor_i++;
			*ret = k;
			break;
		}
		cursor_skip(w);
	}
	return rc;
}

int
known_child(struct walk *w, const char *dir, size_t len, struct known **ret,
    struct err *err)
{
	size_t at = len == 1 ? 1 : len + 1;
	struct known *k;
	int rc;

	*ret = NULL;
	while ((rc = cursor_get(w, &k, err)) == 0 && k != NULL &&
	    path_below(k->path, k->len, dir, len)) {
		/* What is left of a child that was not entered. */
		if (k->state != KNOWN_ABSENT &&
		    memchr(k->path + at, '/', k->len - at) == NULL) {
			w->cursor_i++;
			*ret = k;
			break;
		}
		cursor_skip(w);
	}
	return rc;
}

int
known_note(struct walk *w, const struct stamp *stamp, struct err *err)
{
	struct cache_record rec = {
		.path = (const char *)w->path.data,
		.len = w->path.len,
		.stamped = stamp != NULL,
	};

	if (w->writer == NULL)
		return 0;
	if (stamp != NULL)
		rec.stamp = *stamp;
	return cache_add(w->writer, &rec, err);
}

int
walk_commit_cache(struct walk *w, const char *tag, struct err *err)
{
	struct buf key = { 0 };
	int rc;

	if (w->writer == NULL)
		return 0;
	if (with_tag(&w->key, tag, &key) != 0)
		rc = err_nomem(err);
	else
		rc = cache_commit(w->writer, &key, err);
	buf_done(&key);
	return rc;
}
