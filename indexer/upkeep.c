/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "upkeep.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/command_options.h"
#include "commands.h"

int
upkeep_open(
    struct store **ret, const char *dir, enum store_mode mode, struct err *err)
{
	struct server_settings server = { 0 };
	struct settings local = { 0 };
	int rc;

	if (dir != NULL)
		return store_open(ret, dir, mode, err);
	if ((rc = server_settings_load(&server, NULL, err)) != 0)
		return rc;
	dir = server.store;
	if (!store_is_there(dir)) {
		rc = settings_load(&local, NULL, err);
		dir = local.store;
	}
	if (rc == 0)
		rc = store_open(ret, dir, mode, err);
	settings_done(&local);
	server_settings_done(&server);
	return rc;
}

bool
upkeep_is_backup(const char *series)
{
	return strstr(series, "/backup/") != NULL;
}

/* Whether server.conf says what of a series is kept. */
static bool
is_of_server(const char *series, const struct snapshot_row *newest)
{
	return newest->has_peer || upkeep_is_backup(series);
}

/* Whether a store has such series. */
static int
find_of_server(struct store *s, bool *ret, struct err *err)
{
	struct catalog cat;
	int rc;

	if ((rc = catalog_read(&cat, s, err)) != 0)
		return rc;
	*ret = false;
	for (size_t i = 0; i < cat.n_series; i++) {
		const char *name = cat.series[i].name;
		const struct snapshot_row *snaps;
		size_t n;

		snaps = catalog_snaps(&cat, cat.series[i].id, &n);
		*ret = *ret || (n > 0 && is_of_server(name, &snaps[n - 1]));
	}
	catalog_done(&cat);
	return 0;
}

int
upkeep_rules_read(struct upkeep_rules *ret, const char *server,
    const char *local, struct err *err)
{
	struct upkeep_rules r = { 0 };
	int rc;

	if ((rc = server_settings_load(&r.server, server, err)) != 0)
		return rc;
	if ((rc = settings_load(&r.local, local, err)) != 0) {
		server_settings_done(&r.server);
		return rc;
	}
	*ret = r;
	return 0;
}

void
upkeep_rules_for(struct upkeep_rules *r, const struct store *s)
{
	r->central = strcmp(store_dir(s), r->server.store) == 0;
}

int
upkeep_rules_load(struct upkeep_rules *ret, struct store *s, const char *config,
    struct err *err)
{
	bool server;
	int rc;

	if ((rc = find_of_server(s, &server, err)) != 0 ||
	    (rc = upkeep_rules_read(ret, server ? config : NULL,
		 server ? NULL : config, err)) != 0)
		return rc;
	upkeep_rules_for(ret, s);
	return 0;
}

void
upkeep_rules_done(struct upkeep_rules *r)
{
	server_settings_done(&r->server);
	settings_done(&r->local);
}

static struct prune_rule
rule_of(const struct upkeep_rules *r, const struct series_row *series,
    const struct snapshot_row *newest)
{
	struct prune_rule rule;

	if (r->central || is_of_server(series->name, newest)) {
		rule.keep = server_retention(&r->server, series->name);
		rule.bounded = false;
	} else {
		rule.keep = r->local.keep;
		rule.bounded = r->local.server != NULL;
	}
	if (r->given)
		rule.keep = r->keep;
	return rule;
}

struct prune_rule
upkeep_rule(void *ctx, const struct series_row *series,
    const struct snapshot_row *newest)
{
	return rule_of(ctx, series, newest);
}

int
upkeep_would_keep(const struct upkeep_rules *r, const struct catalog *cat,
    const struct series_row *series, int64_t date_ns, bool *ret,
    struct err *err)
{
	const struct snapshot_row *snaps;
	struct prune_rule rule;
	struct snapshot_row *with;
	size_t n = 0, at = 0;
	bool *keep;
	int rc = 0;

	*ret = true;
	if (series == NULL ||
	    (snaps = catalog_snaps(cat, series->id, &n), n == 0) ||
	    date_ns >= snaps[n - 1].date_ns)
		return 0;
	with = calloc(n + 1, sizeof(*with));
	keep = calloc(n + 1, sizeof(*keep));
	if (with == NULL || keep == NULL) {
		rc = err_nomem(err);
	} else {
		while (snaps[at].date_ns <= date_ns)
			at++;
		memcpy(with, snaps, at * sizeof(*with));
		with[at].date_ns = date_ns;
		memcpy(&with[at + 1], &snaps[at], (n - at) * sizeof(*with));
		rule = rule_of(r, series, &snaps[n - 1]);
		retention_select(&rule.keep, with, n + 1, keep);
		*ret = keep[at];
	}
	free(with);
	free(keep);
	return rc;
}

static void
show_progress(void *ctx, uint64_t done, uint64_t all)
{
	(void)ctx;
	progress("merging: %llu of %llu paths", (unsigned long long)done,
	    (unsigned long long)all);
}

static int
count_segments(struct store *s, size_t *ret_n, char size[static TEXT_SIZE],
    struct err *err)
{
	struct catalog cat = { 0 };
	uint64_t bytes = 0;
	int rc;

	if ((rc = catalog_read(&cat, s, err)) == 0) {
		for (size_t i = 0; i < cat.n_segments; i++)
			bytes += cat.segments[i].bytes;
		*ret_n = cat.n_segments;
		(void)text_size(bytes, size);
	}
	catalog_done(&cat);
	return rc;
}

int
upkeep_merge(struct store *s, enum merge_what what, struct err *err)
{
	char before[TEXT_SIZE], after[TEXT_SIZE];
	struct merge_result res;
	size_t n_before, n_after;
	int rc;

	if ((rc = count_segments(s, &n_before, before, err)) == 0)
		rc = store_merge(s, what, &res,
		    progress_wanted() ? show_progress : NULL, NULL, err);
	progress_end();
	if (rc != 0 || (rc = count_segments(s, &n_after, after, err)) != 0)
		return err_wrap(err, "store %s", store_dir(s));
	if (res.busy)
		log_note("another process is merging this store");
	else if (res.merged == 0)
		(void)puts("nothing to merge");
	else
		(void)printf("%zu segment%s of %s %s now %zu of %s\n", n_before,
		    n_before == 1 ? "" : "s", before,
		    n_before == 1 ? "is" : "are", n_after, after);
	return 0;
}

void
upkeep_merge_after(struct store *s)
{
	struct merge_result result;
	struct err err = ERR_INIT;

	if (store_merge(s, MERGE_TIERED, &result, NULL, NULL, &err) == 0)
		return;
	log_err(&err);
	log_warn("merging is put off to the next time");
}

int
upkeep_show(enum upkeep_what what, const char *help, int argc, char **argv,
    int (*show)(const struct upkeep_shown *, struct store *,
	const struct catalog *, struct err *))
{
	struct upkeep_shown o = { 0 };
	const char *dir = NULL;
	const struct command_option options[] = {
		{ "jsonl", NULL, &o.jsonl },
		{ "store", &dir, NULL },
		{ what == UPKEEP_HOSTS ? "host" : NULL, &o.host, NULL },
		{ NULL, NULL, NULL },
	};
	struct err err = ERR_INIT;
	struct catalog cat;
	struct store *s;
	int status, rc;

	if (command_options(options, help, argc, argv, NULL, &status) != 0)
		return status;
	if ((rc = upkeep_open(&s, dir, STORE_READ, &err)) == 0) {
		if ((rc = catalog_read(&cat, s, &err)) == 0) {
			rc = show(&o, s, &cat, &err);
			catalog_done(&cat);
		}
		if (rc != 0)
			(void)err_wrap(&err, "store %s", store_dir(s));
		store_close(s);
	}
	if (rc == 0 && fflush(stdout) != 0)
		rc = err_sys(&err, "cannot write");
	if (rc != 0) {
		log_err(&err);
		return LINDEX_ERROR;
	}
	return LINDEX_DONE;
}

bool
upkeep_wants(const char *series, const char *host_glob)
{
	char host[256];

	if (host_glob == NULL)
		return true;
	(void)snprintf(
	    host, sizeof(host), "%.*s", (int)strcspn(series, "/"), series);
	return fnmatch(host_glob, host, 0) == 0;
}
