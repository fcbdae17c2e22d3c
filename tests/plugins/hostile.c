/*
 * A source that misbehaves as its URI's path says: hostile:/DEED. What it does
 * it does in the jail, but for "attach-...". It tells of numbers, as of processes,
 * by paths.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <lookback/plugin.h>
#include <lookback/source.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PIPE 3 /* to the host */

struct hostile {
	const struct lookback_host *host;
	char deed[64];
	unsigned long n;   /* of next */
	pid_t helper;	   /* 0: none */
	char path[300000]; /* of the item */
};

static int
is(const struct hostile *h, const char *deed)
{
	return strcmp(h->deed, deed) == 0;
}

static void
for_ever(void)
{
	for (;;)
		(void)pause();
}

/* ---- before the jail ---- */

static int
hostile_attach(void *self, const struct lookback_origin *origin)
{
	struct hostile *h = self;

	(void)snprintf(h->deed, sizeof(h->deed), "%s", origin->path + 1);
	if (is(h, "attach-fails"))
		return h->host->fail(h->host->ctx, ENODEV, "not \033[1m here");
	if (is(h, "attach-hangs"))
		for_ever();
	if (is(h, "helper") && (h->helper = fork()) == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for_ever();
	}
	return 0;
}

/* ---- in it ---- */

static int
hostile_about(void *self, struct lookback_about *about)
{
	struct hostile *h = self;

	if (is(h, "about-fails"))
		return h->host->fail(h->host->ctx, EINVAL, "no such thing");
	about->fields = is(h, "about-lies") ? 0x12345 : LOOKBACK_TYPE;
	about->ordered = is(h, "unordered") || is(h, "twice");
	about->format = "hos\ntile";
	return 0;
}

static int
give(struct hostile *h, struct lookback_item *item, const char *path)
{
	item->kind = LOOKBACK_ENTRY;
	item->fields = LOOKBACK_TYPE;
	item->type = 'f';
	item->path = path;
	item->len = strlen(path);
	h->n++;
	return 0;
}

static int
give_number(struct hostile *h, struct lookback_item *item, long number)
{
	(void)snprintf(h->path, sizeof(h->path), "/%ld", number);
	return give(h, item, h->path);
}

/* The first of these that it can do, if any. */
static int
break_out(struct hostile *h, struct lookback_item *item)
{
	char none[] = "true", *argv[] = { none, NULL };
	pid_t pid;

	if (h->n > 0)
		return 1;
	if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0)
		return give(h, item, "/open");
	if (socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0)
		return give(h, item, "/socket");
	if (ptrace(PTRACE_ATTACH, getppid(), 0, 0) == 0)
		return give(h, item, "/ptrace");
	if (kill(getppid(), 0) == 0)
		return give(h, item, "/kill");
	if (mkdir("/tmp/hostile-was-here", 0700) == 0)
		return give(h, item, "/mkdir");
	if ((pid = fork()) == 0)
		_exit(0);
	if (pid > 0)
		return give(h, item, "/fork");
	(void)execv("/bin/true", argv);
	return 1;
}

static int
take_memory(struct hostile *h)
{
	size_t n = 0;

	while (n < 65536) {
		char *p = malloc(1 << 20);

		if (p == NULL)
			return h->host->fail(
			    h->host->ctx, ENOMEM, "not even %s", "1 MiB");
		memset(p, 1, 1 << 20);
		n++;
	}
	return 1;
}

/* A sequence of entries; the one of this turn is wrong. */
static int
lie(struct hostile *h, struct lookback_item *item)
{
	static const struct {
		const char *deed, *first, *second;
	} lies[] = {
		{ "unordered", "/b", "/a" },
		{ "twice", "/b", "/b" },
		{ "no-slash", "/a", "b" },
		{ "two-slashes", "/a", "/a//b" },
		{ "end-slash", "/a", "/b/" },
		{ "no-path", "/a", "" },
	};
	int given = h->n == 0 ? give(h, item, "/a") : give(h, item, "/b");

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		if (is(h, lies[i].deed))
			return give(h, item,
			    h->n == 1 ? lies[i].first : lies[i].second);
	if (h->n == 1)
		return given;
	if (is(h, "nul")) {
		item->path = "/a\0b";
		item->len = 4;
	}
	if (is(h, "wrong-kind"))
		item->kind = 99;
	if (is(h, "wrong-type"))
		item->type = 'x';
	if (is(h, "wrong-fields"))
		item->fields = 0x40;
	if (is(h, "other-fields")) {
		item->fields = LOOKBACK_TYPE | LOOKBACK_SIZE;
		item->bytes = 1;
	}
	if (is(h, "long-path") || is(h, "deep-path")) {
		memset(h->path, 'x', sizeof(h->path) - 1);
		if (is(h, "deep-path"))
			for (size_t i = 0; i < sizeof(h->path) - 1; i += 2)
				h->path[i] = '/';
		memcpy(h->path, "/d/", 3);
		item->path = h->path;
		item->len = is(h, "deep-path") ? 60000 : sizeof(h->path) - 1;
	}
	return h->n > 2;
}

static int
hostile_next(void *self, struct lookback_item *item)
{
	static const char rubbish[] = "I\377\377\377\377rubbish";
	struct hostile *h = self;

	if (is(h, "break-out"))
		return break_out(h, item);
	if (is(h, "memory"))
		return take_memory(h);
	if (is(h, "flood"))
		return give(h, item, "/a");
	if (is(h, "flood-unread")) {
		(void)give(h, item, "/a");
		item->kind = LOOKBACK_UNREAD;
		item->why = "no";
		return 0;
	}
	if (is(h, "messages")) {
		for (int i = 0; i < 100; i++)
			h->host->log(
			    h->host->ctx, LOOKBACK_WARN, "no \033 %d", i);
		return 1;
	}
	/* The others begin well. */
	if (h->n == 0 && (is(h, "pid") || is(h, "silent") || is(h, "helper")))
		return give_number(h, item, getpid());
	if (h->n == 1 && is(h, "helper"))
		return give_number(h, item, h->helper);
	/* What was given comes through, and waiting is no sign of life. */
	while (is(h, "pid") || is(h, "silent") || is(h, "helper")) {
		(void)h->host->stopping(h->host->ctx);
		(void)poll(NULL, 0, 10);
	}
	/* But work is. */
	while (is(h, "works")) {
		struct timespec t;

		(void)h->host->stopping(h->host->ctx);
		if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0 ||
		    t.tv_sec >= 2)
			return 1;
	}
	if (h->n > 0 && is(h, "loop"))
		for (volatile unsigned i = 0;; i++)
			;
	if (h->n > 0 && is(h, "rubbish")) {
		while (write(PIPE, rubbish, sizeof(rubbish)) > 0)
			;
		for_ever();
	}
	/* A sign of life, again and again. */
	while (h->n > 0 && is(h, "lives")) {
		(void)write(PIPE, "S\0\0\0\0", 5);
		(void)poll(NULL, 0, 1);
	}
	/* ERR_NOMEM, 0, words */
	if (h->n > 0 && is(h, "no-memory")) {
		(void)write(PIPE, "F\6\0\0\0\1\0none", 11);
		for_ever();
	}
	if (h->n > 0 && is(h, "abort"))
		abort();
	if (h->n > 0 && is(h, "exit"))
		_exit(0);
	if (h->n > 0 && is(h, "closes")) {
		(void)close(PIPE);
		for_ever();
	}
	if (h->n > 0 && is(h, "fails"))
		return h->host->fail(h->host->ctx, EIO, "torn \177 off");
	return lie(h, item);
}

/* Two pieces, of which the last is sent in parts. */
static int
read_time(struct hostile *h, lookback_piece_fn *give_piece, void *ctx)
{
	static char data[5 << 19];
	struct lookback_piece piece = { .size = sizeof(piece),
		.data = data,
		.len = 10,
		.has_mtime = true,
		.mtime = -5,
		.mtime_ns = is(h, "read-bad-time") ? 1000000000 : 7,
		.same = UINT64_MAX };

	if (is(h, "read-old"))
		piece.size = offsetof(struct lookback_piece, has_mtime);
	if (is(h, "read-older"))
		piece.size = offsetof(struct lookback_piece, same);
	(void)give_piece(ctx, 0, &piece);
	piece.offset = 10;
	piece.len = sizeof(data);
	piece.last = true;
	return give_piece(ctx, 0, &piece);
}

static int
hostile_read(void *self, const struct lookback_want *want, size_t n,
    lookback_piece_fn *give_piece, void *ctx)
{
	struct hostile *h = self;
	struct lookback_piece piece = {
		.size = sizeof(piece), .data = h->path, .len = sizeof(h->path)
	};

	(void)want;
	if (is(h, "read-falls")) {
		piece.offset = 1000;
		(void)give_piece(ctx, 0, &piece);
		piece.offset = 0;
		return give_piece(ctx, 0, &piece);
	}
	if (is(h, "read-other"))
		return give_piece(ctx, n, &piece);
	if (is(h, "read-far")) {
		piece.offset = INT64_MAX;
		return give_piece(ctx, 0, &piece);
	}
	if (is(h, "read-item")) {
		(void)write(PIPE, "I\0\0\0\0", 5);
		return 0;
	}
	if (is(h, "read-time") || is(h, "read-bad-time") || is(h, "read-old") ||
	    is(h, "read-older"))
		return read_time(h, give_piece, ctx);
	if (is(h, "read-early-time")) {
		(void)write(PIPE, "P\5\0\0\0\0\0\4\2\0", 10);
		return 0;
	}
	if (is(h, "read-early-same")) {
		(void)write(PIPE, "P\4\0\0\0\0\0\10\1", 9);
		return 0;
	}
	piece.last = true;
	(void)give_piece(ctx, 0, &piece);
	/* The path came again. */
	piece.len = 5;
	return give_piece(ctx, 0, &piece);
}

/* ---- the plugin ---- */

static int
hostile_open(const struct lookback_host *host,
    const struct lookback_setting *settings, void **ret_self)
{
	struct hostile *h = calloc(1, sizeof(*h));

	(void)settings;
	if (h == NULL)
		return host->fail(host->ctx, ENOMEM, "no memory");
	h->host = host;
	*ret_self = h;
	return 0;
}

static const struct lookback_source ops = {
	.size = sizeof(ops),
	.flags = LOOKBACK_FAR,
	.attach = hostile_attach,
	.about = hostile_about,
	.next = hostile_next,
	.read = hostile_read,
};

static const struct lookback_plugin plugin = {
	.abi = LOOKBACK_PLUGIN_ABI,
	.size = sizeof(plugin),
	.kind = LOOKBACK_SOURCE,
	.name = "hostile",
	.version = "1",
	.about = "a source that misbehaves",
	.open = hostile_open,
	.close = free,
	.ops = &ops,
};

const struct lookback_plugin *
lookback_plugin(void)
{
	return &plugin;
}
