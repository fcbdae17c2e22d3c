/*
 * lindex enrol: which key may push as which host.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authorized_keys.h"
#include "base/log.h"
#include "command_options.h"
#include "remote/remote.h"
#include "server_settings.h"
#include "settings.h"
#include "store/store.h"
#include "sys/file.h"

#define KEY_FILE_MAX 65536

static const char help[] =
    "usage: lindex enrol [OPTION]... HOST KEYFILE|-|\"TYPE BASE64\"\n"
    "       lindex enrol [OPTION]... --show [HOST]\n"
    "       lindex enrol [OPTION]... --revoke HOST\n"
    "Let a host push with its key, and do nothing else.\n"
    "\n"
    "  --authorized-keys FILE  where keys stand (authorized-keys of the\n"
    "                          settings)\n"
    "  --config FILE  settings (" SERVER_SETTINGS_FILE ")\n"
    "  --force        replace the key that the host has\n"
    "  --revoke       take the host's key away\n"
    "  --show         print who is enrolled\n"
    "  --store DIR    the central store (" STORE_CENTRAL ")\n"
    "  -h, --help     this text\n";

enum action { ACTION_ADD, ACTION_REVOKE, ACTION_SHOW };

struct options {
	enum action action;
	bool force;
	const char *config, *file, *store, *host;
	char **key; /* the arguments that are the key */
	int n_key;
};

static int
usage(const char *text)
{
	log_error("enrol: %s", text);
	return 1;
}

/* 0, or 1 with the message printed. */
static int
check_arguments(struct options *o, int n, char **argument)
{
	if (n > 0)
		o->host = argument[0];
	o->key = argument + 1;
	o->n_key = n - 1;
	if (o->host != NULL && !host_name_is_valid(o->host)) {
		log_error("enrol: \"%s\" is not a host's name (letters, "
			  "digits, '.', '_' and '-')",
		    o->host);
		return 1;
	}
	switch (o->action) {
	case ACTION_ADD:
		if (n < 2)
			return usage("a host and its public key are wanted");
		break;
	case ACTION_REVOKE:
		if (n != 1)
			return usage("--revoke wants a host");
		break;
	case ACTION_SHOW:
		if (n > 1)
			return usage("--show wants one host, or none for all");
		break;
	}
	return 0;
}

/* 0 to go on, else 1 with the exit status. */
static int
parse(int argc, char **argv, struct options *o, int *ret_status)
{
	bool revoke = false, show = false;
	const struct command_option options[] = {
		{ "authorized-keys", &o->file, NULL },
		{ "config", &o->config, NULL },
		{ "force", NULL, &o->force },
		{ "revoke", NULL, &revoke },
		{ "show", NULL, &show },
		{ "store", &o->store, NULL },
		{ NULL, NULL, NULL },
	};
	int first;

	if (command_options(options, help, argc, argv, &first, ret_status) != 0)
		return 1;
	if (revoke && show)
		return usage("--show and --revoke do not go together");
	o->action = revoke ? ACTION_REVOKE : show ? ACTION_SHOW : ACTION_ADD;
	return check_arguments(o, argc - first, argv + first);
}

/* ---- adding and revoking ---- */

static int
read_stdin(struct buf *ret, struct err *err)
{
	ssize_t n;

	do {
		if (buf_reserve(ret, 4096) != 0)
			return err_nomem(err);
		n = read(STDIN_FILENO, ret->data + ret->len, 4096);
		if (n < 0)
			return err_sys(err, "standard input");
		ret->len += (size_t)n;
	} while (n > 0 && ret->len <= KEY_FILE_MAX);
	return 0;
}

/* The key's line: from the arguments where they are one (quoted or not), from
 * standard input, or from a file, which is then named. */
static int
read_key(const struct options *o, struct buf *ret, const char **ret_name,
    struct err *err)
{
	const char *arg = o->key[0];

	if (o->n_key == 1 && strcmp(arg, "-") == 0) {
		*ret_name = "standard input";
		return read_stdin(ret, err);
	}
	if (o->n_key == 1 && arg[0] != '\0' && strchr(arg, ' ') == NULL) {
		*ret_name = arg;
		return file_read_all(AT_FDCWD, arg, KEY_FILE_MAX, ret, err);
	}
	for (int i = 0; i < o->n_key; i++)
		if ((i > 0 && buf_add_byte(ret, ' ') != 0) ||
		    buf_add_str(ret, o->key[i]) != 0)
			return err_nomem(err);
	return 0;
}

/* What the edit of the file is about, and what came of it. */
struct change {
	const struct options *options;
	struct enrolment enrolment;
	enum enrol_outcome outcome;
};

static int
edit_add(void *ctx, struct buf *text, struct err *err)
{
	struct change *c = ctx;

	return authorized_keys_enrol(
	    text, &c->enrolment, c->options->force, &c->outcome, err);
}

static int
edit_revoke(void *ctx, struct buf *text, struct err *err)
{
	const struct change *c = ctx;

	return authorized_keys_revoke(text, c->options->host, err);
}

/* The store's log keeps who was let in; there may be no store yet. */
static void
note(const char *store_dir, const char *host, const char *text)
{
	struct err err = ERR_INIT;
	struct store *store;

	if (store_open(&store, store_dir, STORE_WRITE, &err) == 0) {
		(void)store_log(store, "enrol", host, text, &err);
		store_close(store);
	}
	if (err.code != 0 && err.code != ERR_NOTFOUND) {
		(void)err_wrap(&err, "not noted in the log");
		log_err(&err);
	}
}

/* The program that a key may run: this one. */
static int
own_path(char *ret, size_t size, struct err *err)
{
	ssize_t n = readlink("/proc/self/exe", ret, size - 1);

	if (n < 0)
		return err_sys(err, "/proc/self/exe");
	ret[n] = '\0';
	if (access(ret, X_OK) != 0)
		return err_sys(err, "the program itself, %s", ret);
	return 0;
}

static int
add_key(struct change *c, const char *file, const struct public_key *key,
    struct err *err)
{
	char print[REMOTE_FINGERPRINT], text[256], lindex[4096];
	const char *host = c->options->host;
	static const char *const done[] = {
		[ENROL_ADDED] = "enrolled",
		[ENROL_REPLACED] = "enrolled in place of another key",
		[ENROL_SAME] = "was enrolled already",
	};
	int rc;

	if ((rc = own_path(lindex, sizeof(lindex), err)) != 0 ||
	    (rc = remote_key_fingerprint(key->type, key->base64, print, err)) !=
		0)
		return rc;
	c->enrolment.lindex = lindex;
	c->enrolment.host = host;
	c->enrolment.key = key;
	if ((rc = authorized_keys_edit(file, edit_add, c, err)) != 0)
		return rc;
	(void)snprintf(
	    text, sizeof(text), "%s %s %s", key->type, print, done[c->outcome]);
	(void)printf("%s: %s\n", host, text);
	if (c->outcome != ENROL_SAME)
		note(c->enrolment.store, host, text);
	return 0;
}

static int
add(struct change *c, const char *file, struct err *err)
{
	struct public_key key = { 0 };
	struct buf text = { 0 };
	const char *name = NULL;
	int rc;

	if ((rc = read_key(c->options, &text, &name, err)) == 0) {
		if ((rc = public_key_parse(
			 &key, buf_str(&text), text.len, err)) == 0)
			rc = add_key(c, file, &key, err);
		else if (name != NULL)
			(void)err_wrap(err, "%s", name);
	}
	public_key_done(&key);
	buf_done(&text);
	return rc;
}

static int
revoke_host(struct change *c, const char *file, struct err *err)
{
	const char *host = c->options->host;
	int rc = authorized_keys_edit(file, edit_revoke, c, err);

	if (rc != 0)
		return rc;
	(void)printf("%s: revoked\n", host);
	note(c->enrolment.store, host, "revoked");
	return 0;
}

/* ---- showing ---- */

struct shown {
	const char *host; /* NULL: all */
	size_t n;
};

static int
show_one(
    void *ctx, const char *host, const struct public_key *key, struct err *err)
{
	struct shown *s = ctx;
	char print[REMOTE_FINGERPRINT];

	if (s->host != NULL && strcmp(s->host, host) != 0)
		return 0;
	s->n++;
	if (remote_key_fingerprint(key->type, key->base64, print, err) != 0) {
		(void)snprintf(print, sizeof(print), "not a valid key");
		err_clear(err);
	}
	(void)printf("%s %s %s%s%s\n", host, key->type, print,
	    key->comment[0] != '\0' ? " " : "", key->comment);
	return 0;
}

static int
show(const struct options *o, const char *file, struct err *err)
{
	struct shown s = { .host = o->host };
	struct buf text = { 0 };
	int rc;

	if ((rc = authorized_keys_read(file, &text, err)) == 0)
		rc = authorized_keys_each(&text, show_one, &s, err);
	buf_done(&text);
	if (rc == 0 && s.n == 0 && s.host != NULL)
		rc = err_set(err, ERR_NOTFOUND, "%s: host %s is not enrolled",
		    file, s.host);
	return rc;
}

/* ---- the command ---- */

/* Paths in the line must not depend on where sshd runs it. */
static int
make_absolute(const char *path, char **ret, struct err *err)
{
	char *cwd;

	if (path[0] == '/')
		*ret = strdup(path);
	else if ((cwd = getcwd(NULL, 0)) == NULL)
		return err_sys(err, "the working directory");
	else {
		if (asprintf(ret, "%s/%s", cwd, path) < 0)
			*ret = NULL;
		free(cwd);
	}
	return *ret == NULL ? err_nomem(err) : 0;
}

static int
act(const struct options *o, const struct server_settings *s, struct err *err)
{
	const char *file = o->file != NULL ? o->file : s->authorized_keys;
	struct change c = { .options = o };
	char *store = NULL, *config = NULL;
	int rc;

	if ((rc = make_absolute(
		 o->store != NULL ? o->store : s->store, &store, err)) != 0 ||
	    (o->config != NULL &&
		(rc = make_absolute(o->config, &config, err)) != 0))
		goto done;
	c.enrolment.store = store;
	c.enrolment.config = config;
	switch (o->action) {
	case ACTION_ADD:
		rc = add(&c, file, err);
		break;
	case ACTION_REVOKE:
		rc = revoke_host(&c, file, err);
		break;
	case ACTION_SHOW:
		rc = show(o, file, err);
		break;
	}
done:
	free(store);
	free(config);
	return rc;
}

int
cmd_enrol(int argc, char **argv)
{
	struct options o = { 0 };
	struct server_settings s;
	struct err err = ERR_INIT;
	int status, rc;

	if (parse(argc, argv, &o, &status) != 0)
		return status;
	if ((rc = server_settings_load(&s, o.config, &err)) == 0) {
		rc = act(&o, &s, &err);
		server_settings_done(&s);
	}
	if (rc != 0) {
		(void)err_wrap(&err, "enrol");
		log_err(&err);
		return LINDEX_ERROR;
	}
	return LINDEX_DONE;
}
