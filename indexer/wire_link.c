/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "wire_link.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define RELIEVE_BYTES (256u * 1024)

void
wire_link_done(struct wire_link *l)
{
	buf_done(&l->in);
	buf_done(&l->out);
}

int
wire_link_flush(struct wire_link *l, struct err *err)
{
	int rc = 0;

	if (l->out.len > 0)
		rc = l->write(l->ctx, l->out.data, l->out.len, err);
	buf_clear(&l->out);
	return rc;
}

int
wire_link_relieve(struct wire_link *l, struct err *err)
{
	return l->out.len < RELIEVE_BYTES ? 0 : wire_link_flush(l, err);
}

/* What came instead of a frame, most likely words of a shell. */
static int
no_frame(const uint8_t head[WIRE_HEAD], struct err *err)
{
	char text[WIRE_HEAD + 1] = { 0 };

	for (int i = 0; i < WIRE_HEAD; i++)
		text[i] = isprint(head[i]) ? (char)head[i] : '?';
	return err_set(err, ERR_FORMAT,
	    "not a message of the push protocol (it begins with \"%s\")", text);
}

int
wire_link_next(struct wire_link *l, enum wire_type *ret, struct err *err)
{
	uint8_t head[WIRE_HEAD];
	struct reader r;
	uint32_t len;
	uint8_t type;
	int rc;

	if ((rc = l->read(l->ctx, head, sizeof(head), err)) != 0)
		return rc;
	r = reader_of(head, sizeof(head));
	len = reader_u32(&r);
	type = reader_byte(&r);
	if (len > WIRE_FRAME_MAX || type < WIRE_HELLO || type > WIRE_UNREAD)
		return no_frame(head, err);
	buf_clear(&l->in);
	if (buf_reserve(&l->in, len) != 0)
		return err_nomem(err);
	if (len > 0 && (rc = l->read(l->ctx, l->in.data, len, err)) != 0)
		return rc < 0 ? rc :
				err_set(err, ERR_FORMAT,
				    "the stream ends inside a message");
	l->in.len = len;
	l->n_in += sizeof(head) + len;
	*ret = (enum wire_type)type;
	return 0;
}

const char *
wire_type_name(enum wire_type type)
{
	switch (type) {
	case WIRE_HELLO:
		return "HELLO";
	case WIRE_WELCOME:
		return "WELCOME";
	case WIRE_SERIES:
		return "SERIES";
	case WIRE_STATE:
		return "STATE";
	case WIRE_SNAPSHOT:
		return "SNAPSHOT";
	case WIRE_EVENTS:
		return "EVENTS";
	case WIRE_END:
		return "END";
	case WIRE_ACK:
		return "ACK";
	case WIRE_BYE:
		return "BYE";
	case WIRE_ERROR:
		return "ERROR";
	case WIRE_NOTE:
		return "NOTE";
	case WIRE_UNREAD:
		return "UNREAD";
	}
	return "unknown";
}

/* ---- over descriptors ---- */

static int
wait_fd(int fd, short events, int idle_s, struct err *err)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n;

	if (idle_s == 0)
		return 0;
	while ((n = poll(&p, 1, idle_s * 1000)) < 0 && errno == EINTR)
		;
	if (n < 0)
		return err_sys(err, "the connection");
	if (n == 0)
		return err_set(err, ERR_BUSY,
		    "the other side did nothing for %d s", idle_s);
	return 0;
}

static int
fds_read(void *ctx, void *data, size_t len, struct err *err)
{
	const struct wire_fds *f = ctx;
	uint8_t *p = data;
	size_t got = 0;

	while (got < len) {
		ssize_t n;
		int rc;

		if ((rc = wait_fd(f->in, POLLIN, f->idle_s, err)) != 0)
			return rc;
		n = read(f->in, p + got, len - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "the connection");
		if (n == 0)
			return got == 0 ? 1 :
					  err_set(err, ERR_FORMAT,
					      "the stream ends inside a "
					      "message");
		got += (size_t)n;
	}
	return 0;
}

static int
fds_write(void *ctx, const void *data, size_t len, struct err *err)
{
	const struct wire_fds *f = ctx;
	const uint8_t *p = data;

	while (len > 0) {
		ssize_t n;
		int rc;

		if ((rc = wait_fd(f->out, POLLOUT, f->idle_s, err)) != 0)
			return rc;
		/* Of so much, poll says whether it will block. */
		n = write(f->out, p,
		    f->idle_s != 0 && len > PIPE_BUF ? PIPE_BUF : len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "the connection");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

void
wire_link_fds(struct wire_link *l, struct wire_fds *fds)
{
	l->ctx = fds;
	l->read = fds_read;
	l->write = fds_write;
}
