/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "prune.h"
#include "base/path.h"
#include "server_settings.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)1024 * 1024)

/* ---- the command line ---- */

void
prune_options_done(struct prune_options *o)
{
	scope_done(&o->words);
	*o = (struct prune_options){ 0 };
}

static int
add_path(struct strlist *list, const char *path, size_t len, struct err *err)
{
	len = path_trim(path, len);
	if (!path_is_valid(path, len))
		return err_set(err, ERR_USAGE,
		    "\"%.*s\": want an absolute path without \"//\"",
		    len < 128 ? (int)len : 128, path);
	return strlist_add(list, path, len) == 0 ? 0 : err_nomem(err);
}

static int
add_word(struct scope *s, unsigned var, const char *word, size_t len,
    struct err *err)
{
	if (var == UPDATEDB_PATHS)
		return add_path(&s->prunepaths, word, len, err);
	if (var == UPDATEDB_NAMES && memchr(word, '/', len) != NULL)
		return err_set(err, ERR_USAGE,
		    "\"%.*s\": a directory's name holds no slash",
		    len < 128 ? (int)len : 128, word);
	return (var == UPDATEDB_FS ?
		       scope_add_prunefs(s, word, len) :
		       strlist_add(&s->prunenames, word, len)) == 0 ?
	    0 :
	    err_nomem(err);
}

static int
add_words(struct scope *s, unsigned var, const char *value, struct err *err)
{
	static const char space[] = " \t\n\v\f\r";
	int rc = 0;

	for (const char *p = value + strspn(value, space);
	     *p != '\0' && rc == 0; p += strspn(p, space)) {
		size_t len = strcspn(p, space);

		rc = add_word(s, var, p, len, err);
		p += len;
	}
	return rc;
}

static int
take_flag(struct scope *s, const char *value, struct err *err)
{
	bool yes = strcmp(value, "1") == 0 || strcmp(value, "yes") == 0;

	if (!yes && strcmp(value, "0") != 0 && strcmp(value, "no") != 0)
		return err_set(
		    err, ERR_USAGE, "\"%.64s\" is not 0, 1, no or yes", value);
	s->prune_bind_mounts = yes;
	return 0;
}

int
prune_option(
    struct prune_options *o, int option, const char *value, struct err *err)
{
	static const struct {
		int option;
		unsigned var;
		bool replaces;
		const char *name;
	} known[] = {
		{ 'e', UPDATEDB_PATHS, false, "add-prunepaths" },
		{ 'f', UPDATEDB_FS, false, "add-prunefs" },
		{ 'n', UPDATEDB_NAMES, false, "add-prunenames" },
		{ PRUNE_SINGLE_PATH, UPDATEDB_PATHS, false,
		    "add-single-prunepath" },
		{ PRUNE_BIND, UPDATEDB_BIND, true, "prune-bind-mounts" },
		{ PRUNE_FS, UPDATEDB_FS, true, "prunefs" },
		{ PRUNE_NAMES, UPDATEDB_NAMES, true, "prunenames" },
		{ PRUNE_PATHS, UPDATEDB_PATHS, true, "prunepaths" },
	};
	size_t i = 0;
	int rc;

	while (
	    i < sizeof(known) / sizeof(known[0]) && known[i].option != option)
		i++;
	if (i == sizeof(known) / sizeof(known[0]))
		return 1;
	if (known[i].replaces && o->given & known[i].var)
		return err_set(err, ERR_USAGE,
		    "--%s would override an earlier option", known[i].name);
	o->given |= known[i].var;
	if (known[i].replaces)
		o->replaced |= known[i].var;
	if (option == PRUNE_BIND)
		rc = take_flag(&o->words, value, err);
	else if (option == PRUNE_SINGLE_PATH)
		rc = add_path(&o->words.prunepaths, value, strlen(value), err);
	else
		rc = add_words(&o->words, known[i].var, value, err);
	return rc == 0 ? 0 : err_wrap(err, "--%s", known[i].name);
}

/* ---- the effective settings ---- */

static int
read_updatedb_conf(struct scope *s, const struct settings *set, struct err *err)
{
	unsigned given;
	struct buf b = { 0 };
	int rc;

	rc = file_read_all(AT_FDCWD, set->updatedb_conf, FILE_MAX, &b, err);
	if (rc == ERR_SYS && err->sys == ENOENT && !set->updatedb_named) {
		err_clear(err);
		rc = add_words(s, UPDATEDB_FS, updatedb_default_fs, err);
		if (rc == 0)
			rc = add_words(
			    s, UPDATEDB_NAMES, updatedb_default_names, err);
	} else if (rc == 0)
		rc = updatedb_parse(set->updatedb_conf, (const char *)b.data,
		    b.len, s, &given, err);
	buf_done(&b);
	return rc;
}

static int
merge_list(struct strlist *to, const struct strlist *from, bool replace)
{
	if (replace)
		strlist_done(to);
	for (size_t i = 0; i < from->n; i++) {
		size_t len = strlen(from->item[i]);

		if (!strlist_has(to, from->item[i], len) &&
		    strlist_add(to, from->item[i], len) != 0)
			return -1;
	}
	return 0;
}

/* Over the scope, a level's words: in place of those that are there for the
 * variables in `replaced`, else besides them. */
static int
merge(struct scope *s, const struct scope *level, unsigned replaced)
{
	if (replaced & UPDATEDB_BIND)
		s->prune_bind_mounts = level->prune_bind_mounts;
	if (merge_list(&s->prunefs, &level->prunefs, replaced & UPDATEDB_FS) !=
		0 ||
	    merge_list(&s->prunenames, &level->prunenames,
		replaced & UPDATEDB_NAMES) != 0 ||
	    merge_list(&s->prunepaths, &level->prunepaths,
		replaced & UPDATEDB_PATHS) != 0)
		return -1;
	return 0;
}

/* A walk meets a store under its real path; links and relative names are only
 * ways to it. One that is not there yet has nothing to leave out. */
static int
add_store(struct scope *s, const char *dir)
{
	size_t len = path_trim(dir, strlen(dir));
	char *real = realpath(dir, NULL);
	int rc = 0;

	if (path_is_valid(dir, len) && !strlist_has(&s->prunepaths, dir, len))
		rc = strlist_add(&s->prunepaths, dir, len);
	if (rc == 0 && real != NULL &&
	    !strlist_has(&s->prunepaths, real, strlen(real)))
		rc = strlist_add(&s->prunepaths, real, strlen(real));
	free(real);
	return rc;
}

/* A server scans itself as well. That its settings are wrong is not for a scan
 * to tell. */
static int
add_server_store(struct scope *s)
{
	struct err ignored = ERR_INIT;
	struct server_settings server;
	int rc;

	if (server_settings_load(&server, NULL, &ignored) != 0)
		return 0;
	rc = add_store(s, server.store);
	server_settings_done(&server);
	return rc;
}

int
prune_settings(struct scope *s, const struct settings *set,
    const struct prune_options *options, struct err *err)
{
	struct scope pruned = { 0 };
	int rc;

	if ((rc = read_updatedb_conf(&pruned, set, err)) != 0)
		goto fail;
	if (merge(&pruned, &set->prune, set->prune_set) != 0 ||
	    merge(&pruned, &options->words, options->replaced) != 0) {
		rc = err_nomem(err);
		goto fail;
	}
	strlist_done(&s->prunefs);
	strlist_done(&s->prunenames);
	strlist_done(&s->prunepaths);
	s->prune_bind_mounts = pruned.prune_bind_mounts;
	s->prunefs = pruned.prunefs;
	s->prunenames = pruned.prunenames;
	s->prunepaths = pruned.prunepaths;
	return 0;
fail:
	scope_done(&pruned);
	return rc;
}

int
prune_stores(struct scope *s, const struct settings *set, const char *store,
    struct err *err)
{
	if (add_store(s, STORE_LOCAL) != 0 ||
	    add_store(s, STORE_CENTRAL) != 0 || add_server_store(s) != 0 ||
	    add_store(s, set->store) != 0 ||
	    (store != NULL && add_store(s, store) != 0))
		return err_nomem(err);
	return 0;
}
