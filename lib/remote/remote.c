/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "remote/remote_private.h"

#include <libssh/callbacks.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* sshd with too many strangers at once hangs up on some of them: half a
 * minute of tries in all. */
#define TRIES 8
#define FIRST_DELAY_MS 150

#define TIMEOUT_S 60
#define DEFAULT_USER "lookback"

struct remote {
	ssh_session ssh;     /* owned */
	ssh_channel channel; /* owned */
	ssh_event event;     /* owned; what waits for packets */
	struct ssh_callbacks_struct callbacks;
	int fd;		    /* the socket that we made, -1: none */
	struct stat socket; /* which one that is */
	int timeout_s;
	unsigned long long sent, received;
};

static int
ssh_failed(struct remote *r, const char *what, struct err *err)
{
	return err_set(err, ERR_REFUSED, "%s: %s", what, ssh_get_error(r->ssh));
}

/* ---- connecting ---- */

/* The options given stand above ssh_config's, so they are set after it. */
static int
set_options(struct remote *r, const struct remote_options *o, struct err *err)
{
	char *user = NULL;
	int yes = 1;
	bool failed = false;

	if (ssh_options_set(r->ssh, SSH_OPTIONS_HOST, o->host) != 0)
		return err_set(err, ERR_USAGE, "not a host name");
	if (ssh_options_parse_config(r->ssh, NULL) != 0)
		return ssh_failed(r, "ssh_config", err);
	if (ssh_options_get(r->ssh, SSH_OPTIONS_USER, &user) != 0)
		failed |= ssh_options_set(
			      r->ssh, SSH_OPTIONS_USER, DEFAULT_USER) != 0;
	ssh_string_free_char(user);
	if (o->user != NULL &&
	    ssh_options_set(r->ssh, SSH_OPTIONS_USER, o->user) != 0)
		return err_set(
		    err, ERR_USAGE, "\"%.128s\" cannot be a user", o->user);
	if (o->port != 0)
		failed |= ssh_options_set(r->ssh, SSH_OPTIONS_PORT, &o->port) !=
		    0;
	if (o->known_hosts != NULL)
		failed |= ssh_options_set(r->ssh, SSH_OPTIONS_KNOWNHOSTS,
			      o->known_hosts) != 0 ||
		    ssh_options_set(r->ssh, SSH_OPTIONS_GLOBAL_KNOWNHOSTS,
			"/dev/null") != 0;
	failed |= ssh_options_set(r->ssh, SSH_OPTIONS_NODELAY, &yes) != 0;
	failed |= ssh_options_set(r->ssh, SSH_OPTIONS_TIMEOUT,
		      &(long){ r->timeout_s }) != 0;
	return failed ? ssh_failed(r, "options", err) : 0;
}

/* libssh tries only the first address of a name, so we connect; but not where
 * ssh_config says how. */
static int
connect_socket(struct remote *r, struct err *err)
{
	char *proxy = NULL, *host = NULL;
	unsigned port = 22;
	int fd = -1, rc;

	if (ssh_options_get(r->ssh, SSH_OPTIONS_PROXYCOMMAND, &proxy) == 0) {
		ssh_string_free_char(proxy);
		return 0;
	}
	if (ssh_options_get(r->ssh, SSH_OPTIONS_HOST, &host) != 0 ||
	    ssh_options_get_port(r->ssh, &port) != 0)
		return ssh_failed(r, "options", err);
	rc = tcp_connect(&fd, host, port, r->timeout_s, err);
	ssh_string_free_char(host);
	if (rc == 0 && ssh_options_set(r->ssh, SSH_OPTIONS_FD, &fd) != 0) {
		(void)close(fd);
		return ssh_failed(r, "options", err);
	}
	if (rc == 0 && fstat(fd, &r->socket) == 0)
		r->fd = fd;
	return rc;
}

/* libssh closes a socket that it was given, or does not, as its version and
 * what became of the session will have it. */
static void
close_socket(struct remote *r)
{
	struct stat st;

	if (r->fd >= 0 && fstat(r->fd, &st) == 0 &&
	    st.st_dev == r->socket.st_dev && st.st_ino == r->socket.st_ino)
		(void)close(r->fd);
	r->fd = -1;
}

/* Whether the server hung up, rather than said something we cannot use. */
static bool
hung_up(const char *text)
{
	return strstr(text, "Socket error") != NULL ||
	    strstr(text, "disconnect") != NULL ||
	    strstr(text, "closed") != NULL;
}

static int
connect_once(struct remote *r, const struct remote_options *o, bool *ret_closed,
    struct err *err)
{
	int rc;

	*ret_closed = false;
	if ((r->ssh = ssh_new()) == NULL)
		return err_nomem(err);
	ssh_callbacks_init(&r->callbacks);
	r->callbacks.auth_function = no_passphrase;
	(void)ssh_set_callbacks(r->ssh, &r->callbacks);
	if ((rc = set_options(r, o, err)) != 0 ||
	    (rc = connect_socket(r, err)) != 0)
		return rc;
	if (ssh_connect(r->ssh) != SSH_OK) {
		*ret_closed = hung_up(ssh_get_error(r->ssh));
		return ssh_failed(r, "no SSH connection", err);
	}
	if ((rc = hostkey_check(r->ssh, o, err)) != 0)
		return rc;
	return auth_by_key(r->ssh, o, r->timeout_s, err);
}

static void
session_free(struct remote *r)
{
	if (r->event != NULL) {
		(void)ssh_event_remove_session(r->event, r->ssh);
		ssh_event_free(r->event);
		r->event = NULL;
	}
	if (r->channel != NULL)
		ssh_channel_free(r->channel);
	r->channel = NULL;
	if (r->ssh != NULL) {
		ssh_disconnect(r->ssh);
		ssh_free(r->ssh);
	}
	r->ssh = NULL;
	close_socket(r);
}

/* Wait about twice as long each time; many hosts must not come back in step. */
static void
back_off(int try)
{
	unsigned ms = (unsigned)FIRST_DELAY_MS << try, random;
	struct timespec t;

	if (getrandom(&random, sizeof(random), 0) == sizeof(random))
		ms += random % ms;
	t.tv_sec = ms / 1000;
	t.tv_nsec = (long)(ms % 1000) * 1000000;
	(void)nanosleep(&t, NULL);
}

static int
connect_patiently(
    struct remote *r, const struct remote_options *o, struct err *err)
{
	bool closed;
	int rc;

	for (int try = 0;; try++) {
		if ((rc = connect_once(r, o, &closed, err)) == 0) {
			err_clear(err); /* of the tries before */
			return 0;
		}
		session_free(r);
		if (!closed)
			return rc;
		if (try == TRIES - 1)
			return err_set(err, ERR_REFUSED,
			    "it closed %d connections before the log-in: too "
			    "many at once (MaxStartups of its sshd), or we "
			    "are shut out",
			    TRIES);
		back_off(try);
	}
}

static int
start_command(struct remote *r, const char *command, struct err *err)
{
	if ((r->channel = ssh_channel_new(r->ssh)) == NULL ||
	    (r->event = ssh_event_new()) == NULL ||
	    ssh_event_add_session(r->event, r->ssh) != SSH_OK)
		return err_nomem(err);
	if (ssh_channel_open_session(r->channel) != SSH_OK ||
	    ssh_channel_request_exec(r->channel, command) != SSH_OK)
		return ssh_failed(r, "cannot start a command there", err);
	return 0;
}

int
remote_open(struct remote **ret, const struct remote_options *o,
    const char *command, struct err *err)
{
	struct remote *r = calloc(1, sizeof(*r));
	int rc;

	if (r == NULL)
		return err_nomem(err);
	r->fd = -1;
	r->timeout_s = o->timeout_s > 0 ? o->timeout_s : TIMEOUT_S;
	if ((rc = connect_patiently(r, o, err)) != 0 ||
	    (rc = start_command(r, command, err)) != 0) {
		remote_abort(r);
		return rc;
	}
	*ret = r;
	return 0;
}

/* ---- the stream ---- */

/* The connection ended; what the other side said last may tell why. */
static int
ended(struct remote *r, struct err *err)
{
	char text[256];
	int n = 0;

	if (ssh_is_connected(r->ssh))
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
	return err_set(err, ERR_BUSY, "no answer for %d s", r->timeout_s);
}

int64_t
remote_now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Handle packets until one of these holds. ssh_channel_write would wait for
 * ever. */
static int
wait_for(
    struct remote *r, bool (*holds)(const struct remote *), struct err *err)
{
	int64_t until = remote_now_ms() + (int64_t)r->timeout_s * 1000;

	while (!holds(r)) {
		int64_t left = until - remote_now_ms();

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
	    !ssh_channel_is_open(r->channel) || !ssh_is_connected(r->ssh);
}

static bool
closed(const struct remote *r)
{
	return ssh_channel_is_closed(r->channel) || !ssh_is_connected(r->ssh);
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
remote_read(struct remote *r, void *data, size_t len, struct err *err)
{
	char *p = data;

	while (len > 0) {
		uint32_t part = len < INT32_MAX ? (uint32_t)len : INT32_MAX;
		int n = ssh_channel_read_timeout(
		    r->channel, p, part, 0, r->timeout_s * 1000);

		/* ssh_channel_is_eof says no while there is text on the other
		 * stream. */
		if (n == 0 && ssh_channel_poll(r->channel, 0) != SSH_EOF)
			return stalled(r, err);
		if (n <= 0)
			return ended(r, err);
		p += n;
		len -= (size_t)n;
		r->received += (unsigned)n;
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
	session_free(r);
	free(r);
}

void
remote_traffic(const struct remote *r, unsigned long long *sent,
    unsigned long long *received)
{
	*sent = r->sent;
	*received = r->received;
}
