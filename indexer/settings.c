/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "settings.h"
#include "base/path.h"
#include "settings_file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
take_host(const struct setting *row, void *into, const struct config_item *item,
    struct err *err)
{
	if (!host_name_is_valid(item->value))
		return config_bad(item, err,
		    "\"%.128s\" is not a host name: want letters, digits, "
		    "\".\", \"_\" and \"-\"",
		    item->value);
	return take_text(row, into, item, err);
}

/* ---- the prune settings: lists that say what is not looked at ---- */

static int
take_bind(const struct setting *row, void *into, const struct config_item *item,
    struct err *err)
{
	struct settings *s = into;

	(void)row;
	s->prune_set |= UPDATEDB_BIND;
	return config_bool(item, &s->prune.prune_bind_mounts, err);
}

static int
take_fs(const struct setting *row, void *into, const struct config_item *item,
    struct err *err)
{
	struct settings *s = into;
	struct strlist words = { 0 };
	int rc = config_words(item, &words, err);

	(void)row;
	for (size_t i = 0; i < words.n && rc == 0; i++)
		if (scope_add_prunefs(
			&s->prune, words.item[i], strlen(words.item[i])) != 0)
			rc = err_nomem(err);
	strlist_done(&words);
	s->prune_set |= UPDATEDB_FS;
	return rc;
}

static int
take_names(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct settings *s = into;

	(void)row;
	s->prune_set |= UPDATEDB_NAMES;
	if (strchr(item->value, '/') != NULL)
		return config_bad(item, err,
		    "\"%.128s\": a directory's name holds no slash",
		    item->value);
	return config_words(item, &s->prune.prunenames, err);
}

static int
take_paths(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct settings *s = into;
	struct strlist words = { 0 };
	int rc = config_words(item, &words, err);

	(void)row;
	for (size_t i = 0; i < words.n && rc == 0; i++) {
		const char *path = words.item[i];
		size_t len = path_trim(path, strlen(path));

		if (!path_is_valid(path, len))
			rc = config_bad(item, err,
			    "\"%.128s\": want an absolute path without \"//\"",
			    path);
		else if (strlist_add(&s->prune.prunepaths, path, len) != 0)
			rc = err_nomem(err);
	}
	strlist_done(&words);
	s->prune_set |= UPDATEDB_PATHS;
	return rc;
}

/* ---- the table ---- */

#define FIELD(field) SETTING_FIELD(struct settings, field)
#define KEEP(key, def, field)                                              \
	{                                                                  \
		"Local", key, def, false, take_keep, FIELD(keep.field), 0, \
		    INT_MAX                                                \
	}

/* clang-format off */
static const struct setting rows[] = {
	{ "", "host", NULL, false, take_host, FIELD(host), 0, 0 },
	{ "", "store", STORE_LOCAL, false, take_path, FIELD(store), 0, 0 },

	{ "Scan", "names-only", "no", false, take_bool, FIELD(names_only), 0,
	    0 },
	{ "Scan", "updatedb-conf", UPDATEDB_FILE, false, take_path,
	    FIELD(updatedb_conf), 0, 0 },
	{ "Scan", "prunefs", NULL, true, take_fs, FIELD(prune), 0, 0 },
	{ "Scan", "prunenames", NULL, true, take_names, FIELD(prune), 0, 0 },
	{ "Scan", "prunepaths", NULL, true, take_paths, FIELD(prune), 0, 0 },
	{ "Scan", "prune-bind-mounts", NULL, false, take_bind, FIELD(prune), 0,
	    0 },

	{ "Server", "server", NULL, false, take_text, FIELD(server), 0, 0 },
	{ "Server", "port", NULL, false, take_int, FIELD(port), 1, 65535 },
	{ "Server", "user", NULL, false, take_text, FIELD(user), 0, 0 },
	{ "Server", "key", NULL, false, take_path, FIELD(key), 0, 0 },
	{ "Server", "known-hosts", NULL, false, take_path, FIELD(known_hosts),
	    0, 0 },

	KEEP("keep-last", "0", keep_last),
	KEEP("keep-daily", "14", keep_daily),
	KEEP("keep-weekly", "0", keep_weekly),
	KEEP("keep-monthly", "0", keep_monthly),
	KEEP("keep-yearly", "0", keep_yearly),
	{ "Local", "keep-within", "0 days", false, take_time,
	    FIELD(keep.keep_within_ns), 0, 0 },
};
/* clang-format on */

static int
target(void *ctx, const struct config_item *item, void **ret_into,
    uint64_t **ret_seen, struct err *err)
{
	struct settings *s = ctx;

	(void)err;
	if (*item->name != '\0')
		return ERR_NOTFOUND;
	*ret_into = s;
	*ret_seen = &s->seen;
	return 0;
}

const struct settings_table settings_keys = { rows,
	sizeof(rows) / sizeof(rows[0]), target };

/* ---- the file ---- */

static bool
was_given(const struct settings *s, const char *key)
{
	for (size_t i = 0; i < settings_keys.n; i++)
		if (strcmp(rows[i].key, key) == 0)
			return s->seen & UINT64_C(1) << i;
	return false;
}

/* Ends both ways of loading. */
static int
loaded(struct settings *ret, struct settings *s, int rc)
{
	if (rc != 0) {
		settings_done(s);
		return rc;
	}
	s->updatedb_named = was_given(s, "updatedb-conf");
	*ret = *s;
	return 0;
}

int
settings_load(struct settings *ret, const char *file, struct err *err)
{
	struct settings s = { 0 };
	int rc;

	if ((rc = settings_default(&settings_keys, &s, err)) == 0)
		rc = settings_read(&settings_keys, &s,
		    file == NULL ? SETTINGS_FILE : file, file == NULL, err);
	return loaded(ret, &s, rc);
}

int
settings_load_text(struct settings *ret, const char *file, const char *text,
    size_t len, struct err *err)
{
	struct settings s = { 0 };
	int rc;

	if ((rc = settings_default(&settings_keys, &s, err)) == 0)
		rc = settings_parse(&settings_keys, &s, file, text, len, err);
	return loaded(ret, &s, rc);
}

void
settings_done(struct settings *s)
{
	free(s->host);
	free(s->store);
	free(s->updatedb_conf);
	scope_done(&s->prune);
	free(s->server);
	free(s->user);
	free(s->key);
	free(s->known_hosts);
	*s = (struct settings){ 0 };
}

int
settings_host(const struct settings *s, const char *option,
    char ret[static HOST_NAME_SIZE], struct err *err)
{
	if (option != NULL && !host_name_is_valid(option))
		return err_set(err, ERR_USAGE,
		    "\"%.128s\" is not a host name: want letters, digits, "
		    "\".\", \"_\" and \"-\"",
		    option);
	if (option == NULL)
		option = s->host;
	if (option == NULL) {
		int rc = here_short(ret, err);

		return rc == ERR_USAGE ? err_set(err, ERR_USAGE,
					     "this host's own name cannot be "
					     "recorded: give one with --host "
					     "or in lindex.conf") :
					 rc;
	}
	memcpy(ret, option, strlen(option) + 1);
	return 0;
}
