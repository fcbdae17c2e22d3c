/*
 * Loading a plugin, and all that may be wrong with it. dlopen runs code of the
 * file already; the checks are against mistakes, not against an enemy, who must
 * not be able to write where plugins lie.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plugin/plugin_private.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Through this field. */
#define SIZE_THROUGH(type, field) \
	(offsetof(type, field) + sizeof(((type *)NULL)->field))

static const char *
kind_name(uint32_t kind)
{
	switch ((enum lookback_kind)kind) {
	case LOOKBACK_LAB:
		return "lab";
	case LOOKBACK_SOURCE:
		return "source";
	case LOOKBACK_STORE:
		return "store";
	}
	return "unknown";
}

/* What both know of a table; the rest is absent. */
static void
copy_known(void *to, size_t to_size, const void *from, size_t from_size)
{
	memset(to, 0, to_size);
	memcpy(to, from, from_size < to_size ? from_size : to_size);
}

/* The table of this file, in the memory of the plugin. Everything is resolved
 * now, so that a plugin does not fail in the middle of its work; and it is never
 * closed, since nobody knows what still points into it. */
static int
get_table(const struct lookback_plugin **ret, const char *path, struct err *err)
{
	const struct lookback_plugin *(*get)(void);
	void *object, *symbol;

	if ((object = dlopen(path, RTLD_NOW | RTLD_LOCAL)) == NULL)
		return err_set(err, ERR_FORMAT, "%s", dlerror());
	if ((symbol = dlsym(object, "lookback_plugin")) == NULL)
		return err_set(err, ERR_FORMAT,
		    "%s: not a plugin: no symbol lookback_plugin", path);
	memcpy(&get, &symbol, sizeof(get));
	if ((*ret = get()) == NULL)
		return err_set(
		    err, ERR_FORMAT, "%s: lookback_plugin gives nothing", path);
	return 0;
}

/* It is called as its file is. */
static bool
is_named(const char *name, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	size_t len = strlen(name);

	return strncmp(base, name, len) == 0 && strcmp(base + len, ".so") == 0;
}

static int
load(struct lookback_plugin *ret, enum lookback_kind kind, const char *path,
    struct err *err)
{
	const struct lookback_plugin *table;
	int rc;

	if ((rc = get_table(&table, path, err)) != 0)
		return rc;
	if (table->abi != LOOKBACK_PLUGIN_ABI)
		return err_set(err, ERR_VERSION,
		    "%s: made for plugin ABI %u, and this program has %u", path,
		    table->abi, LOOKBACK_PLUGIN_ABI);
	if (table->size < SIZE_THROUGH(struct lookback_plugin, ops))
		return err_set(err, ERR_FORMAT,
		    "%s: not whole: a plugin's table of %u bytes", path,
		    table->size);
	copy_known(ret, sizeof(*ret), table, table->size);
	if (ret->flags != 0)
		return err_set(err, ERR_VERSION,
		    "%s: needs a newer program (flags 0x%x)", path, ret->flags);
	if (ret->name == NULL || ret->version == NULL || ret->about == NULL ||
	    ret->open == NULL || ret->close == NULL || ret->ops == NULL)
		return err_set(err, ERR_FORMAT,
		    "%s: not whole: name, version, about, open, close and ops "
		    "must be there",
		    path);
	if (!is_named(ret->name, path))
		return err_set(
		    err, ERR_FORMAT, "%s: calls itself %s", path, ret->name);
	if (ret->kind != (uint32_t)kind)
		return err_set(err, ERR_FORMAT,
		    "%s: a plugin of kind %s, not %s", path,
		    kind_name(ret->kind), kind_name(kind));
	return 0;
}

/* Load it, and copy the operations of its kind to `ops`. */
static int
load_ops(struct plugin *plugin, enum lookback_kind kind, const char *name,
    void *ops, size_t size, char path[static PATH_MAX], struct err *err)
{
	uint32_t has;
	int rc;

	if ((rc = plugin_find(path, name, err)) != 0 ||
	    (rc = load(&plugin->info, kind, path, err)) != 0)
		return rc;
	memcpy(&has, plugin->info.ops, sizeof(has));
	copy_known(ops, size, plugin->info.ops, has);
	return 0;
}

static int
lacks(const char *path, const char *what, struct err *err)
{
	return err_set(err, ERR_FORMAT, "%s: not whole: a %s", path, what);
}

int
plugin_load_lab(struct plugin *plugin, const char *name, struct err *err)
{
	char path[PATH_MAX];
	int rc;

	if ((rc = load_ops(plugin, LOOKBACK_LAB, name, &plugin->lab,
		 sizeof(plugin->lab), path, err)) != 0)
		return rc;
	if (plugin->lab.apply == NULL || plugin->lab.observe == NULL)
		return lacks(
		    path, "lab plugin must have apply and observe", err);
	return 0;
}

int
plugin_load_source(struct plugin *plugin, const char *name, struct err *err)
{
	char path[PATH_MAX];
	int rc;

	if ((rc = load_ops(plugin, LOOKBACK_SOURCE, name, &plugin->source,
		 sizeof(plugin->source), path, err)) != 0)
		return rc;
	if (plugin->source.attach == NULL || plugin->source.about == NULL ||
	    plugin->source.next == NULL)
		return lacks(path,
		    "source plugin must have attach, about and next", err);
	return 0;
}
