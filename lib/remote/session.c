/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "remote/remote_private.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* sshd with too many strangers at once hangs up on some of them: half a
 * minute of tries in all. */
#define TRIES 8
#define FIRST_DELAY_MS 150

#define TIMEOUT_S 60
#define DEFAULT_USER "lookback"

/* What an alias of a host key is made of. */
#define ALIAS                        \
	"abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789.-_"

int
session_failed(struct session *s, const char *what, struct err *err)
{
	return err_set(err, ERR_REFUSED, "%s: %s", what, ssh_get_error(s->ssh));
}

/* The options given stand above ssh_config's, so they are set after it. */
static int
set_options(struct session *s, const struct remote_options *o, struct err *err)
{
	char *user = NULL;
	int yes = 1;
	bool failed = false;

	if (ssh_options_set(s->ssh, SSH_OPTIONS_HOST, o->host) != 0)
		return err_set(err, ERR_USAGE, "not a host name");
	if (ssh_options_parse_config(s->ssh, NULL) != 0)
		return session_failed(s, "ssh_config", err);
	if (ssh_options_get(s->ssh, SSH_OPTIONS_USER, &user) != 0 &&
	    !o->own_user)
		failed |= ssh_options_set(
			      s->ssh, SSH_OPTIONS_USER, DEFAULT_USER) != 0;
	ssh_string_free_char(user);
	if (o->user != NULL &&
	    ssh_options_set(s->ssh, SSH_OPTIONS_USER, o->user) != 0)
		return err_set(
		    err, ERR_USAGE, "\"%.128s\" cannot be a user", o->user);
	if (o->port != 0)
		failed |= ssh_options_set(s->ssh, SSH_OPTIONS_PORT, &o->port) !=
		    0;
	if (o->known_hosts != NULL)
		failed |= ssh_options_set(s->ssh, SSH_OPTIONS_KNOWNHOSTS,
			      o->known_hosts) != 0 ||
		    ssh_options_set(s->ssh, SSH_OPTIONS_GLOBAL_KNOWNHOSTS,
			"/dev/null") != 0;
	failed |= ssh_options_set(s->ssh, SSH_OPTIONS_NODELAY, &yes) != 0;
	failed |= ssh_options_set(s->ssh, SSH_OPTIONS_TIMEOUT,
		      &(long){ s->timeout_s }) != 0;
	return failed ? session_failed(s, "options", err) : 0;
}

/* libssh tries only the first address of a name, so we connect; but not where
 * ssh_config says how. */
static int
connect_socket(struct session *s, struct err *err)
{
	char *proxy = NULL, *host = NULL;
	unsigned port = 22;
	int fd = -1, rc;

	if (ssh_options_get(s->ssh, SSH_OPTIONS_PROXYCOMMAND, &proxy) == 0) {
		ssh_string_free_char(proxy);
		return 0;
	}
	if (ssh_options_get(s->ssh, SSH_OPTIONS_HOST, &host) != 0 ||
	    ssh_options_get_port(s->ssh, &port) != 0)
		return session_failed(s, "options", err);
	rc = tcp_connect(&fd, host, port, s->timeout_s, err);
	ssh_string_free_char(host);
	if (rc == 0 && ssh_options_set(s->ssh, SSH_OPTIONS_FD, &fd) != 0) {
		(void)close(fd);
		return session_failed(s, "options", err);
	}
	if (rc == 0 && fstat(fd, &s->socket) == 0)
		s->fd = fd;
	return rc;
}

/* From here on libssh takes it for the host of that name: it asks for the kind
 * of key that is known, and looks for it there. */
static int
call_it(struct session *s, const char *alias, struct err *err)
{
	if (alias[0] == '\0' || alias[strspn(alias, ALIAS)] != '\0')
		return err_set(err, ERR_USAGE,
		    "host key alias \"%.128s\" cannot be a name in known_hosts",
		    alias);
	if (s->fd < 0)
		return err_set(err, ERR_USAGE,
		    "a host key alias does not go with the ProxyCommand or "
		    "ProxyJump of ssh_config");
	if (ssh_options_set(s->ssh, SSH_OPTIONS_HOST, alias) != 0 ||
	    ssh_options_set(s->ssh, SSH_OPTIONS_PORT, &(unsigned){ 22 }) != 0)
		return session_failed(s, "options", err);
	return 0;
}

/* libssh closes a socket that it was given, or does not, as its version and
 * what became of the session will have it. */
static void
close_socket(struct session *s)
{
	struct stat st;

	if (s->fd >= 0 && fstat(s->fd, &st) == 0 &&
	    st.st_dev == s->socket.st_dev && st.st_ino == s->socket.st_ino)
		(void)close(s->fd);
	s->fd = -1;
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
connect_once(struct session *s, const struct remote_options *o,
    bool *ret_closed, struct err *err)
{
	int rc;

	*ret_closed = false;
	if ((s->ssh = ssh_new()) == NULL)
		return err_nomem(err);
	ssh_callbacks_init(&s->callbacks);
	s->callbacks.auth_function = no_passphrase;
	(void)ssh_set_callbacks(s->ssh, &s->callbacks);
	if ((rc = set_options(s, o, err)) != 0 ||
	    (rc = connect_socket(s, err)) != 0 ||
	    (o->host_key_alias != NULL &&
		(rc = call_it(s, o->host_key_alias, err)) != 0))
		return rc;
	if (ssh_connect(s->ssh) != SSH_OK) {
		*ret_closed = hung_up(ssh_get_error(s->ssh));
		return session_failed(s, "no SSH connection", err);
	}
	if ((rc = hostkey_check(s->ssh, o, err)) != 0)
		return rc;
	return auth_by_key(s->ssh, o, s->timeout_s, err);
}

void
session_close(struct session *s)
{
	if (s->ssh != NULL) {
		ssh_disconnect(s->ssh);
		ssh_free(s->ssh);
	}
	s->ssh = NULL;
	close_socket(s);
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

int
session_connect(
    struct session *s, const struct remote_options *o, struct err *err)
{
	bool closed;
	int rc;

	*s = (struct session){ .fd = -1,
		.timeout_s = o->timeout_s > 0 ? o->timeout_s : TIMEOUT_S };
	for (int try = 0;; try++) {
		if ((rc = connect_once(s, o, &closed, err)) == 0) {
			err_clear(err); /* of the tries before */
			return 0;
		}
		session_close(s);
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
