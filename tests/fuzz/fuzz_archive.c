/*
 * An archive: what the plugin lists are entries and paths as a store has them,
 * and what it reads comes with rising offsets, whatever the bytes are. Here it is
 * in no process of its own, so that it is seen when it reads where it must not.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/path.h"
#include "plugin/plugin.h"

#include <lookback/source.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define ITEMS_MAX 2000

static const struct lookback_limits limits = { .size = sizeof(limits),
	.entries = ITEMS_MAX,
	.path = 4096,
	.depth = 64,
	.expansion = 1000,
	.free = 4 << 20 };

struct offsets {
	uint64_t end;
	bool last;
};

static int
take_piece(void *ctx, size_t i, const struct lookback_piece *piece)
{
	struct offsets *o = (struct offsets *)ctx + i;

	if (piece->offset < o->end && piece->offset != 0)
		abort();
	o->end = piece->offset + piece->len;
	o->last = piece->last;
	return 0;
}

static void
list(const struct plugin *plugin, void *self)
{
	static char types[] = "fdlbcps";
	struct lookback_item item;
	int rc = 0;

	for (int n = 0; n < ITEMS_MAX && rc == 0; n++) {
		item = (struct lookback_item){ .size = sizeof(item) };
		if ((rc = plugin->source.next(self, &item)) != 0)
			break;
		if (!path_is_valid(item.path, item.len) ||
		    item.len > limits.path ||
		    ((item.fields & LOOKBACK_TYPE) &&
			memchr(types, item.type, sizeof(types) - 1) == NULL) ||
		    ((item.fields & LOOKBACK_TARGET) && item.type != 'l') ||
		    item.mtime_ns > 999999999)
			abort();
	}
}

static void
read_some(const struct plugin *plugin, void *self)
{
	static const struct lookback_want want[] = { { "/a", 2 },
		{ "/hard", 5 }, { "/sub/b", 6 } };
	struct offsets o[3] = { 0 };

	(void)plugin->source.read(self, want, 3, take_piece, o);
}

static void
look(const struct plugin *plugin, int fd, bool mtree, bool reads)
{
	const struct lookback_setting as_mtree[] = { { "format", "mtree" },
		{ 0 } };
	const struct lookback_setting none[] = { { 0 } };
	const struct lookback_origin origin = { .size = sizeof(origin),
		.uri = "archive:x",
		.path = "x",
		.fd = fd,
		.limits = &limits };
	struct lookback_about about = { .size = sizeof(about) };
	struct plugin_handle handle;
	struct err err = ERR_INIT;

	if (plugin_open(&handle, plugin, mtree ? as_mtree : none, &err) != 0)
		abort();
	if (plugin->source.attach(handle.self, &origin) == 0 &&
	    plugin->source.about(handle.self, &about) == 0) {
		if (about.format == NULL)
			abort();
		if (reads)
			read_some(plugin, handle.self);
		else
			list(plugin, handle.self);
	}
	plugin_close(&handle);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct plugin plugin;
	struct err err = ERR_INIT;
	int fd;

	if (plugin.info.name == NULL &&
	    plugin_load_source(&plugin, "archive", &err) != 0)
		abort();
	if ((fd = memfd_create("archive", MFD_CLOEXEC)) < 0 ||
	    write(fd, data, len) != (ssize_t)len)
		abort();
	for (int i = 0; i < 3; i++)
		look(&plugin, fd, i == 2, i == 1);
	(void)close(fd);
	return 0;
}
