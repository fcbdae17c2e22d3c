/*
 * A source at work, as we see it: its process at the end of a pipe.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plugin/source_private.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"

#define IN_BYTES ((size_t)256 * 1024)
/* Between two looks at *stop. */
#define POLL_MS 100

const struct source_limits source_limits_default = {
	.items = SOURCE_ENTRIES_MAX,
	.said = SOURCE_SAID_MAX,
	.messages = SOURCE_MESSAGES_MAX,
	.path = SOURCE_PATH_MAX,
	.depth = SOURCE_DEPTH_MAX,
	.expansion = SOURCE_EXPANSION_MAX,
	.free = SOURCE_FREE,
	.memory = SOURCE_MEMORY_MAX,
	.cpu_s = SOURCE_CPU_MAX_S,
	.silence_ms = SOURCE_SILENCE_S * INT64_C(1000),
	.wait_ms = SOURCE_WAIT_S * INT64_C(1000),
};

struct source {
	const struct source_limits *limits;
	pid_t pid; /* 0: it has been waited for */
	int in;
	volatile const int *stop;
	struct buf bytes; /* what was read */
	size_t at;	  /* of what is not taken yet */
	bool ended;	  /* it said so, or failed */
	struct lookback_about about;
	char format[WORDS_MAX], words[WORDS_MAX];
	uint64_t items, said;
	uint32_t messages;
	int64_t waited_ns; /* while it said nothing */
	struct buf last;   /* the path before, where they rise */
};

/* ---- its frames ---- */

/* Whether there is something to read. Who says a little now and then, or that it
 * lives, ends some time all the same. */
static int
await(struct source *s, int64_t since_ms, bool *ret, struct err *err)
{
	struct pollfd p = { .fd = s->in, .events = POLLIN };
	int64_t began = clock_ns();

	*ret = poll(&p, 1, POLL_MS) > 0;
	s->waited_ns += clock_ns() - began;
	if (!*ret && clock_ms() - since_ms >= s->limits->silence_ms)
		return err_set(err, ERR_REFUSED, "said nothing for %lld s",
		    (long long)s->limits->silence_ms / 1000);
	if (s->waited_ns / 1000000 >= s->limits->wait_ms)
		return err_set(err, ERR_REFUSED,
		    "was waited for more than %lld s, all in all",
		    (long long)s->limits->wait_ms / 1000);
	return 0;
}

/* At least n bytes from s->at on. */
static int
fill(struct source *s, size_t n, struct err *err)
{
	int64_t since = clock_ms();

	if (s->at > 0 && s->bytes.len - s->at < n) {
		memmove(
		    s->bytes.data, s->bytes.data + s->at, s->bytes.len - s->at);
		s->bytes.len -= s->at;
		s->at = 0;
	}
	while (s->bytes.len - s->at < n) {
		size_t want = n > IN_BYTES ? n : IN_BYTES;
		bool readable;
		ssize_t got;
		int rc;

		if (s->stop != NULL && *s->stop != 0)
			return err_set(err, ERR_CANCELLED, "stopped");
		if ((rc = await(s, since, &readable, err)) != 0)
			return rc;
		if (!readable)
			continue;
		if (buf_reserve(&s->bytes, want) != 0)
			return err_nomem(err);
		got = read(s->in, s->bytes.data + s->bytes.len, want);
		if (got < 0 && errno != EINTR)
			return err_sys(err, "pipe");
		if (got == 0) {
			pid_t pid = s->pid;

			s->ended = true;
			s->pid = 0;
			return process_died(pid, err);
		}
		if (got > 0)
			s->bytes.len += (size_t)got;
	}
	return 0;
}

static void
tell_log(struct source *s, struct reader r)
{
	bool warn = reader_varint(&r) == LOOKBACK_WARN;

	frame_words(&r, s->words);
	if (s->messages++ > s->limits->messages)
		return;
	if (s->messages > s->limits->messages)
		log_warn("more messages than %u: no more are told",
		    s->limits->messages);
	else if (warn)
		log_warn("%s", s->words);
	else
		log_note("%s", s->words);
}

/* The next frame but logs: 0 with its type and the rest of it, which stays
 * until the next call; 1 at the end. */
static int
next_frame(
    struct source *s, uint8_t *ret_type, struct reader *ret, struct err *err)
{
	for (;;) {
		const uint8_t *head;
		uint32_t len;
		int rc;

		if (s->ended)
			return 1;
		if ((rc = fill(s, FRAME_HEAD, err)) != 0)
			return rc;
		len = load_u32(s->bytes.data + s->at + 1);
		if (len > FRAME_MAX)
			return err_set(err, ERR_FORMAT,
			    "its process says nonsense: too long");
		if ((rc = fill(s, FRAME_HEAD + (size_t)len, err)) != 0)
			return rc;
		head = s->bytes.data + s->at;
		*ret_type = head[0];
		*ret = reader_of(head + FRAME_HEAD, len);
		s->at += FRAME_HEAD + (size_t)len;
		if (head[0] != FRAME_PIECE)
			s->said += FRAME_HEAD + len;
		if (s->said > s->limits->said)
			return err_set(err, ERR_REFUSED,
			    "says more than %llu bytes",
			    (unsigned long long)s->limits->said);
		switch (head[0]) {
		case FRAME_LOG:
			tell_log(s, *ret);
			continue;
		case FRAME_SIGN:
			continue;
		case FRAME_END:
			s->ended = true;
			return 1;
		case FRAME_FAILURE:
			s->ended = true;
			return frame_read_failure(*ret, err);
		default:
			return 0;
		}
	}
}

static int
unexpected(struct err *err)
{
	return err_set(
	    err, ERR_FORMAT, "its process says nonsense: out of turn");
}

/* ---- for callers ---- */

int
source_start(
    struct source **ret, const struct source_task *task, struct err *err)
{
	struct source *s = calloc(1, sizeof(*s));
	struct reader r;
	uint8_t type;
	int rc = 0;

	if (s == NULL)
		return err_nomem(err);
	s->limits = task->limits;
	s->stop = task->options->stop;
	s->in = task->stream;
	if ((s->in >= 0 ||
		(rc = process_start(&s->pid, &s->in, task, err)) == 0) &&
	    (rc = next_frame(s, &type, &r, err)) == 0)
		rc = type == FRAME_ABOUT ?
		    frame_read_about(r, &s->about, s->format, err) :
		    unexpected(err);
	if (rc > 0)
		rc = unexpected(err);
	if (rc != 0) {
		source_close(s);
		return rc;
	}
	*ret = s;
	return 0;
}

int
source_open(
    struct source **ret, const struct source_options *o, struct err *err)
{
	const struct source_task task = {
		.options = o,
		.limits = &source_limits_default,
		.stream = -1,
	};

	return source_start(ret, &task, err);
}

const struct lookback_about *
source_about(const struct source *s)
{
	return &s->about;
}

/* Those that are too long or too deep: what is there is not read. */
static void
bound_path(struct source *s, struct source_item *item)
{
	size_t depth = 0, end = 0;

	for (size_t i = 1; i <= item->len && i <= s->limits->path; i++)
		if (i == item->len || item->path[i] == '/') {
			if (++depth > s->limits->depth)
				break;
			end = i;
		}
	if (end == item->len)
		return;
	(void)snprintf(s->words, sizeof(s->words),
	    "a path of more than %u bytes or %u directories", s->limits->path,
	    s->limits->depth);
	*item = (struct source_item){ .kind = LOOKBACK_UNREAD,
		.path = item->path,
		.len = end > 0 ? end : 1,
		.error = ENAMETOOLONG,
		.why = s->words };
}

static int
check_item(struct source *s, struct source_item *item, struct err *err)
{
	if (++s->items > s->limits->items)
		return err_set(err, ERR_REFUSED, "more than %llu entries",
		    (unsigned long long)s->limits->items);
	if (item->kind == LOOKBACK_ENTRY &&
	    (item->entry.fields & ~s->about.fields))
		return unexpected(err);
	if (s->about.ordered) {
		int c = path_cmp((const char *)s->last.data, s->last.len,
		    item->path, item->len);

		if (c > 0 || (c == 0 && item->kind == LOOKBACK_ENTRY))
			return err_set(err, ERR_FORMAT, "is out of order");
		buf_clear(&s->last);
		if (buf_add(&s->last, item->path, item->len) != 0)
			return err_nomem(err);
	}
	bound_path(s, item);
	return 0;
}

int
source_next(struct source *s, struct source_item *ret, struct err *err)
{
	struct reader r;
	uint8_t type;
	int rc;

	if ((rc = next_frame(s, &type, &r, err)) != 0)
		return rc;
	if (type != FRAME_ITEM)
		return unexpected(err);
	if ((rc = frame_read_item(r, ret, s->words, err)) != 0)
		return rc;
	return check_item(s, ret, err);
}

void
source_close(struct source *s)
{
	if (s == NULL)
		return;
	if (s->in >= 0)
		(void)close(s->in);
	if (s->pid > 0)
		process_end(s->pid);
	buf_done(&s->bytes);
	buf_done(&s->last);
	free(s);
}

/* Parts of a file come with rising offsets, or all again from 0 on: `at` is where
 * the next one may begin, WHOLE behind the last. */
#define WHOLE UINT64_MAX

static int
check_piece(uint64_t *at, const struct lookback_piece *piece, struct err *err)
{
	bool again = *at == WHOLE && piece->offset == 0;

	if (!again && (*at == WHOLE || piece->offset < *at))
		return err_set(err, ERR_FORMAT,
		    "its process says nonsense: content that goes back");
	*at = piece->last || piece->why != NULL ? WHOLE :
						  piece->offset + piece->len;
	return 0;
}

static int
take_pieces(struct source *s, const struct source_task *task, uint64_t *at,
    source_piece_fn *fn, void *ctx, struct err *err)
{
	struct reader r;
	uint8_t type;
	int rc;

	while ((rc = next_frame(s, &type, &r, err)) == 0) {
		struct lookback_piece piece;
		size_t i;

		if (type != FRAME_PIECE)
			return unexpected(err);
		if ((rc = frame_read_piece(
			 r, task->n, &i, &piece, s->words, err)) != 0 ||
		    (rc = check_piece(&at[i], &piece, err)) != 0 ||
		    (rc = fn(ctx, i, &piece, err)) != 0)
			return rc;
	}
	return rc > 0 ? 0 : rc;
}

int
source_content(const struct source_task *task, source_piece_fn *fn, void *ctx,
    struct err *err)
{
	uint64_t *at = calloc(task->n + 1, sizeof(*at));
	struct source *s;
	int rc;

	if (at == NULL)
		return err_nomem(err);
	if ((rc = source_start(&s, task, err)) == 0) {
		rc = take_pieces(s, task, at, fn, ctx, err);
		source_close(s);
	}
	free(at);
	return rc;
}

int
source_read(const struct source_options *o, const struct lookback_want *want,
    size_t n, source_piece_fn *fn, void *ctx, struct err *err)
{
	const struct source_task task = {
		.options = o,
		.limits = &source_limits_default,
		.want = want,
		.n = n,
		.stream = -1,
	};

	return source_content(&task, fn, ctx, err);
}
