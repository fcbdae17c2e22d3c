/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "server_settings.h"
#include "base/path.h"
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
};
/* clang-format on */

static void
rule_free(struct server_rule *r)
{
	free(r->glob);
	free(r);
}

/* The rule of `[Section "glob"]`, made when new; NULL when out of memory. */
static struct server_rule *
rule_get(struct server_settings *s, bool is_quota, const char *glob)
{
	struct server_rule *r, **rules;

	for (size_t i = 0; i < s->n_rules; i++)
		if (s->rules[i]->is_quota == is_quota &&
		    strcmp(s->rules[i]->glob, glob) == 0)
			return s->rules[i];
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return NULL;
	r->is_quota = is_quota;
	rules = reallocarray(s->rules, s->n_rules + 1, sizeof(*rules));
	if (rules != NULL)
		s->rules = rules;
	if (rules == NULL || (r->glob = strdup(glob)) == NULL) {
		rule_free(r);
		return NULL;
	}
	rules[s->n_rules++] = r;
	return r;
}

static int
target(void *ctx, const struct config_item *item, void **ret_into,
    uint64_t **ret_seen, struct err *err)
{
	struct server_settings *s = ctx;
	bool is_quota = strcasecmp(item->section, "Quota") == 0;
	struct server_rule *r;

	if (*item->name == '\0') {
		*ret_seen = &s->seen;
		if (*item->section == '\0')
			*ret_into = s;
		else if (is_quota)
			*ret_into = &s->quota;
		else
			*ret_into = &s->retention;
		return 0;
	}
	if ((r = rule_get(s, is_quota, item->name)) == NULL)
		return err_nomem(err);
	*ret_seen = &r->seen;
	if (is_quota)
		*ret_into = &r->quota;
	else
		*ret_into = &r->retention;
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
		if (!s->rules[i]->is_quota &&
		    fnmatch(s->rules[i]->glob, series, 0) == 0)
			overlay(&r, &s->rules[i]->retention, s->rules[i]->seen);
	return r;
}

struct quota
server_quota(const struct server_settings *s, const char *host)
{
	struct quota q = s->quota;

	for (size_t i = 0; i < s->n_rules; i++)
		if (s->rules[i]->is_quota &&
		    fnmatch(s->rules[i]->glob, host, 0) == 0)
			overlay(&q, &s->rules[i]->quota, s->rules[i]->seen);
	return q;
}
