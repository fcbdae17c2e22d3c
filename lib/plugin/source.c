/*
 * A source at work, as we see it: its process at the end of a pipe.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plugin/source_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"

#define IN_BYTES ((size_t)256 * 1024)
#define PIPE_BYTES (1024 * 1024)
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
	struct buf last; /* the path before, where they rise */
};

/* ---- its process ---- */

static void
become_child(const struct source_task *task, pid_t parent, int out)
{
	static const int ours[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD };
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || null < 0)
		_exit(1);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		(void)signal(ours[i], SIG_DFL);
	/* Ctrl-C is for who started us: that one ends us. */
	(void)signal(SIGINT, SIG_IGN);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	/* Locks that we hold would be held by it as well. */
	for (int fd = 0; fd < 3; fd++)
		(void)dup2(null, fd);
	if (dup2(out, 3) < 0 || close_range(4, ~0u, 0) != 0 ||
	    fcntl(3, F_SETFD, FD_CLOEXEC) != 0)
		_exit(1);
	source_child(task, 3);
}

static int
start(struct source *s, const struct source_task *task, struct err *err)
{
	pid_t parent = getpid();
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) != 0)
		return err_sys(err, "pipe");
	s->in = fd[0];
	/* Fewer turns between the two; as it is where that is too much. */
	(void)fcntl(fd[1], F_SETPIPE_SZ, PIPE_BYTES);
	if ((s->pid = fork()) == 0)
		become_child(task, parent, fd[1]);
	(void)close(fd[1]);
	if (s->pid < 0) {
		s->pid = 0;
		return err_sys(err, "fork");
	}
	return 0;
}

/* It has closed its pipe before it said how it ended. */
static int
died(struct source *s, struct err *err)
{
	int status;

	s->ended = true;
	while (waitpid(s->pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, "its process");
	s->pid = 0;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		return err_set(err, ERR_REFUSED,
		    "took more processor time than a source may");
	if (WIFSIGNALED(status))
		return err_set(err, ERR_FORMAT, "its process died: %s",
		    strsignal(WTERMSIG(status)));
	return err_set(err, ERR_FORMAT, "its process ended early");
}

/* ---- its frames ---- */

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
		struct pollfd p = { .fd = s->in, .events = POLLIN };
		size_t want = n > IN_BYTES ? n : IN_BYTES;
		ssize_t got;

		if (s->stop != NULL && *s->stop != 0)
			return err_set(err, ERR_CANCELLED, "stopped");
		if (poll(&p, 1, POLL_MS) <= 0) {
			if (clock_ms() - since >= s->limits->silence_ms)
				return err_set(err, ERR_REFUSED,
				    "said nothing for %lld s",
				    (long long)s->limits->silence_ms / 1000);
			continue;
		}
		if (buf_reserve(&s->bytes, want) != 0)
			return err_nomem(err);
		got = read(s->in, s->bytes.data + s->bytes.len, want);
		if (got < 0 && errno != EINTR)
			return err_sys(err, "pipe");
		if (got == 0)
			return died(s, err);
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

static int
open_task(struct source **ret, const struct source_task *task, struct err *err)
{
	struct source *s = calloc(1, sizeof(*s));
	struct reader r;
	uint8_t type;
	int rc;

	if (s == NULL)
		return err_nomem(err);
	s->in = -1;
	s->limits = task->limits;
	s->stop = task->options->stop;
	if ((rc = start(s, task, err)) == 0 &&
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
	return source_open_limited(ret, o, &source_limits_default, err);
}

int
source_open_limited(struct source **ret, const struct source_options *o,
    const struct source_limits *limits, struct err *err)
{
	const struct source_task task = { .options = o, .limits = limits };

	return open_task(ret, &task, err);
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
	if (s->pid > 0) {
		(void)kill(s->pid, SIGKILL);
		while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	buf_done(&s->bytes);
	buf_done(&s->last);
	free(s);
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
	};
	struct source *s;
	struct reader r;
	uint8_t type;
	int rc;

	if ((rc = open_task(&s, &task, err)) != 0)
		return rc;
	while ((rc = next_frame(s, &type, &r, err)) == 0) {
		struct lookback_piece piece;
		size_t i;

		if (type != FRAME_PIECE) {
			rc = unexpected(err);
			break;
		}
		if ((rc = frame_read_piece(r, n, &i, &piece, s->words, err)) !=
			0 ||
		    (rc = fn(ctx, i, &piece, err)) != 0)
			break;
	}
	source_close(s);
	return rc > 0 ? 0 : rc;
}
