/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/pushing.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct server {
	int fd;
	const char *to, *host;
	const struct receive_limits *limits;
	struct pushed *pushed;
};

static void *
serve(void *arg)
{
	struct server *s = arg;
	/* Who else holds a series is the test itself. */
	struct receive_options o = { .host = s->host, .lock_wait_ms = 50 };
	struct wire_fds fds = { s->fd, s->fd, 20 };
	struct wire_link link = { 0 };
	struct pushed *p = s->pushed;
	struct store *store = NULL;

	if (s->limits != NULL)
		o.limits = *s->limits;
	wire_link_fds(&link, &fds);
	if ((p->received = store_open(
		 &store, s->to, STORE_CREATE, &p->receive_err)) == 0)
		p->received = receive_session(
		    &link, store, &o, &p->receive, &p->receive_err);
	store_close(store);
	wire_link_done(&link);
	(void)close(s->fd);
	return NULL;
}

/* A client's end that goes away after so many bytes. */
struct cutting {
	struct wire_link under;
	struct wire_fds fds;
	size_t left;
};

static int
cutting_read(void *ctx, void *data, size_t len, struct err *err)
{
	struct cutting *c = ctx;

	return c->under.read(c->under.ctx, data, len, err);
}

static int
cutting_write(void *ctx, const void *data, size_t len, struct err *err)
{
	struct cutting *c = ctx;
	size_t n = len < c->left ? len : c->left;
	int rc = c->under.write(c->under.ctx, data, n, err);

	if (c->left != SIZE_MAX)
		c->left -= n;
	if (rc == 0 && n < len) {
		(void)shutdown(c->fds.out, SHUT_RDWR);
		rc = err_set(err, ERR_NOTFOUND, "cut");
	}
	return rc;
}

static void
start(struct server *s, int *ret_fd, pthread_t *ret)
{
	int pair[2];

	(void)signal(SIGPIPE, SIG_IGN);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		abort();
	s->fd = pair[1];
	*ret_fd = pair[0];
	if (pthread_create(ret, NULL, serve, s) != 0)
		abort();
}

struct pushed
push_between(const char *from, const char *to, const char *host,
    const struct receive_limits *limits, size_t cut)
{
	struct pushed p = { 0 };
	struct server s = {
		.to = to, .host = host, .limits = limits, .pushed = &p
	};
	struct push_options o = { .host = host, .server = "there" };
	struct cutting c = { .left = cut };
	struct wire_link link = {
		.ctx = &c, .read = cutting_read, .write = cutting_write
	};
	struct store *store = NULL;
	pthread_t thread;
	int fd;

	start(&s, &fd, &thread);
	c.fds = (struct wire_fds){ fd, fd, 20 };
	wire_link_fds(&c.under, &c.fds);
	if ((p.sent = store_open(&store, from, STORE_WRITE, &p.push_err)) == 0)
		p.sent = push_session(&link, store, &o, &p.push, &p.push_err);
	store_close(store);
	wire_link_done(&link);
	(void)close(fd);
	(void)pthread_join(thread, NULL);
	return p;
}

struct pushed
receive_bytes(const void *bytes, size_t len, const char *to, const char *host,
    const struct receive_limits *limits)
{
	struct pushed p = { 0 };
	struct server s = {
		.to = to, .host = host, .limits = limits, .pushed = &p
	};
	const char *at = bytes;
	pthread_t thread;
	char sink[4096];
	int fd;

	start(&s, &fd, &thread);
	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		at += n;
		len -= (size_t)n;
	}
	(void)shutdown(fd, SHUT_WR);
	while (read(fd, sink, sizeof(sink)) > 0)
		;
	(void)close(fd);
	(void)pthread_join(thread, NULL);
	return p;
}
