/*
 * A source's own process.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plugin/source_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "sys/file.h"
#include "sys/jail.h"

#define OUT_BYTES ((size_t)64 * 1024)
/* So long may an item lie in the buffer while the next one is not there. */
#define OUT_NS INT64_C(100000000)
/* A sign of life is that so much processor time was used. */
#define SIGN_NS INT64_C(100000000)

/* What is kept for the jail. */
struct kept {
	int *fd;
	size_t n;
};

struct child {
	const struct source_task *task;
	struct plugin plugin;
	struct plugin_handle handle;
	int out, in; /* in: the source's file, -1: none */
	struct kept kept;
	/* What attach was given stays until close. */
	struct lookback_origin origin;
	struct lookback_limits limits;
	struct buf uri;
	struct buf frames; /* not yet written */
	int64_t written;   /* when */
	int64_t signed_ns; /* processor time of the last sign of life */
};

/* ---- writing ---- */

/* Nobody listens any more: nothing is left to be done. */
static void
flush(struct child *c)
{
	struct err err = ERR_INIT;

	if (c->frames.len > 0 &&
	    file_write(c->out, c->frames.data, c->frames.len, "pipe", &err) !=
		0)
		_exit(1);
	buf_clear(&c->frames);
	c->written = clock_ns();
}

static void
sent(struct child *c, int bad)
{
	if (bad != 0)
		_exit(1);
	if (c->frames.len >= OUT_BYTES || clock_ns() - c->written >= OUT_NS)
		flush(c);
}

static void
say(void *ctx, const char *level, const char *text)
{
	struct child *c = ctx;

	sent(c,
	    frame_log(&c->frames,
		level[0] != '\0' ? LOOKBACK_WARN : LOOKBACK_NOTE, text));
}

static int64_t
cpu_ns(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* What a plugin asks between the parts of long work, as it passes over a member
 * of a terabyte, and while it waits for others, which is no sign of life. We are
 * not asked to stop: we are ended. */
static int
stopping(void *ctx)
{
	struct plugin_handle *handle = ctx;
	struct child *c = (struct child *)((char *)handle -
	    offsetof(struct child, handle));
	int64_t used = cpu_ns();

	if (used - c->signed_ns >= SIGN_NS) {
		c->signed_ns = used;
		sent(c, frame_sign(&c->frames));
		flush(c);
	}
	sent(c, 0);
	return 0;
}

/* ---- the source's file ---- */

static int
keep(void *ctx, int dirfd)
{
	struct kept *kept = ctx;
	int *fd = reallocarray(kept->fd, kept->n + 1, sizeof(*fd));

	if (fd == NULL)
		return -ENOMEM;
	kept->fd = fd;
	fd[kept->n++] = dirfd;
	return 0;
}

/* What is not there is told before a plugin looks for it; a FIFO would keep us
 * waiting. */
static int
open_file(struct child *c, const struct uri *uri, struct err *err)
{
	struct stat st;

	c->in = open(uri->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (c->in < 0 || fstat(c->in, &st) != 0)
		return err_sys(err, "%s", uri->path);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) &&
	    !S_ISBLK(st.st_mode))
		return err_set(err, ERR_FORMAT,
		    "%s: neither a file nor a directory nor a disk", uri->path);
	return 0;
}

static int
attach(struct child *c, struct err *err)
{
	const struct uri *uri = c->task->options->uri;
	const struct source_limits *max = c->task->limits;
	int rc;

	if (!(c->plugin.source.flags & LOOKBACK_FAR) &&
	    (rc = open_file(c, uri, err)) != 0)
		return rc;
	if (uri_format(uri, &c->uri) != 0)
		return err_nomem(err);
	c->limits = (struct lookback_limits){
		.size = sizeof(c->limits),
		.entries = max->items,
		.path = max->path,
		.depth = max->depth,
		.expansion = max->expansion,
		.free = max->free,
	};
	c->origin = (struct lookback_origin){
		.size = sizeof(c->origin),
		.uri = buf_str(&c->uri),
		.path = uri->path,
		.fd = c->in,
		.user = uri->user,
		.host = uri->host,
		.port = uri->port,
		.limits = &c->limits,
		.keep = keep,
		.ctx = &c->kept,
	};
	return plugin_result(&c->handle,
	    c->plugin.source.attach(c->handle.self, &c->origin), err);
}

/* From here on comes what others wrote. */
static int
close_jail(const struct child *c, struct err *err)
{
	const struct jail_options jail = {
		.see = c->kept.fd,
		.n_see = c->kept.n,
		.memory = c->task->limits->memory,
		.cpu_s = c->task->limits->cpu_s,
	};

	return jail_enter(&jail, err);
}

/* ---- its work ---- */

static int
tell_about(struct child *c, struct err *err)
{
	struct lookback_about about = { .size = sizeof(about) };
	int rc = plugin_result(
	    &c->handle, c->plugin.source.about(c->handle.self, &about), err);

	if (rc != 0)
		return rc;
	sent(c, frame_about(&c->frames, &about));
	flush(c);
	return 0;
}

static int
tell_items(struct child *c, struct err *err)
{
	for (;;) {
		struct lookback_item item = { .size = sizeof(item) };
		int rc = plugin_result(&c->handle,
		    c->plugin.source.next(c->handle.self, &item), err);

		if (rc != 0)
			return rc < 0 ? rc : 0;
		sent(c, frame_item(&c->frames, &item));
	}
}

static int
tell_piece(void *ctx, size_t i, const struct lookback_piece *given)
{
	struct child *c = ctx;
	struct lookback_piece piece = { 0 };
	const uint8_t *data = given->data;
	size_t left = given->len;

	/* An old plugin's is shorter. */
	memcpy(&piece, given,
	    given->size < sizeof(piece) ? given->size : sizeof(piece));
	do {
		piece.data = data;
		piece.len = left < PIECE_MAX ? left : PIECE_MAX;
		left -= piece.len;
		data += piece.len;
		piece.last = given->last && left == 0;
		sent(c, frame_piece(&c->frames, i, &piece));
		piece.offset += piece.len;
	} while (left > 0);
	return 0;
}

static int
tell_content(struct child *c, struct err *err)
{
	if (c->plugin.source.read == NULL)
		return err_set(err, ERR_USAGE,
		    "%s holds names alone: no content", c->plugin.info.name);
	return plugin_result(&c->handle,
	    c->plugin.source.read(
		c->handle.self, c->task->want, c->task->n, tell_piece, c),
	    err);
}

static int
work(struct child *c, struct err *err)
{
	const struct source_options *o = c->task->options;
	static const struct lookback_setting none[] = { { 0 } };
	const char *scheme = o->uri->scheme;
	int rc;

	if ((rc = plugin_load_source(&c->plugin,
		 strcmp(scheme, "file") == 0 ? "fs" : scheme, err)) != 0 ||
	    (rc = plugin_open(&c->handle, &c->plugin,
		 o->settings != NULL ? o->settings : none, err)) != 0)
		return rc;
	c->handle.host.stopping = stopping;
	if ((rc = attach(c, err)) == 0 && (rc = close_jail(c, err)) == 0 &&
	    (rc = tell_about(c, err)) == 0)
		rc = c->task->want != NULL ? tell_content(c, err) :
					     tell_items(c, err);
	plugin_close(&c->handle);
	return rc;
}

void
source_child(const struct source_task *task, int out)
{
	struct child c = { .task = task, .out = out, .in = -1 };
	struct err err = ERR_INIT;

	c.written = clock_ns();
	log_divert(say, &c);
	sent(&c,
	    work(&c, &err) == 0 ? frame_end(&c.frames) :
				  frame_failure(&c.frames, &err));
	flush(&c);
	_exit(0);
}
