/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/clock.h"
#include "remote/remote_private.h"

#include <stdlib.h>

struct remote {
	struct session session;
	ssh_channel channel; /* owned */
	ssh_event event;     /* owned; what waits for packets */
	unsigned long long sent, received;
	int (*stopping)(void *); /* NULL: none */
	void *ctx;
};

/* How often a wait asks whether to stop. */
#define STOP_MS 100

static int
start(struct remote *r, const char *what, bool subsystem, struct err *err)
{
	if ((r->channel = ssh_channel_new(r->session.ssh)) == NULL ||
	    (r->event = ssh_event_new()) == NULL ||
	    ssh_event_add_session(r->event, r->session.ssh) != SSH_OK)
		return err_nomem(err);
	if (ssh_channel_open_session(r->channel) != SSH_OK)
		return session_failed(
		    &r->session, "cannot open a session", err);
	if (subsystem &&
	    ssh_channel_request_subsystem(r->channel, what) != SSH_OK)
		return err_set(
		    err, ERR_REFUSED, "it has no subsystem \"%s\"", what);
	if (!subsystem && ssh_channel_request_exec(r->channel, what) != SSH_OK)
		return session_failed(
		    &r->session, "cannot start a command there", err);
	return 0;
}

static int
open_what(struct remote **ret, const struct remote_options *o, const char *what,
    bool subsystem, struct err *err)
{
	struct remote *r = calloc(1, sizeof(*r));
	int rc;

	if (r == NULL)
		return err_nomem(err);
	r->stopping = o->stopping;
	r->ctx = o->ctx;
	if ((rc = session_connect(&r->session, o, err)) != 0 ||
	    (rc = start(r, what, subsystem, err)) != 0) {
		remote_abort(r);
		return rc;
	}
	*ret = r;
	return 0;
}

int
remote_open(struct remote **ret, const struct remote_options *o,
    const char *command, struct err *err)
{
	return open_what(ret, o, command, false, err);
}

int
remote_open_subsystem(struct remote **ret, const struct remote_options *o,
    const char *name, struct err *err)
{
	return open_what(ret, o, name, true, err);
}

/* ---- the stream ---- */

/* The connection ended; what the other side said last may tell why. */
static int
ended(struct remote *r, struct err *err)
{
	char text[256];
	int n = 0;

	if (ssh_is_connected(r->session.ssh))
		n = ssh_channel_read_nonblocking(
		    r->channel, text, sizeof(text) - 1, 1);
	while (n > 0 && text[n - 1] == '\n')
		n--;
	if (n <= 0)
		return err_set(
		    err, ERR_NOTFOUND, "connection closed by the server");
	text[n] = '\0';
	return err_set(
	    err, ERR_NOTFOUND, "connection closed by the server: %s", text);
}

static int
stalled(struct remote *r, struct err *err)
{
	return err_set(
	    err, ERR_BUSY, "no answer for %d s", r->session.timeout_s);
}

/* Handle packets until one of these holds. ssh_channel_write would wait for
 * ever. */
static int
wait_for(
    struct remote *r, bool (*holds)(const struct remote *), struct err *err)
{
	int64_t until = clock_ms() + (int64_t)r->session.timeout_s * 1000;

	while (!holds(r)) {
		int64_t left = until - clock_ms();

		if (left <= 0)
			return stalled(r, err);
		if (ssh_event_dopoll(r->event, (int)left) == SSH_ERROR)
			return ended(r, err);
	}
	return 0;
}

static bool
writable_or_closed(const struct remote *r)
{
	return ssh_channel_window_size(r->channel) > 0 ||
	    !ssh_channel_is_open(r->channel) ||
	    !ssh_is_connected(r->session.ssh);
}

static bool
closed(const struct remote *r)
{
	return ssh_channel_is_closed(r->channel) ||
	    !ssh_is_connected(r->session.ssh);
}

/* What is left of both streams is for nobody; while it is there, libssh does
 * not take the channel for closed. */
static bool
closed_once_drained(const struct remote *r)
{
	char sink[1024];

	for (int is_stderr = 0; is_stderr <= 1; is_stderr++)
		while (!closed(r) &&
		    ssh_channel_read_nonblocking(
			r->channel, sink, sizeof(sink), is_stderr) > 0)
			;
	return closed(r);
}

int
remote_write(struct remote *r, const void *data, size_t len, struct err *err)
{
	const char *p = data;

	while (len > 0) {
		uint32_t window;
		size_t part;
		int n, rc;

		if ((rc = wait_for(r, writable_or_closed, err)) != 0)
			return rc;
		window = ssh_channel_window_size(r->channel);
		part = len < window ? len : window;
		if (part == 0 ||
		    (n = ssh_channel_write(r->channel, p, (uint32_t)part)) <= 0)
			return ended(r, err);
		p += n;
		len -= (size_t)n;
		r->sent += (unsigned)n;
	}
	return 0;
}

int
remote_read_some(
    struct remote *r, void *data, size_t len, size_t *ret, struct err *err)
{
	int64_t until = clock_ms() + (int64_t)r->session.timeout_s * 1000;
	uint32_t part = len < INT32_MAX ? (uint32_t)len : INT32_MAX;
	int n;

	do {
		int64_t left = until - clock_ms();

		if (r->stopping != NULL && r->stopping(r->ctx) != 0)
			return err_set(err, ERR_CANCELLED, "stopped");
		if (left > STOP_MS && r->stopping != NULL)
			left = STOP_MS;
		n = ssh_channel_read_timeout(
		    r->channel, data, part, 0, left > 0 ? (int)left : 0);
		/* ssh_channel_is_eof says no while there is text on the other
		 * stream. */
		if (n < 0 ||
		    (n == 0 && ssh_channel_poll(r->channel, 0) == SSH_EOF))
			return ended(r, err);
		if (n == 0 && left <= 0)
			return stalled(r, err);
	} while (n == 0);
	r->received += (unsigned)n;
	*ret = (size_t)n;
	return 0;
}

int
remote_read(struct remote *r, void *data, size_t len, struct err *err)
{
	char *p = data;

	while (len > 0) {
		size_t n = 0;
		int rc = remote_read_some(r, p, len, &n, err);

		if (rc != 0)
			return rc;
		p += n;
		len -= n;
	}
	return 0;
}

int
remote_end(struct remote *r, struct err *err)
{
	return ssh_channel_send_eof(r->channel) == SSH_OK ? 0 : ended(r, err);
}

int
remote_close(struct remote *r, int *ret_status, struct err *err)
{
	int rc, status;

	if ((rc = remote_end(r, err)) == 0)
		rc = wait_for(r, closed_once_drained, err);
	if (rc == 0) {
		/* Does not wait any more: the channel is closed. */
		status = ssh_channel_get_exit_status(r->channel);
		if (status < 0)
			rc = ended(r, err);
		else
			*ret_status = status;
	}
	remote_abort(r);
	return rc;
}

void
remote_abort(struct remote *r)
{
	if (r == NULL)
		return;
	if (r->event != NULL) {
		(void)ssh_event_remove_session(r->event, r->session.ssh);
		ssh_event_free(r->event);
	}
	if (r->channel != NULL)
		ssh_channel_free(r->channel);
	session_close(&r->session);
	free(r);
}

void
remote_traffic(const struct remote *r, unsigned long long *sent,
    unsigned long long *received)
{
	*sent = r->sent;
	*received = r->received;
}
