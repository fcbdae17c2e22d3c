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

#include "base/log.h"
#include "base/command_options.h"
#include "enrol.h"
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

/* ---- the key ---- */

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

/* Read the key and let the host push with it. */
static int
add(const struct options *o, const char *file, struct enrolment e,
    struct err *err)
{
	struct public_key key = { 0 };
	struct buf text = { 0 };
	const char *name = NULL;
	int rc;

	if ((rc = read_key(o, &text, &name, err)) == 0) {
		e.key = &key;
		if ((rc = public_key_parse(
			 &key, buf_str(&text), text.len, err)) == 0)
			rc = enrol_add(file, &e, o->force, err);
		else if (name != NULL)
			(void)err_wrap(err, "%s", name);
	}
	public_key_done(&key);
	buf_done(&text);
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
	struct enrolment e = { .host = o->host };
	char *store = NULL, *config = NULL;
	int rc;

	if ((rc = make_absolute(
		 o->store != NULL ? o->store : s->store, &store, err)) != 0 ||
	    (o->config != NULL &&
		(rc = make_absolute(o->config, &config, err)) != 0))
		goto done;
	e.store = store;
	e.config = config;
	switch (o->action) {
	case ACTION_ADD:
		rc = add(o, file, e, err);
		break;
	case ACTION_REVOKE:
		rc = enrol_revoke(file, &e, err);
		break;
	case ACTION_SHOW:
		rc = enrol_show(file, o->host, err);
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
