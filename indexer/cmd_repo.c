/*
 * lindex repo: index backup repositories.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/command_options.h"
#include "base/log.h"
#include "repo.h"
#include "base/stop.h"
#include "sys/idle.h"
#include "upkeep.h"

static const char help[] =
    "usage: lindex repo [OPTION]... [DIR]...\n"
    "\n"
    "Indexes what is new in backup repositories, which are directories of\n"
    "archives and disk images: all of server.conf, or the ones named, of "
    "there\n"
    "or with a --pattern. Each backup is a snapshot of a series\n"
    "HOST/backup/SET.\n"
    "\n"
    "  --pattern PATTERN   what a backup's path below DIR looks like, such as\n"
    "                      {host}/{set}-{date}.tar.*; may be given more than\n"
    "                      once\n"
    "  --incremental GLOB  archives that hold what changed alone; likewise\n"
    "  --host NAME         of which host, where the pattern does not say it\n"
    "  --rebuild           index series anew, in the order of dates\n"
    "  --trust-image       let the kernel mount what nothing else can read\n"
    "  -v, --verbose       tell each backup\n"
    "  --store DIR         the store; default: that of server.conf\n"
    "  --config FILE       instead of server.conf\n"
    "  -h, --help          print this\n";

struct arguments {
	const char *store, *config, *host;
	const char *pattern[COMMAND_TEXTS_MAX + 1];
	const char *incremental[COMMAND_TEXTS_MAX + 1];
	bool rebuild, trust_image, verbose;
};

/* Whether it is said here what a repository is like. */
static bool
say_what_it_is(const struct arguments *a)
{
	return a->pattern[0] != NULL || a->incremental[0] != NULL ||
	    a->host != NULL || a->trust_image;
}

static int
add_all(struct strlist *list, const char *const *text)
{
	for (; *text != NULL; text++)
		if (strlist_add(list, *text, strlen(*text)) != 0)
			return -1;
	return 0;
}

/* What a person asks for on the command line. */
static int
settings_of(struct repo_settings *ret, const struct arguments *a,
    const char *dir, struct err *err)
{
	*ret = (struct repo_settings){ .dir = dir,
		.trust_image = a->trust_image };
	if (add_all(&ret->patterns, a->pattern) != 0 ||
	    add_all(&ret->incremental, a->incremental) != 0 ||
	    (a->host != NULL && (ret->host = strdup(a->host)) == NULL)) {
		repo_settings_done(ret);
		return err_nomem(err);
	}
	return 0;
}

static int
check(const struct repo_settings *s, struct err *err)
{
	if (s->patterns.n == 0)
		return err_set(err, ERR_USAGE,
		    "%s: no pattern says what its backups are called", s->dir);
	if (s->host != NULL && !host_name_is_valid(s->host))
		return err_set(
		    err, ERR_USAGE, "\"%.128s\" is no host name", s->host);
	for (size_t i = 0; i < s->patterns.n; i++)
		if (name_pattern_check(s->patterns.item[i], err) != 0)
			return err->code;
	return 0;
}

static void
tell(const char *dir, const struct repo_result *r)
{
	(void)printf(
	    "%s: %zu indexed, %zu known, %zu not kept, %zu incomplete, "
	    "%zu refused, %zu failed, %zu gone\n",
	    dir, r->indexed, r->known, r->not_kept, r->incomplete, r->refused,
	    r->failed, r->gone);
}

static int
run_one(const struct repo_request *request, const struct repo_settings *given,
    struct err *err)
{
	struct repo_settings s = *given;
	struct repo_result result;
	char *dir;
	int rc;

	if (check(&s, err) != 0)
		return LINDEX_ERROR;
	if ((dir = realpath(given->dir, NULL)) == NULL) {
		(void)err_sys(err, "%s", given->dir);
		return LINDEX_ERROR;
	}
	s.dir = dir;
	rc = repo_run(request, &s, &result, err);
	if (rc == 0 || result.indexed > 0)
		tell(dir, &result);
	free(dir);
	if (rc != 0)
		return LINDEX_ERROR;
	if (result.failed > 0 && result.indexed + result.known == 0)
		return LINDEX_ERROR;
	return result.incomplete + result.refused + result.failed > 0 ?
	    LINDEX_PARTLY :
	    LINDEX_DONE;
}

/* One that cannot be read stops no other; an error outlasts the rest. */
static int
run_next(const struct repo_request *request, const struct repo_settings *s,
    int status)
{
	struct err err = ERR_INIT;
	int now = run_one(request, s, &err);

	if (err.code != 0)
		log_err(&err);
	if (status == LINDEX_ERROR || now == LINDEX_ERROR)
		return LINDEX_ERROR;
	return now != LINDEX_DONE ? now : status;
}

/* The section of a directory, whichever way it is named. */
static bool
find_configured(const struct server_settings *settings, const char *dir,
    struct repo_settings *ret)
{
	struct stat want, st;

	if (stat(dir, &want) != 0)
		return false;
	for (size_t i = 0; server_repository(settings, i, ret); i++)
		if (stat(ret->dir, &st) == 0 && st.st_dev == want.st_dev &&
		    st.st_ino == want.st_ino)
			return true;
	return false;
}

static int
run_named(const struct repo_request *request, const struct arguments *a,
    char **dirs, size_t n)
{
	int status = LINDEX_DONE;

	for (size_t i = 0; i < n && *request->stop == 0; i++) {
		struct err err = ERR_INIT;
		struct repo_settings s;

		if (!say_what_it_is(a) &&
		    find_configured(&request->rules->server, dirs[i], &s)) {
			status = run_next(request, &s, status);
			continue;
		}
		if (settings_of(&s, a, dirs[i], &err) != 0) {
			log_err(&err);
			return LINDEX_ERROR;
		}
		status = run_next(request, &s, status);
		repo_settings_done(&s);
	}
	return status;
}

static int
run_configured(
    const struct repo_request *request, const struct server_settings *settings)
{
	struct repo_settings s;
	int status = LINDEX_DONE;
	size_t i = 0;

	while (*request->stop == 0 && server_repository(settings, i, &s)) {
		status = run_next(request, &s, status);
		i++;
	}
	if (i == 0)
		log_note("no [Repository \"DIR\"] in server.conf, and none "
			 "named: nothing to do");
	return status;
}

/* With a store and the settings at hand. */
static int
run_all(const struct repo_request *request, const struct arguments *a,
    char **dirs, size_t n, struct err *err)
{
	struct series_lock *lock;
	int status;

	if (repo_begin(&lock, request->store, err) != 0)
		return LINDEX_ERROR;
	status = n > 0 ? run_named(request, a, dirs, n) :
			 run_configured(request, &request->rules->server);
	if (*request->stop == 0)
		upkeep_merge_after(request->store);
	series_lock_release(lock);
	return status;
}

static int
run(const struct arguments *a, char **dirs, size_t n, struct err *err)
{
	struct upkeep_rules rules;
	struct repo_request request = {
		.rules = &rules, .rebuild = a->rebuild, .verbose = a->verbose
	};
	char host[HOST_NAME_SIZE];
	const char *dir;
	int status = LINDEX_ERROR;

	if (upkeep_rules_read(&rules, a->config, NULL, err) != 0)
		return LINDEX_ERROR;
	dir = a->store != NULL ? a->store : rules.server.store;
	request.host = host;
	if (settings_host(&rules.local, NULL, host, err) == 0 &&
	    upkeep_open(&request.store, dir, STORE_CREATE, err) == 0) {
		upkeep_rules_for(&rules, request.store);
		request.stop = stop_on_signals();
		status = run_all(&request, a, dirs, n, err);
		store_close(request.store);
	}
	upkeep_rules_done(&rules);
	return status;
}

int
cmd_repo(int argc, char **argv)
{
	struct arguments a = { 0 };
	const struct command_option options[] = {
		{ "+pattern", a.pattern, NULL },
		{ "+incremental", a.incremental, NULL },
		{ "host", &a.host, NULL },
		{ "rebuild", NULL, &a.rebuild },
		{ "trust-image", NULL, &a.trust_image },
		{ "v,verbose", NULL, &a.verbose },
		{ "store", &a.store, NULL },
		{ "config", &a.config, NULL },
		{ NULL, NULL, NULL },
	};
	struct err err = ERR_INIT;
	int first, status;

	if (command_options(options, help, argc, argv, &first, &status) != 0)
		return status;
	if (first == argc && say_what_it_is(&a)) {
		log_error("--pattern, --incremental, --host and --trust-image "
			  "are for a DIR; server.conf has those of its own");
		return LINDEX_ERROR;
	}
	/* Nobody waits for a timer's run. */
	if (!isatty(STDIN_FILENO))
		idle_process();
	status = run(&a, argv + first, (size_t)(argc - first), &err);
	if (err.code != 0)
		log_err(&err);
	return status;
}
