/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/setting.h"
#include "base/path.h"
#include "base/when.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- kinds of values ---- */

static void *
field_of(const struct setting *row, void *into)
{
	return (char *)into + row->offset;
}

static int
put_string(const struct setting *row, void *into, const char *s, size_t len,
    struct err *err)
{
	char **field = field_of(row, into), *copy = strndup(s, len);

	if (copy == NULL)
		return err_nomem(err);
	free(*field);
	*field = copy;
	return 0;
}

int
take_text(const struct setting *row, void *into, const struct config_item *item,
    struct err *err)
{
	if (*item->value == '\0')
		return config_bad(item, err, "a value is missing");
	return put_string(row, into, item->value, strlen(item->value), err);
}

int
take_path(const struct setting *row, void *into, const struct config_item *item,
    struct err *err)
{
	size_t len = path_trim(item->value, strlen(item->value));

	if (!path_is_valid(item->value, len))
		return config_bad(item, err,
		    "\"%.128s\": want an absolute path without \"//\"",
		    item->value);
	return put_string(row, into, item->value, len, err);
}

int
take_bool(const struct setting *row, void *into, const struct config_item *item,
    struct err *err)
{
	return config_bool(item, field_of(row, into), err);
}

int
take_int(const struct setting *row, void *into, const struct config_item *item,
    struct err *err)
{
	long long v;
	int rc;

	if ((rc = config_int(item, row->min, row->max, &v, err)) == 0)
		*(int *)field_of(row, into) = (int)v;
	return rc;
}

int
take_keep(const struct setting *row, void *into, const struct config_item *item,
    struct err *err)
{
	if (strcasecmp(item->value, "unlimited") == 0) {
		*(int *)field_of(row, into) = -1;
		return 0;
	}
	return take_int(row, into, item, err);
}

int
take_count(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	long long v;
	int rc;

	if ((rc = config_int(item, row->min, row->max, &v, err)) == 0)
		*(uint64_t *)field_of(row, into) = (uint64_t)v;
	return rc;
}

int
take_bytes(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	uint64_t v;
	int rc;

	if ((rc = config_size(item, &v, err)) != 0)
		return rc;
	if (v < (uint64_t)row->min)
		return config_bad(item, err, "\"%.64s\" is less than %lld",
		    item->value, row->min);
	*(uint64_t *)field_of(row, into) = v;
	return 0;
}

int
take_time(const struct setting *row, void *into, const struct config_item *item,
    struct err *err)
{
	struct err why = ERR_INIT;
	int64_t ns;

	if (duration_parse(item->value, &ns, &why) != 0)
		return config_bad(item, err, "%s", why.cause);
	if (ns < row->min * NS_PER_S)
		return config_bad(item, err, "\"%.64s\" is less than %lld s",
		    item->value, row->min);
	*(int64_t *)field_of(row, into) = ns;
	return 0;
}

/* ---- files ---- */

struct reading {
	const struct settings_table *table;
	void *ctx;
};

/* Letters without case; known_hosts is known-hosts. */
static bool
key_equal(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++) {
		char x = *a == '_' ? '-' : *a, y = *b == '_' ? '-' : *b;

		if (strncasecmp(&x, &y, 1) != 0)
			return false;
	}
	return *a == *b;
}

static int
take_item(void *ctx, const struct config_item *item, struct err *err)
{
	const struct reading *rd = ctx;
	bool known = false;
	uint64_t *seen;
	void *into;
	int rc;

	for (size_t i = 0; i < rd->table->n && !known; i++)
		known = strcasecmp(item->section, rd->table->row[i].section) ==
		    0;
	if (!known)
		return config_unknown(item, err);
	rc = rd->table->target(rd->ctx, item, &into, &seen, err);
	if (rc == ERR_NOTFOUND)
		return config_unknown(item, err);
	if (rc != 0 || item->key == NULL)
		return rc;
	for (size_t i = 0; i < rd->table->n; i++) {
		const struct setting *row = &rd->table->row[i];

		if (strcasecmp(item->section, row->section) != 0 ||
		    !key_equal(item->key, row->key))
			continue;
		if (!row->list && *seen & UINT64_C(1) << i)
			return config_bad(item, err, "given twice");
		*seen |= UINT64_C(1) << i;
		return row->take(row, into, item, err);
	}
	return config_unknown(item, err);
}

static struct config_item
default_of(const struct settings_table *table, size_t i)
{
	const struct setting *row = &table->row[i];

	return (struct config_item){ row->section, "", row->key, row->def,
		"built-in defaults", (int)i + 1 };
}

int
settings_default(const struct settings_table *table, void *ctx, struct err *err)
{
	assert(table->n <= SETTINGS_MAX);
	for (size_t i = 0; i < table->n; i++) {
		const struct setting *row = &table->row[i];
		struct config_item item = default_of(table, i);
		uint64_t *seen;
		void *into;
		int rc;

		if (row->def != NULL &&
		    ((rc = table->target(ctx, &item, &into, &seen, err)) != 0 ||
			(rc = row->take(row, into, &item, err)) != 0))
			return rc;
	}
	return 0;
}

int
settings_default_section(const struct settings_table *table,
    const char *section, void *into, struct err *err)
{
	assert(table->n <= SETTINGS_MAX);
	for (size_t i = 0; i < table->n; i++) {
		const struct setting *row = &table->row[i];
		struct config_item item = default_of(table, i);
		int rc;

		if (row->def != NULL &&
		    strcasecmp(row->section, section) == 0 &&
		    (rc = row->take(row, into, &item, err)) != 0)
			return rc;
	}
	return 0;
}

int
settings_parse(const struct settings_table *table, void *ctx, const char *file,
    const char *text, size_t len, struct err *err)
{
	struct reading rd = { table, ctx };

	return config_parse(file, text, len, take_item, &rd, err);
}
