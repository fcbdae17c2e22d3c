/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "remote/sftp_walk_private.h"

#include <errno.h>
#include <stdlib.h>

#include "base/config.h"
#include "base/path.h"
#include "sys/walk.h"

#define MOUNTINFO "/proc/self/mountinfo"
/* Some thousand mounts; the time to judge them grows with their square. */
#define MOUNTINFO_MAX ((size_t)512 * 1024)
/* Answers without a new name that one directory may have: one has "." and "..",
 * and a server may give them one by one. */
#define IDLE_MAX 3

enum question { OPENED, NAMES, TARGET, CLOSED };

/* ---- the beginning ---- */

/* The root's canonical path and what it is; both come as the first item. */
static int
find_root(struct sftp_walk *w, const char *root, struct err *err)
{
	struct sftp_attrs attrs;
	struct sftp_reply reply;
	const char *name;
	struct dir *d;
	size_t len;
	int rc;

	if ((rc = sftp_call(
		 w->sftp, SFTP_REALPATH, root, strlen(root), &reply, err)) != 0)
		return rc;
	if (reply.type != SFTP_NAME && reply.type != SFTP_STATUS)
		return sftp_misfit(err);
	if (reply.type == SFTP_NAME) {
		if (sftp_name_next(&reply, &name, &len, &attrs) != 0 ||
		    !path_is_valid(name, len) || len > w->path_max)
			return sftp_misfit(err);
		buf_clear(&w->path);
		if (buf_add(&w->path, name, len) != 0)
			return err_nomem(err);
		if ((rc = sftp_call(w->sftp, SFTP_LSTAT, w->path.data, len,
			 &reply, err)) != 0)
			return rc;
	}
	if (reply.type == SFTP_STATUS) {
		errno = sftp_errno(&reply, w->why);
		if (errno != 0)
			return err_sys(err, "%s", root);
		return err_set(err, ERR_REFUSED, "%s: %s", root, w->why);
	}
	if (reply.type != SFTP_ATTRS)
		return sftp_misfit(err);
	w->then = (struct sftp_walk_item){ .kind = SFTP_WALK_ENTRY,
		.path = (const char *)w->path.data,
		.len = w->path.len,
		.entry = walk_entry(&reply.attrs) };
	w->has_then = true;
	if (w->then.entry.type != 'd')
		return err_set(err, ERR_FORMAT, "%s: not a directory", root);
	if ((d = dir_new(NULL, w->then.path, w->then.len)) == NULL)
		return err_nomem(err);
	w->stack = d;
	return 0;
}

/* Which directories are left out. A server without /proc tells nothing. */
static int
find_mounts(struct sftp_walk *w, struct err *err)
{
	struct buf text = { 0 };
	const char *type = updatedb_default_fs;
	int rc = sftp_slurp(w->sftp, MOUNTINFO, MOUNTINFO_MAX, &text, err);

	if (rc == 0) {
		size_t n = strspn(type, " ");

		for (type += n; rc == 0 && *type != '\0'; type += n) {
			n = strcspn(type, " ");
			if (scope_add_prunefs(&w->scope, type, n) != 0)
				rc = err_nomem(err);
			n += strspn(type + n, " ");
		}
		if (rc == 0 &&
		    (buf_add_byte(&w->path, 0) != 0 ||
			scope_set_root(&w->scope, (const char *)w->path.data) !=
			    0))
			rc = err_nomem(err);
		if (rc == 0)
			rc = scope_from_mountinfo_text(&w->scope, &text, err);
		w->then.path = (const char *)w->path.data;
	}
	buf_done(&text);
	return rc < 0 ? rc : 0;
}

int
sftp_walk_open(struct sftp_walk **ret, struct sftp *s,
    const struct sftp_walk_options *o, struct err *err)
{
	struct sftp_walk *w = calloc(1, sizeof(*w));
	int rc;

	if (w == NULL)
		return err_nomem(err);
	w->sftp = s;
	w->path_max = o->path_max;
	w->depth_max = o->depth_max;
	w->links_end = &w->links;
	if ((rc = find_root(w, o->root, err)) != 0 ||
	    (rc = find_mounts(w, err)) != 0) {
		sftp_walk_close(w);
		return rc;
	}
	*ret = w;
	return 0;
}

void
sftp_walk_close(struct sftp_walk *w)
{
	if (w == NULL)
		return;
	while (w->stack != NULL) {
		struct dir *d = w->stack;

		w->stack = d->next;
		dir_release(d);
	}
	for (size_t i = 0; i < DIRS; i++)
		dir_release(w->dirs[i].dir);
	while (w->links != NULL) {
		struct link *l = w->links;

		w->links = l->next;
		link_free(l);
	}
	for (size_t i = 0; i < TARGETS; i++)
		link_free(w->targets[i]);
	scope_done(&w->scope);
	buf_done(&w->path);
	free(w);
}

/* ---- questions ---- */

static int
ask_targets(struct sftp_walk *w, struct err *err)
{
	for (size_t i = 0; i < TARGETS && w->links != NULL; i++) {
		struct link *l = w->links;
		struct sftp_tag tag = { TARGET, &w->targets[i] };
		int rc;

		if (w->targets[i] != NULL)
			continue;
		if (sftp_room(w->sftp) <= RESERVE)
			return 0;
		if (dir_path(l->dir, l->name, l->len, &w->path) != 0)
			return err_nomem(err);
		if ((rc = sftp_ask(w->sftp, tag, SFTP_READLINK, w->path.data,
			 w->path.len, err)) != 0)
			return rc;
		w->targets[i] = l;
		if ((w->links = l->next) == NULL)
			w->links_end = &w->links;
		l->next = NULL;
		w->n_links--;
	}
	return 0;
}

/* Close it and forget it; what the server says to that is nothing to us. */
static int
finish(struct sftp_walk *w, struct open_dir *o, struct err *err)
{
	struct sftp_tag tag = { CLOSED, NULL };
	int rc = 0;

	if (o->open)
		rc = sftp_ask(
		    w->sftp, tag, SFTP_CLOSE, o->handle, o->handle_len, err);
	dir_release(o->dir);
	*o = (struct open_dir){ 0 };
	return rc;
}

static int
ask_names(struct sftp_walk *w, struct open_dir *o, struct err *err)
{
	struct sftp_tag tag = { NAMES, o };
	unsigned ahead = o->large ? AHEAD_MAX : AHEAD;
	int rc = 0;

	if (o->ended && o->asked == 0)
		return finish(w, o, err);
	while (rc == 0 && o->open && !o->ended && o->asked < ahead &&
	    w->n_links < LINKS_MAX) {
		rc = sftp_ask(
		    w->sftp, tag, SFTP_READDIR, o->handle, o->handle_len, err);
		o->asked += rc == 0;
	}
	return rc;
}

/* The next of the stack into a place that is free. The one met last comes
 * first, so that few are waiting. */
static int
ask_open(struct sftp_walk *w, struct open_dir *o, struct err *err)
{
	struct sftp_tag tag = { OPENED, o };
	struct dir *d = w->stack;
	int rc;

	if (dir_path(d, "", 0, &w->path) != 0)
		return err_nomem(err);
	if ((rc = sftp_ask(w->sftp, tag, SFTP_OPENDIR, w->path.data,
		 w->path.len, err)) != 0)
		return rc;
	*o = (struct open_dir){ .dir = d, .asked = 1 };
	w->stack = d->next;
	d->next = NULL;
	return 0;
}

static int
ask(struct sftp_walk *w, struct err *err)
{
	int rc = ask_targets(w, err);

	for (size_t i = 0; rc == 0 && i < DIRS; i++) {
		struct open_dir *o = &w->dirs[i];

		if (o->dir != NULL)
			rc = ask_names(w, o, err);
		if (rc == 0 && o->dir == NULL && w->stack != NULL &&
		    w->n_links < LINKS_MAX && sftp_room(w->sftp) > RESERVE)
			rc = ask_open(w, o, err);
	}
	return rc;
}

/* ---- answers: 0 with an item, 1 without one ---- */

static int
was_opened(struct sftp_walk *w, struct open_dir *o,
    const struct sftp_reply *reply, struct sftp_walk_item *item,
    struct err *err)
{
	o->asked--;
	if (reply->type == SFTP_HANDLE) {
		o->open = true;
		o->handle_len = reply->len;
		memcpy(o->handle, reply->bytes, reply->len);
		return 1;
	}
	if (reply->type != SFTP_STATUS)
		return sftp_misfit(err);
	o->ended = true;
	/* It is no more, and that is no news; the root would be. */
	if (reply->status == SFTP_NO_SUCH_FILE && o->dir->up != NULL)
		return 1;
	return walk_unread(w, o->dir, reply, NULL, item, err);
}

static int
has_names(struct sftp_walk *w, struct open_dir *o,
    const struct sftp_reply *reply, struct sftp_walk_item *item,
    struct err *err)
{
	bool ended = o->ended;

	o->asked--;
	if (reply->type == SFTP_NAME) {
		if (o->idle >= IDLE_MAX) {
			o->ended = true;
			return ended ? 1 :
				       walk_unread(w, o->dir, NULL,
					   "the server gives no new names, and "
					   "no end",
					   item, err);
		}
		o->large = o->large || reply->n_names >= 100;
		w->of = o;
		w->names = *reply;
		w->fresh = false;
		w->prefix = 0;
		return 1;
	}
	if (reply->type != SFTP_STATUS)
		return sftp_misfit(err);
	o->ended = true;
	/* After the end a server may say anything. */
	if (ended || reply->status == SFTP_EOF)
		return 1;
	return walk_unread(w, o->dir, reply, NULL, item, err);
}

/* The target as far as it can be one. */
static int
take_target(struct sftp_reply *reply, struct entry *entry, struct err *err)
{
	struct sftp_attrs attrs;
	const char *target;
	size_t len;

	if (reply->n_names != 1 ||
	    sftp_name_next(reply, &target, &len, &attrs) != 0)
		return sftp_misfit(err);
	if (len == 0 || len > ENTRY_TARGET_MAX ||
	    memchr(target, '\0', len) != NULL)
		return 0;
	entry->fields |= ENTRY_TARGET;
	entry->target = target;
	entry->target_len = (uint32_t)len;
	return 0;
}

static int
was_target(struct sftp_walk *w, struct link *l, struct sftp_reply *reply,
    struct sftp_walk_item *item, struct err *err)
{
	if (reply->type != SFTP_NAME && reply->type != SFTP_STATUS)
		return sftp_misfit(err);
	if (reply->type == SFTP_STATUS && reply->status == SFTP_NO_SUCH_FILE)
		return 1;
	if (dir_path(l->dir, l->name, l->len, &w->path) != 0)
		return err_nomem(err);
	*item = (struct sftp_walk_item){ .kind = SFTP_WALK_ENTRY,
		.path = (const char *)w->path.data,
		.len = w->path.len,
		.entry = l->entry };
	if (reply->type == SFTP_NAME)
		return take_target(reply, &item->entry, err);
	w->then = *item;
	w->then.kind = SFTP_WALK_UNLOOKED;
	w->then.error = sftp_errno(reply, w->why);
	w->then.why = w->why;
	w->has_then = true;
	return 0;
}

static int
take(struct sftp_walk *w, struct sftp_walk_item *item, struct err *err)
{
	struct sftp_reply reply;
	struct sftp_tag tag;
	struct link *l;
	int rc = sftp_answer(w->sftp, &reply, &tag, err);

	if (rc != 0)
		return rc;
	switch ((enum question)tag.kind) {
	case OPENED:
		return was_opened(w, tag.ctx, &reply, item, err);
	case NAMES:
		return has_names(w, tag.ctx, &reply, item, err);
	case TARGET:
		l = *(struct link **)tag.ctx;
		*(struct link **)tag.ctx = NULL;
		rc = was_target(w, l, &reply, item, err);
		link_free(l);
		return rc;
	case CLOSED:
		break;
	}
	return 1;
}

int
sftp_walk_next(
    struct sftp_walk *w, struct sftp_walk_item *item, struct err *err)
{
	int rc;

	if (w->has_then) {
		*item = w->then;
		w->has_then = false;
		return 0;
	}
	do {
		if (w->of != NULL) {
			rc = walk_name(w, item, err);
			continue;
		}
		if ((rc = ask(w, err)) != 0)
			return rc;
		if (sftp_unanswered(w->sftp) == 0)
			return 1;
		rc = take(w, item, err);
	} while (rc == 1);
	return rc;
}
