/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "remote/remote_private.h"

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
	    "it did not accept %s%s for user \"%s\"; there, as root: "
	    "lindex enrol NAME-OF-THIS-HOST PUBLIC-KEY",
	    o->identity != NULL ? "the key " : "any key that there is",
	    o->identity != NULL ? o->identity : "",
	    user != NULL ? user : "?");
	ssh_string_free_char(user);
	return err->code;
}

/* The configured key file. An encrypted one may be in the agent. */
static int
try_identity(ssh_session ssh, const char *file, int *ret_answer,
    struct err *err)
{
	ssh_key key = NULL;

	if (access(file, R_OK) != 0)
		return err_sys(err, "key %s", file);
	if (ssh_pki_import_privkey_file(file, NULL, no_passphrase, NULL,
		&key) != SSH_OK) {
		if ((*ret_answer = ssh_userauth_agent(ssh, NULL)) ==
		    SSH_AUTH_SUCCESS)
			return 0;
		return err_set(err, ERR_REFUSED,
		    "key %s: not a private key, or one with a passphrase that "
		    "no agent holds",
		    file);
	}
	*ret_answer = ssh_userauth_publickey(ssh, NULL, key);
	ssh_key_free(key);
	return 0;
}

int
auth_by_key(ssh_session ssh, const struct remote_options *o,
    bool *ret_closed, struct err *err)
{
	int answer = SSH_AUTH_DENIED, rc;

	if (o->identity != NULL) {
		if ((rc = try_identity(ssh, o->identity, &answer, err)) != 0)
			return rc;
	} else
		answer = ssh_userauth_publickey_auto(ssh, NULL, NULL);
	switch (answer) {
	case SSH_AUTH_SUCCESS:
		return 0;
	case SSH_AUTH_DENIED:
		return denied(ssh, o, err);
	case SSH_AUTH_PARTIAL:
		return err_set(err, ERR_REFUSED,
		    "it wants more than a key to log in");
	default:
		*ret_closed = !ssh_is_connected(ssh);
		return err_set(err, ERR_REFUSED, "%s", ssh_get_error(ssh));
	}
}
