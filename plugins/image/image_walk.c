/*
 * Items and contents of all volumes: the readers speak of paths within their
 * file system, the host of paths within the image.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "image_walk.h"
#include "kernel_mount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/sum.h"

void
image_walk_init(struct image_walk *walk, const struct volumes *volumes,
    const struct image_env *env)
{
	*walk = (struct image_walk){ .volumes = volumes, .env = env };
}

static void
close_fs(struct image_walk *walk)
{
	if (walk->fs != NULL)
		walk->fs->reader->close(walk->fs);
	walk->fs = NULL;
}

void
image_walk_done(struct image_walk *walk)
{
	close_fs(walk);
	buf_done(&walk->path);
	buf_done(&walk->words);
}

/* Why a volume without a reader has none. */
static int
no_reader(const struct volume *volume, struct err *err)
{
	switch (volume->kind) {
	case VOLUME_DATA:
		break;
	case VOLUME_NOTHING:
		return 1;
	case VOLUME_ENCRYPTED:
	case VOLUME_UNREAD:
		return err_set(err, ERR_REFUSED, "%s", volume->why);
	}
	if (volume->what[0] == '\0')
		return err_set(
		    err, ERR_FORMAT, "holds no file system that is known");
	return err_set(err, ERR_REFUSED,
	    "%s: no reader in user space; --trust-image lets this host's "
	    "kernel mount it",
	    volume->what);
}

/* 0 with a reader; 1: nothing to read; negative: why not. */
static int
open_volume(struct fs **ret, const struct volume *volume,
    const struct image_env *env, struct err *err)
{
	int rc = 1;

	if (volume->mounted >= 0)
		return fs_mount_open(ret, volume->mounted, env, err);
	if (volume->kind == VOLUME_DATA && volume->disk != NULL)
		rc = fs_open(ret, volume->disk, env, err);
	return rc == 1 ? no_reader(volume, err) : rc;
}

/* The path within the image of one within the volume. */
static int
place(struct image_walk *walk, const char *path, size_t len,
    struct lookback_item *item, struct err *err)
{
	const char *name = walk->volumes->v[walk->at].name;
	struct buf *buf = &walk->path;

	if (name[0] == '\0') {
		item->path = path;
		item->len = len;
		return 0;
	}
	buf_clear(buf);
	if (buf_add_byte(buf, '/') != 0 || buf_add_str(buf, name) != 0 ||
	    (len > 1 && buf_add(buf, path, len) != 0))
		return err_nomem(err);
	item->path = (const char *)buf->data;
	item->len = buf->len;
	return 0;
}

/* The rest of the volume is not known, for the reason in walk->why. */
static int
tell_why(struct image_walk *walk, struct lookback_item *item, struct err *err)
{
	char text[1024];

	walk->untold = false;
	buf_clear(&walk->words);
	if (buf_add_str(
		&walk->words, err_text(&walk->why, text, sizeof(text))) != 0 ||
	    buf_add_byte(&walk->words, '\0') != 0)
		return err_nomem(err);
	item->kind = LOOKBACK_UNREAD;
	item->error = walk->why.sys;
	item->why = (const char *)walk->words.data;
	return place(walk, "/", 1, item, err);
}

/* Goes on to the next volume; its directory is the first item of it. */
static int
begin(struct image_walk *walk, struct lookback_item *item, struct err *err)
{
	int rc;

	walk->open = true;
	walk->cut = false;
	err_clear(&walk->why);
	rc = open_volume(
	    &walk->fs, &walk->volumes->v[walk->at], walk->env, &walk->why);
	if (walk->why.code == ERR_NOMEM || walk->why.code == ERR_CANCELLED) {
		*err = walk->why;
		return rc;
	}
	if (rc == 1)
		return 1;
	walk->untold = rc < 0;
	item->kind = LOOKBACK_ENTRY;
	item->fields = LOOKBACK_TYPE;
	item->type = 'd';
	return place(walk, "/", 1, item, err);
}

static int
volume_next(
    struct image_walk *walk, struct lookback_item *item, struct err *err)
{
	int rc = 1;

	if (walk->untold)
		return tell_why(walk, item, err);
	if (walk->fs != NULL)
		rc = walk->fs->reader->next(walk->fs, item, &walk->why);
	if (rc == 0)
		return place(walk, item->path, item->len, item, err);
	if (rc == 1) {
		const char *cut = walk->volumes->v[walk->at].why;

		if (walk->fs == NULL || walk->cut || cut[0] == '\0')
			return 1;
		walk->cut = true;
		(void)err_set(&walk->why, ERR_FORMAT, "%s", cut);
		return tell_why(walk, item, err);
	}
	if (walk->why.code == ERR_CANCELLED || walk->why.code == ERR_NOMEM) {
		*err = walk->why;
		return rc;
	}
	close_fs(walk);
	return tell_why(walk, item, err);
}

int
image_walk_next(
    struct image_walk *walk, struct lookback_item *ret, struct err *err)
{
	/* Readers fill one of ours: the host's may be shorter. */
	struct lookback_item item;
	int rc = 1;

	while (rc == 1 && walk->at < walk->volumes->n) {
		memset(&item, 0, sizeof(item));
		item.size = sizeof(item);
		rc = walk->open ? volume_next(walk, &item, err) :
				  begin(walk, &item, err);
		if (rc == 1) {
			close_fs(walk);
			walk->open = false;
			walk->at++;
		}
	}
	if (rc == 0) {
		if (item.size > ret->size)
			item.size = ret->size;
		memcpy(ret, &item, item.size);
	}
	return rc;
}

/* ---- content ---- */

/* A list of wants of one volume stands at `first` in the host's. */
struct shift {
	size_t volume, first;
	lookback_piece_fn *give;
	void *ctx;
};

static int
give_shifted(void *ctx, size_t i, const struct lookback_piece *piece)
{
	const struct shift *shift = ctx;
	struct lookback_piece ours = *piece;

	/* Each file system has numbers of its own. */
	if (ours.same != 0)
		ours.same = sum_pair(shift->volume, ours.same);
	return shift->give(shift->ctx, shift->first + i, &ours);
}

/* Wants within the volume: how many, from the first on. They stand together,
 * for '/' is below every other byte. */
static size_t
wants_of(const struct volume *volume, const struct lookback_want *want,
    size_t n, size_t *ret_first)
{
	size_t len = strlen(volume->name), first = 0, end;

	if (len == 0) {
		*ret_first = 0;
		return n;
	}
#define BELOW(w)                                            \
	((w).len > len + 1 && (w).path[0] == '/' &&         \
	    memcmp((w).path + 1, volume->name, len) == 0 && \
	    (w).path[len + 1] == '/')
	while (first < n && !BELOW(want[first]))
		first++;
	for (end = first; end < n && BELOW(want[end]); end++)
		;
#undef BELOW
	*ret_first = first;
	return end - first;
}

/* None of these can be read. */
static int
give_why(const struct shift *shift, size_t n, const struct err *why)
{
	char text[1024];
	const struct lookback_piece piece = {
		.size = sizeof(piece),
		.why = err_text(why, text, sizeof(text)),
		.error = why->sys,
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = shift->give(shift->ctx, shift->first + i, &piece);
	return rc;
}

static int
read_volume(struct image_walk *walk, const struct volume *volume,
    struct lookback_want *want, size_t n, struct shift *shift, int *ret_stop,
    struct err *err)
{
	struct err why = ERR_INIT;
	struct fs *fs = NULL;
	int rc = open_volume(&fs, volume, walk->env, &why);

	if (rc == 1)
		return 0;
	if (rc == 0) {
		rc = fs->reader->read(
		    fs, want, n, give_shifted, shift, ret_stop, &why);
		fs->reader->close(fs);
		if (rc < 0)
			*err = why;
		return rc;
	}
	*ret_stop = give_why(shift, n, &why);
	return *ret_stop != 0 ? 1 : 0;
}

int
image_walk_read(struct image_walk *walk, const struct lookback_want *want,
    size_t n, lookback_piece_fn *give, void *ctx, int *ret_stop,
    struct err *err)
{
	struct lookback_want *list = calloc(n + 1, sizeof(*list));
	int rc = 0;

	if (list == NULL)
		return err_nomem(err);
	for (size_t i = 0; rc == 0 && i < walk->volumes->n; i++) {
		const struct volume *volume = &walk->volumes->v[i];
		struct shift shift = { .give = give, .ctx = ctx, .volume = i };
		size_t skip = volume->name[0] == '\0' ?
		    0 :
		    strlen(volume->name) + 1;
		size_t m = wants_of(volume, want, n, &shift.first);

		for (size_t k = 0; k < m; k++) {
			const struct lookback_want *w = &want[shift.first + k];

			list[k].path = w->path + skip;
			list[k].len = w->len - skip;
		}
		if (m > 0)
			rc = read_volume(
			    walk, volume, list, m, &shift, ret_stop, err);
	}
	free(list);
	return rc;
}
