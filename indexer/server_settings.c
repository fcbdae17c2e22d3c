/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "server_settings.h"
#include "base/path.h"
#include "name_pattern.h"
#include "settings.h"
#include "settings_file.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIELD(field) SETTING_FIELD(struct server_settings, field)
#define KEEP(key, field)                                               \
	{                                                              \
		"Retention", key, "0", false, take_keep,               \
		    SETTING_FIELD(struct retention, field), 0, INT_MAX \
	}
#define QUOTA(field) SETTING_FIELD(struct quota, field)
#define REPOSITORY(field) SETTING_FIELD(struct repo_settings, field)

static int
take_glob(const struct setting *row, void *into, const struct config_item *item,
    struct err *err)
{
	struct strlist *list = (void *)((char *)into + row->offset);

	if (*item->value == '\0')
		return config_bad(item, err, "is empty");
	return strlist_add(list, item->value, strlen(item->value)) != 0 ?
	    err_nomem(err) :
	    0;
}

static int
take_pattern(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct err why = ERR_INIT;

	if (name_pattern_check(item->value, &why) != 0)
		return config_bad(item, err, "%s", why.cause);
	return take_glob(row, into, item, err);
}

/* clang-format off */
static const struct setting rows[] = {
	{ "", "store", STORE_CENTRAL, false, take_path, FIELD(store), 0, 0 },
	{ "", "authorized-keys", "/var/lib/lookback/.ssh/authorized_keys",
	    false, take_path, FIELD(authorized_keys), 0, 0 },

	KEEP("keep-last", keep_last),
	KEEP("keep-daily", keep_daily),
	KEEP("keep-weekly", keep_weekly),
	KEEP("keep-monthly", keep_monthly),
	KEEP("keep-yearly", keep_yearly),
	{ "Retention", "keep-within", "0 days", false, take_time,
	    SETTING_FIELD(struct retention, keep_within_ns), 0, 0 },

	{ "Quota", "max-bytes", "2G", false, take_bytes, QUOTA(max_bytes), 1,
	    0 },
	{ "Quota", "max-entries", "100000000", false, take_count,
	    QUOTA(max_entries), 1, LLONG_MAX },
	{ "Quota", "max-path-length", "1048575", false, take_count,
	    QUOTA(max_path_length), 1, PATH_BYTES_MAX },
	{ "Quota", "max-snapshots-per-day", "200", false, take_count,
	    QUOTA(max_snapshots_per_day), 1, LLONG_MAX },
	{ "Quota", "max-expansion-ratio", "1000", false, take_count,
	    QUOTA(max_expansion_ratio), 1, 1000000 },
	{ "Quota", "idle-timeout", "5 min", false, take_time,
	    QUOTA(idle_timeout_ns), 1, 0 },

	{ "Repository", "pattern", NULL, true, take_pattern,
	    REPOSITORY(patterns), 0, 0 },
	{ "Repository", "incremental", NULL, true, take_glob,
	    REPOSITORY(incremental), 0, 0 },
	{ "Repository", "host", NULL, false, take_text, REPOSITORY(host), 0,
	    0 },
	{ "Repository", "trust-image", "no", false, take_bool,
	    REPOSITORY(trust_image), 0, 0 },
};
/* clang-format on */

static void
rule_free(struct server_rule *r)
{
	free(r->name);
	repo_settings_done(&r->repository);
	free(r);
}

/* The rule of `[Section "name"]`, made when new; NULL when out of memory. */
static struct server_rule *
rule_get(
    struct server_settings *s, enum server_rule_kind kind, const char *name)
{
	struct server_rule *r, **rules;

	for (size_t i = 0; i < s->n_rules; i++)
		if (s->rules[i]->kind == kind &&
		    strcmp(s->rules[i]->name, name) == 0)
			return s->rules[i];
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return NULL;
	r->kind = kind;
	rules = reallocarray(s->rules, s->n_rules + 1, sizeof(*rules));
	if (rules != NULL)
		s->rules = rules;
	if (rules == NULL || (r->name = strdup(name)) == NULL) {
		rule_free(r);
		return NULL;
	}
	rules[s->n_rules++] = r;
	return r;
}

static enum server_rule_kind
kind_of(const char *section)
{
	if (strcasecmp(section, "Quota") == 0)
		return RULE_QUOTA;
	return strcasecmp(section, "Repository") == 0 ? RULE_REPOSITORY :
							RULE_RETENTION;
}

static int
target(void *ctx, const struct config_item *item, void **ret_into,
    uint64_t **ret_seen, struct err *err)
{
	struct server_settings *s = ctx;
	enum server_rule_kind kind = kind_of(item->section);
	struct server_rule *r = NULL;

	if (*item->name == '\0') {
		*ret_seen = &s->seen;
		if (*item->section == '\0') {
			*ret_into = s;
			return 0;
		}
	} else {
		if (kind == RULE_REPOSITORY && *item->name != '/')
			return err_set(err, ERR_FORMAT,
			    "%s:%d: [Repository \"%s\"]: is named by its "
			    "whole path",
			    item->file, item->line, item->name);
		if ((r = rule_get(s, kind, item->name)) == NULL)
			return err_nomem(err);
		*ret_seen = &r->seen;
	}
	switch (kind) {
	case RULE_RETENTION:
		*ret_into = r != NULL ? &r->retention : &s->retention;
		break;
	case RULE_QUOTA:
		*ret_into = r != NULL ? &r->quota : &s->quota;
		break;
	case RULE_REPOSITORY:
		*ret_into = r != NULL ? &r->repository : &s->repository;
		break;
	}
	return 0;
}

const struct settings_table server_settings_keys = { rows,
	sizeof(rows) / sizeof(rows[0]), target };

/* Ends both ways of loading. */
static int
loaded(struct server_settings *ret, struct server_settings *s, int rc)
{
	if (rc != 0)
		server_settings_done(s);
	else
		*ret = *s;
	return rc;
}

int
server_settings_load(
    struct server_settings *ret, const char *file, struct err *err)
{
	struct server_settings s = { 0 };
	int rc;

	if ((rc = settings_default(&server_settings_keys, &s, err)) == 0)
		rc = settings_read(&server_settings_keys, &s,
		    file == NULL ? SERVER_SETTINGS_FILE : file, file == NULL,
		    err);
	return loaded(ret, &s, rc);
}

int
server_settings_load_text(struct server_settings *ret, const char *file,
    const char *text, size_t len, struct err *err)
{
	struct server_settings s = { 0 };
	int rc;

	if ((rc = settings_default(&server_settings_keys, &s, err)) == 0)
		rc = settings_parse(
		    &server_settings_keys, &s, file, text, len, err);
	return loaded(ret, &s, rc);
}

void
server_settings_done(struct server_settings *s)
{
	free(s->store);
	free(s->authorized_keys);
	for (size_t i = 0; i < s->n_rules; i++)
		rule_free(s->rules[i]);
	free(s->rules);
	repo_settings_done(&s->repository);
	*s = (struct server_settings){ 0 };
}

/* Over `into`, the fields of `from` whose rows were given. */
static void
overlay(void *into, const void *from, uint64_t seen)
{
	for (size_t i = 0; i < server_settings_keys.n; i++)
		if (seen & UINT64_C(1) << i)
			memcpy((char *)into + rows[i].offset,
			    (const char *)from + rows[i].offset, rows[i].size);
}

struct retention
server_retention(const struct server_settings *s, const char *series)
{
	struct retention r = s->retention;

	for (size_t i = 0; i < s->n_rules; i++)
		if (s->rules[i]->kind == RULE_RETENTION &&
		    fnmatch(s->rules[i]->name, series, 0) == 0)
			overlay(&r, &s->rules[i]->retention, s->rules[i]->seen);
	return r;
}

struct quota
server_quota(const struct server_settings *s, const char *host)
{
	struct quota q = s->quota;

	for (size_t i = 0; i < s->n_rules; i++)
		if (s->rules[i]->kind == RULE_QUOTA &&
		    fnmatch(s->rules[i]->name, host, 0) == 0)
			overlay(&q, &s->rules[i]->quota, s->rules[i]->seen);
	return q;
}

bool
server_repository(
    const struct server_settings *s, size_t i, struct repo_settings *ret)
{
	for (size_t k = 0; k < s->n_rules; k++) {
		const struct server_rule *r = s->rules[k];

		if (r->kind != RULE_REPOSITORY || i-- > 0)
			continue;
		*ret = s->repository;
		overlay(ret, &r->repository, r->seen);
		ret->dir = r->name;
		return true;
	}
	return false;
}
