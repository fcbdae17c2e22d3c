/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/clock.h"
#include "remote/remote_private.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

int
no_passphrase(const char *prompt, char *buf, size_t len, int echo, int verify,
    void *userdata)
{
	(void)prompt;
	(void)buf;
	(void)len;
	(void)echo;
	(void)verify;
	(void)userdata;
	return -1;
}

static int
denied(ssh_session ssh, const struct remote_options *o, struct err *err)
{
	char *user = NULL;

	(void)ssh_options_get(ssh, SSH_OPTIONS_USER, &user);
	(void)err_set(err, ERR_REFUSED,
	    "it did not accept %s%s for user \"%s\"%s%s",
	    o->identity != NULL ? "the key " : "any key that there is",
	    o->identity != NULL ? o->identity : "", user != NULL ? user : "?",
	    o->how_to_enrol != NULL ? "; " : "",
	    o->how_to_enrol != NULL ? o->how_to_enrol : "");
	ssh_string_free_char(user);
	return err->code;
}

static int
by_this_key(ssh_session ssh, ssh_key key)
{
	return ssh_userauth_publickey(ssh, NULL, key);
}

static int
by_agent(ssh_session ssh, ssh_key key)
{
	(void)key;
	return ssh_userauth_agent(ssh, NULL);
}

static int
by_any_key(ssh_session ssh, ssh_key key)
{
	(void)key;
	return ssh_userauth_publickey_auto(ssh, NULL, NULL);
}

/* libssh, where it waits by itself, does not notice that the server hung up
 * and sits out its time. */
static int
ask(ssh_session ssh, int (*how)(ssh_session, ssh_key), ssh_key key,
    int timeout_s)
{
	int64_t until = clock_ms() + (int64_t)timeout_s * 1000;
	int answer;

	ssh_set_blocking(ssh, 0);
	while ((answer = how(ssh, key)) == SSH_AUTH_AGAIN) {
		struct pollfd p = { .fd = ssh_get_fd(ssh), .events = POLLIN };

		if (!ssh_is_connected(ssh) || clock_ms() >= until)
			break;
		(void)poll(&p, 1, 100);
	}
	ssh_set_blocking(ssh, 1);
	return answer;
}

/* The configured key file. An encrypted one may be in the agent. */
static int
try_identity(ssh_session ssh, const char *file, int timeout_s, int *ret_answer,
    struct err *err)
{
	ssh_key key = NULL;

	if (access(file, R_OK) != 0)
		return err_sys(err, "key %s", file);
	if (ssh_pki_import_privkey_file(
		file, NULL, no_passphrase, NULL, &key) != SSH_OK) {
		*ret_answer = ask(ssh, by_agent, NULL, timeout_s);
		if (*ret_answer == SSH_AUTH_SUCCESS)
			return 0;
		return err_set(err, ERR_REFUSED,
		    "key %s: not a private key, or one with a passphrase that "
		    "no agent holds",
		    file);
	}
	*ret_answer = ask(ssh, by_this_key, key, timeout_s);
	ssh_key_free(key);
	return 0;
}

int
auth_by_key(ssh_session ssh, const struct remote_options *o, int timeout_s,
    struct err *err)
{
	int answer = SSH_AUTH_DENIED, rc;
	bool name_key;

	if (o->identity != NULL) {
		if ((rc = try_identity(
			 ssh, o->identity, timeout_s, &answer, err)) != 0)
			return rc;
	} else
		answer = ask(ssh, by_any_key, NULL, timeout_s);
	switch (answer) {
	case SSH_AUTH_SUCCESS:
		return 0;
	case SSH_AUTH_DENIED:
		return denied(ssh, o, err);
	case SSH_AUTH_PARTIAL:
		return err_set(
		    err, ERR_REFUSED, "it wants more than a key to log in");
	default:
		if (answer == SSH_AUTH_AGAIN && ssh_is_connected(ssh))
			return err_set(err, ERR_BUSY,
			    "no answer to the log-in for %d s", timeout_s);
		/* Every key of an agent counts as a failure there. */
		name_key = o->identity == NULL && o->how_to_name_key != NULL;
		return err_set(err, ERR_REFUSED, "cannot log in: %s%s%s",
		    ssh_get_error(ssh),
		    name_key ? "; name the key to use: " : "",
		    name_key ? o->how_to_name_key : "");
	}
}
