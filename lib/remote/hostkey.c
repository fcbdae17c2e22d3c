/*
 * The server's own key: known, or a message that says what to do.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "remote/remote_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/* The command that adds the server's key to the file of known ones. The name
 * that vouches for it goes in the place of where it was reached; one that got so
 * far has no byte that is special to sed. */
static int
add_keyscan(struct buf *b, const char *host, unsigned port, const char *alias,
    const char *file)
{
	return buf_add_str(b, "ssh-keyscan ") |
	    (port != 22 ? buf_printf(b, "-p %u ", port) : 0) |
	    text_shell(b, host) |
	    (alias != NULL ? buf_printf(b, " | sed 's,^[^ #]*,%s,'", alias) :
			     0) |
	    buf_add_str(b, " >> ") | text_shell(b, file);
}

static int
add_forget(struct buf *b, const char *host, unsigned port, const char *file)
{
	struct buf name = { 0 };
	int rc;

	if (port == 22)
		rc = buf_add_str(&name, host);
	else
		rc = buf_printf(&name, "[%s]:%u", host, port);
	rc |= buf_add_str(b, "ssh-keygen -f ") | text_shell(b, file) |
	    buf_add_str(b, " -R ") | text_shell(b, buf_str(&name));
	buf_done(&name);
	return rc;
}

/* "ED25519 SHA256:..." of the key that the server showed. */
static void
describe_key(ssh_session ssh, char *text, size_t size)
{
	ssh_key key = NULL;
	unsigned char *hash = NULL;
	char *print = NULL;
	size_t len = 0;

	(void)snprintf(text, size, "no key");
	if (ssh_get_server_publickey(ssh, &key) != SSH_OK)
		return;
	if (ssh_get_publickey_hash(
		key, SSH_PUBLICKEY_HASH_SHA256, &hash, &len) == 0 &&
	    (print = ssh_get_fingerprint_hash(
		 SSH_PUBLICKEY_HASH_SHA256, hash, len)) != NULL)
		(void)snprintf(text, size, "%s %s",
		    ssh_key_type_to_char(ssh_key_type(key)), print);
	ssh_string_free_char(print);
	ssh_clean_pubkey_hash(&hash);
	ssh_key_free(key);
}

static bool
is_other_key(enum ssh_known_hosts_e known)
{
	return known == SSH_KNOWN_HOSTS_CHANGED ||
	    known == SSH_KNOWN_HOSTS_OTHER;
}

/* The file to mend, or NULL: the one that is named; else of the user's and the
 * machine's the one with the other key; for a key that is new, the machine's
 * where we may write to it. */
static char *
file_to_mend(ssh_session ssh, const struct remote_options *o, bool changed)
{
	char *user = NULL, *global = NULL;
	bool is_global = geteuid() == 0;

	(void)ssh_options_get(ssh, SSH_OPTIONS_KNOWNHOSTS, &user);
	(void)ssh_options_get(ssh, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, &global);
	if (o->known_hosts != NULL)
		is_global = false;
	else if (changed)
		is_global = ssh_options_set(ssh, SSH_OPTIONS_GLOBAL_KNOWNHOSTS,
				"/dev/null") == 0 &&
		    !is_other_key(ssh_session_is_known_server(ssh));
	ssh_string_free_char(is_global ? user : global);
	return is_global ? global : user;
}

static int
refuse(ssh_session ssh, const struct remote_options *o, const char *file,
    bool changed, struct err *err)
{
	const char *alias = o->host_key_alias, *at;
	struct buf cmd = { 0 };
	char key[160], *host = NULL;
	unsigned port = 22, at_port;
	int failed = 0, rc;

	/* What libssh takes it for: the alias, where there is one. */
	(void)ssh_options_get(ssh, SSH_OPTIONS_HOST, &host);
	(void)ssh_options_get_port(ssh, &port);
	at = alias != NULL ? o->host : host;
	at_port = alias != NULL && o->port != 0 ? (unsigned)o->port : port;
	describe_key(ssh, key, sizeof(key));
	if (host == NULL || file == NULL)
		failed = -1;
	else if (changed)
		failed = add_forget(&cmd, host, port, file) |
		    buf_add_str(&cmd, " && ");
	if (failed != 0 || add_keyscan(&cmd, at, at_port, alias, file) != 0)
		rc = err_nomem(err);
	else if (changed)
		rc = err_set(err, ERR_REFUSED,
		    "its host key %s%s%s(now %s): somebody may be in "
		    "between, or it was installed anew; if you know why: %s",
		    alias != NULL ? "is not that of " : "has changed ",
		    alias != NULL ? alias : "", alias != NULL ? " " : "", key,
		    buf_str(&cmd));
	else
		rc = err_set(err, ERR_REFUSED,
		    "its host key is not known%s%s (%s); if that is its key: "
		    "%s",
		    alias != NULL ? " as that of " : "",
		    alias != NULL ? alias : "", key, buf_str(&cmd));
	buf_done(&cmd);
	ssh_string_free_char(host);
	return rc;
}

int
hostkey_check(ssh_session ssh, const struct remote_options *o, struct err *err)
{
	enum ssh_known_hosts_e known = ssh_session_is_known_server(ssh);
	char *file;
	int rc;

	if (known == SSH_KNOWN_HOSTS_OK)
		return 0;
	if (known == SSH_KNOWN_HOSTS_ERROR)
		return err_set(
		    err, ERR_REFUSED, "known hosts: %s", ssh_get_error(ssh));
	file = file_to_mend(ssh, o, is_other_key(known));
	rc = refuse(ssh, o, file, is_other_key(known), err);
	ssh_string_free_char(file);
	return rc;
}

int
remote_key_fingerprint(const char *type, const char *base64,
    char ret[static REMOTE_FINGERPRINT], struct err *err)
{
	enum ssh_keytypes_e kind = ssh_key_type_from_name(type);
	unsigned char *hash = NULL;
	char *print = NULL;
	ssh_key key = NULL;
	size_t len = 0;
	int rc = 0;

	if (kind == SSH_KEYTYPE_UNKNOWN ||
	    ssh_pki_import_pubkey_base64(base64, kind, &key) != SSH_OK)
		return err_set(
		    err, ERR_FORMAT, "not a public key of type %s", type);
	if (ssh_get_publickey_hash(
		key, SSH_PUBLICKEY_HASH_SHA256, &hash, &len) != 0 ||
	    (print = ssh_get_fingerprint_hash(
		 SSH_PUBLICKEY_HASH_SHA256, hash, len)) == NULL)
		rc = err_nomem(err);
	else
		(void)snprintf(ret, REMOTE_FINGERPRINT, "%s", print);
	ssh_string_free_char(print);
	ssh_clean_pubkey_hash(&hash);
	ssh_key_free(key);
	return rc;
}
