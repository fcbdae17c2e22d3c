/*
 * fs: a directory tree as a source: a restore point that is mounted somewhere, a
 * copy of another machine's disk. All that is below it belongs to it, other
 * mounts as well; its own path is "/".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int
fs_open(const struct lookback_host *host,
    const struct lookback_setting *settings, void **ret_self)
{
	struct fs *fs = calloc(1, sizeof(*fs));

	(void)settings;
	if (fs == NULL)
		return host->fail(host->ctx, ENOMEM, "out of memory");
	fs->host = host;
	*ret_self = fs;
	return 0;
}

static void
fs_close(void *self)
{
	struct fs *fs = self;

	walk_close(fs->walk);
	scope_done(&fs->scope);
	free(fs);
}

static int
fs_attach(void *self, const struct lookback_origin *origin)
{
	struct fs *fs = self;
	const struct lookback_host *host = fs->host;
	struct stat st;
	int rc;

	if (origin->fd < 0 || fstat(origin->fd, &st) != 0 ||
	    !S_ISDIR(st.st_mode))
		return host->fail(host->ctx, ENOTDIR, "is no directory");
	if ((rc = origin->keep(origin->ctx, origin->fd)) != 0)
		return host->fail(host->ctx, rc, "cannot keep its directory");
	if (scope_set_root(&fs->scope, origin->path) != 0)
		return host->fail(host->ctx, ENOMEM, "out of memory");
	fs->fd = origin->fd;
	fs->skip = strlen(origin->path);
	if (fs->skip == 1)
		fs->skip = 0;
	return 0;
}

static int
fs_about(void *self, struct lookback_about *about)
{
	(void)self;
	about->fields = LOOKBACK_TYPE | LOOKBACK_MODE | LOOKBACK_OWNER |
	    LOOKBACK_SIZE | LOOKBACK_MTIME | LOOKBACK_TARGET;
	about->ordered = true;
	about->format = "directory";
	return 0;
}

static int
failed(const struct fs *fs, const struct err *err)
{
	char text[sizeof(err->cause) + sizeof(err->where)];

	return fs->host->fail(fs->host->ctx,
	    err->code == ERR_NOMEM ? ENOMEM : err->sys, "%s",
	    err_text(err, text, sizeof(text)));
}

static void
give_entry(struct lookback_item *to, const struct entry *e)
{
	to->kind = LOOKBACK_ENTRY;
	to->fields = e->fields;
	to->type = e->type;
	to->mode = e->mode;
	to->uid = e->uid;
	to->gid = e->gid;
	to->bytes = e->size;
	to->mtime = e->mtime;
	to->mtime_ns = e->mtime_ns;
	to->target = e->target;
	to->target_len = e->target_len;
}

static int
fs_next(void *self, struct lookback_item *to)
{
	struct fs *fs = self;
	/* No file can be written here: all is sorted in memory. */
	const struct walk_options options = { .scope = &fs->scope };
	struct walk_item item;
	struct err err = ERR_INIT;
	int rc;

	/* With its threads, which are of no use before the jail. */
	if (fs->walk == NULL && walk_open(&fs->walk, &options, &err) != 0)
		return failed(fs, &err);
	if ((rc = walk_next(fs->walk, &item, &err)) != 0)
		return rc < 0 ? failed(fs, &err) : 1;
	to->path = item.len > fs->skip ? item.path + fs->skip : "/";
	to->len = item.len > fs->skip ? item.len - fs->skip : 1;
	switch (item.kind) {
	case WALK_ENTRY:
		give_entry(to, &item.entry);
		break;
	case WALK_UNREAD:
	case WALK_UNCHANGED: /* of walks with a cache only */
		to->kind = LOOKBACK_UNREAD;
		to->error = item.error;
		break;
	case WALK_UNSTATTED:
		to->kind = LOOKBACK_UNLOOKED;
		to->error = item.error;
		break;
	}
	return 0;
}

const struct lookback_plugin *
lookback_plugin(void)
{
	static const struct lookback_source ops = {
		.size = sizeof(ops),
		.attach = fs_attach,
		.about = fs_about,
		.next = fs_next,
		.read = fs_read,
	};
	static const struct lookback_plugin plugin = {
		.abi = LOOKBACK_PLUGIN_ABI,
		.size = sizeof(plugin),
		.kind = LOOKBACK_SOURCE,
		.name = "fs",
		.version = "1",
		.about = "a directory tree",
		.open = fs_open,
		.close = fs_close,
		.ops = &ops,
	};

	return &plugin;
}
