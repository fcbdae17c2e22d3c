/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "remote/sftp.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Far below the 2 MiB window of an OpenSSH channel, which may be half used up
 * before it is opened again. */
#define UNANSWERED_BYTES ((size_t)256 * 1024)

struct question {
	bool asked;
	uint32_t id;
	size_t bytes;
	struct sftp_tag tag;
};

struct sftp {
	struct sftp_stream stream;
	/* Of an id's number modulo SFTP_QUESTIONS. */
	struct question questions[SFTP_QUESTIONS];
	unsigned n_asked;
	size_t bytes; /* unanswered */
	uint32_t last_id;
	struct buf out;
	uint8_t *in; /* owned; of IN_BYTES */
	size_t start, end;
};

#define IN_BYTES (4 + SFTP_MESSAGE_MAX)

/* ---- messages ---- */

static int
flush(struct sftp *s, struct err *err)
{
	int rc = 0;

	if (s->out.len > 0)
		rc = s->stream.write(
		    s->stream.ctx, s->out.data, s->out.len, err);
	buf_clear(&s->out);
	return rc;
}

/* Until `n` bytes stand at the start. */
static int
fill(struct sftp *s, size_t n, struct err *err)
{
	if (s->end - s->start < n && s->start + n > IN_BYTES) {
		memmove(s->in, s->in + s->start, s->end - s->start);
		s->end -= s->start;
		s->start = 0;
	}
	while (s->end - s->start < n) {
		size_t got = 0;
		int rc = s->stream.read(s->stream.ctx, s->in + s->end,
		    IN_BYTES - s->end, &got, err);

		if (rc != 0)
			return rc;
		s->end += got;
	}
	return 0;
}

/* The next message, less its length. */
static int
receive(struct sftp *s, const uint8_t **ret, size_t *ret_len, struct err *err)
{
	uint32_t len;
	int rc;

	if (s->start == s->end)
		s->start = s->end = 0;
	if ((rc = flush(s, err)) != 0 || (rc = fill(s, 4, err)) != 0)
		return rc;
	memcpy(&len, s->in + s->start, 4);
	len = be32toh(len);
	if (len == 0 || len > SFTP_MESSAGE_MAX)
		return err_set(err, ERR_FORMAT,
		    "what it sends is no SFTP: a message of %u bytes", len);
	if ((rc = fill(s, 4 + (size_t)len, err)) != 0)
		return rc;
	*ret = s->in + s->start + 4;
	*ret_len = len;
	s->start += 4 + (size_t)len;
	return 0;
}

int
sftp_begin(struct sftp **ret, const struct sftp_stream *stream, struct err *err)
{
	struct sftp *s = calloc(1, sizeof(*s));
	const uint8_t *message;
	size_t len;
	int rc;

	if (s == NULL || (s->in = malloc(IN_BYTES)) == NULL) {
		free(s);
		return err_nomem(err);
	}
	s->stream = *stream;
	if (sftp_put_init(&s->out) != 0)
		rc = err_nomem(err);
	else if ((rc = receive(s, &message, &len, err)) == 0 &&
	    !sftp_version_parse(message, len))
		rc = err_set(err, ERR_FORMAT,
		    "what answers there is no SFTP server of version 3");
	if (rc != 0) {
		sftp_end(s);
		return rc;
	}
	*ret = s;
	return 0;
}

void
sftp_end(struct sftp *s)
{
	if (s == NULL)
		return;
	buf_done(&s->out);
	free(s->in);
	free(s);
}

/* ---- questions ---- */

unsigned
sftp_room(const struct sftp *s)
{
	return s->bytes > UNANSWERED_BYTES ? 0 : SFTP_QUESTIONS - s->n_asked;
}

unsigned
sftp_unanswered(const struct sftp *s)
{
	return s->n_asked;
}

static struct question *
new_question(struct sftp *s, struct sftp_tag tag)
{
	struct question *q;

	assert(s->n_asked < SFTP_QUESTIONS);
	do
		q = &s->questions[++s->last_id % SFTP_QUESTIONS];
	while (q->asked);
	*q = (struct question){ .id = s->last_id, .tag = tag };
	return q;
}

static int
put(struct sftp *s, struct question *q, size_t before, int failed,
    struct err *err)
{
	if (failed != 0) {
		s->out.len = before;
		return err_nomem(err);
	}
	q->asked = true;
	q->bytes = s->out.len - before;
	s->bytes += q->bytes;
	s->n_asked++;
	return 0;
}

int
sftp_ask(struct sftp *s, struct sftp_tag tag, enum sftp_type type,
    const void *p, size_t len, struct err *err)
{
	struct question *q = new_question(s, tag);
	size_t before = s->out.len;

	return put(s, q, before, sftp_put(&s->out, type, q->id, p, len), err);
}

int
sftp_ask_open(struct sftp *s, struct sftp_tag tag, const void *path, size_t len,
    struct err *err)
{
	struct question *q = new_question(s, tag);
	size_t before = s->out.len;

	return put(s, q, before, sftp_put_open(&s->out, q->id, path, len), err);
}

int
sftp_ask_read(struct sftp *s, struct sftp_tag tag, const void *handle,
    size_t len, uint64_t off, uint32_t n, struct err *err)
{
	struct question *q = new_question(s, tag);
	size_t before = s->out.len;

	return put(s, q, before,
	    sftp_put_read(&s->out, q->id, handle, len, off, n), err);
}

int
sftp_misfit(struct err *err)
{
	return err_set(err, ERR_FORMAT,
	    "what it sends is no SFTP: an answer that does not fit");
}

int
sftp_answer(struct sftp *s, struct sftp_reply *reply, struct sftp_tag *tag,
    struct err *err)
{
	const uint8_t *message;
	struct question *q;
	size_t len;
	int rc;

	assert(s->n_asked > 0);
	if ((rc = receive(s, &message, &len, err)) != 0)
		return rc;
	if (!sftp_reply_parse(reply, message, len))
		return sftp_misfit(err);
	q = &s->questions[reply->id % SFTP_QUESTIONS];
	if (!q->asked || q->id != reply->id)
		return err_set(err, ERR_FORMAT,
		    "what it sends is no SFTP: an answer to no question");
	q->asked = false;
	s->n_asked--;
	s->bytes -= q->bytes;
	*tag = q->tag;
	return 0;
}

int
sftp_call(struct sftp *s, enum sftp_type type, const void *p, size_t len,
    struct sftp_reply *reply, struct err *err)
{
	struct sftp_tag tag = { 0 };
	int rc;

	if ((rc = sftp_ask(s, tag, type, p, len, err)) != 0)
		return rc;
	return sftp_answer(s, reply, &tag, err);
}

int
sftp_errno(const struct sftp_reply *reply, char why[static SFTP_WHY])
{
	why[0] = '\0';
	if (reply->status == SFTP_NO_SUCH_FILE)
		return ENOENT;
	if (reply->status == SFTP_PERMISSION_DENIED)
		return EACCES;
	(void)snprintf(why, SFTP_WHY, "the server says: %.*s (%u)",
	    (int)(reply->len < 100 ? reply->len : 100),
	    reply->bytes != NULL ? reply->bytes : "", reply->status);
	return 0;
}

/* ---- a small file ---- */

#define SLURP_BYTES 16384u

int
sftp_slurp(struct sftp *s, const char *path, size_t max, struct buf *ret,
    struct err *err)
{
	char handle[SFTP_HANDLE_MAX];
	struct sftp_tag tag = { 0 };
	struct sftp_reply reply;
	size_t len;
	int rc;

	if ((rc = sftp_ask_open(s, tag, path, strlen(path), err)) != 0 ||
	    (rc = sftp_answer(s, &reply, &tag, err)) != 0)
		return rc;
	if (reply.type == SFTP_STATUS)
		return 1;
	if (reply.type != SFTP_HANDLE)
		return sftp_misfit(err);
	len = reply.len;
	memcpy(handle, reply.bytes, len);
	while (ret->len < max) {
		if ((rc = sftp_ask_read(s, tag, handle, len, ret->len,
			 SLURP_BYTES, err)) != 0 ||
		    (rc = sftp_answer(s, &reply, &tag, err)) != 0)
			return rc;
		if (reply.type != SFTP_DATA || reply.len == 0)
			break;
		if (buf_add(ret, reply.bytes, reply.len) != 0)
			return err_nomem(err);
	}
	return sftp_call(s, SFTP_CLOSE, handle, len, &reply, err);
}
