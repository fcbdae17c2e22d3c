/*
 * locatedb: the databases of mlocate, plocate and GNU locate, and plain lists of
 * paths. They hold names, and of some which are directories; no content.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "mlocate.h"
#include "plain.h"
#include "plocate.h"

#include <lookback/plugin.h>
#include <lookback/source.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum format { UNKNOWN, MLOCATE, PLOCATE, GNU, LIST, FORMATS };

static const char *const format_names[FORMATS] = {
	[MLOCATE] = "mlocate",
	[PLOCATE] = "plocate",
	[GNU] = "gnu",
	[LIST] = "list",
};

struct locatedb {
	const struct lookback_host *host; /* borrowed */
	struct lookback_limits limits;
	int fd;
	enum format wanted; /* UNKNOWN: whatever it is */
	enum format format; /* of what is open */
	bool ordered;
	struct mlocate mlocate;
	struct plocate plocate;
	struct plain plain;
};

static const struct lookback_option options[] = {
	{ "format", LOOKBACK_TEXT, "auto",
	    "mlocate, plocate, gnu, or list: paths, each with a newline or a "
	    "NUL behind it" },
	{ 0 },
};

static int
tell(const struct locatedb *db, const struct err *err)
{
	char text[sizeof(err->cause) + sizeof(err->where)];
	int number = EBADMSG;

	if (err->code == ERR_NOMEM)
		number = ENOMEM;
	else if (err->code == ERR_SYS)
		number = err->sys;
	else if (err->code == ERR_REFUSED)
		number = EFBIG;
	return db->host->fail(
	    db->host->ctx, number, "%s", err_text(err, text, sizeof(text)));
}

static int
locatedb_open(const struct lookback_host *host,
    const struct lookback_setting *settings, void **ret_self)
{
	const char *name = settings[0].value;
	enum format wanted = UNKNOWN;
	struct locatedb *db;

	for (enum format f = MLOCATE; f < FORMATS; f++)
		if (strcmp(name, format_names[f]) == 0)
			wanted = f;
	if (wanted == UNKNOWN && strcmp(name, "auto") != 0)
		return host->fail(host->ctx, EINVAL,
		    "format: \"%.32s\" is not auto, mlocate, plocate, gnu or "
		    "list",
		    name);
	if ((db = calloc(1, sizeof(*db))) == NULL)
		return host->fail(host->ctx, ENOMEM, "out of memory");
	db->host = host;
	db->fd = -1;
	db->wanted = wanted;
	*ret_self = db;
	return 0;
}

static void
release(struct locatedb *db)
{
	switch (db->format) {
	case MLOCATE:
		mlocate_done(&db->mlocate);
		break;
	case PLOCATE:
		plocate_done(&db->plocate);
		break;
	case GNU:
	case LIST:
		plain_done(&db->plain);
		break;
	case UNKNOWN:
	case FORMATS:
		break;
	}
	db->format = UNKNOWN;
}

static void
locatedb_close(void *self)
{
	release(self);
	free(self);
}

static int
locatedb_attach(void *self, const struct lookback_origin *origin)
{
	struct locatedb *db = self;

	if (origin->fd < 0)
		return db->host->fail(
		    db->host->ctx, EINVAL, "a database is a file");
	db->fd = origin->fd;
	db->limits = *origin->limits;
	return 0;
}

/* ---- what it is ---- */

static int
find_format(const struct locatedb *db, enum format *ret, struct err *err)
{
	struct db_input in = { .fd = db->fd };
	const uint8_t *p;
	size_t n;
	int rc = db_input_peek(&in, GNU_MAGIC_SIZE, &p, &n, err);

	*ret = UNKNOWN;
	if (rc == 0 && db->wanted == LIST)
		*ret = LIST;
	else if (rc == 0 && n >= 8 && memcmp(p, MLOCATE_MAGIC, 8) == 0)
		*ret = MLOCATE;
	else if (rc == 0 && n >= 8 && memcmp(p, PLOCATE_MAGIC, 8) == 0)
		*ret = PLOCATE;
	else if (rc == 0 && n >= GNU_MAGIC_SIZE &&
	    memcmp(p, GNU_MAGIC, GNU_MAGIC_SIZE) == 0)
		*ret = GNU;
	db_input_done(&in);
	if (rc != 0)
		return rc;
	/* Whoever made it failed; else all of a host would be gone. */
	if (n == 0)
		return err_set(err, ERR_FORMAT,
		    "an empty file, and no database that is known");
	if (db->wanted != UNKNOWN && db->wanted != *ret)
		return err_set(err, ERR_FORMAT, "not a database of %s",
		    format_names[db->wanted]);
	if (*ret == UNKNOWN)
		return err_set(err, ERR_FORMAT,
		    "no database that is known: neither of mlocate, plocate "
		    "nor GNU locate");
	return 0;
}

static int
open_plocate(struct locatedb *db, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct db_item item;
	int rc;

	if ((rc = plocate_open(&db->plocate, db->fd, &db->limits, err)) != 0)
		return rc;
	db->ordered = true;
	if (plocate_has_times(&db->plocate))
		return 0;
	/* plocate-build may have made it of a list in any order. What fails
	 * for another reason fails again. */
	while ((rc = plocate_next(&db->plocate, &item, &ignored)) == 0)
		;
	db->ordered = rc == 1;
	plocate_done(&db->plocate);
	return plocate_open(&db->plocate, db->fd, &db->limits, err);
}

static int
open_format(struct locatedb *db, enum format format, struct err *err)
{
	switch (format) {
	case MLOCATE:
		db->ordered = true;
		return mlocate_open(&db->mlocate, db->fd, err);
	case PLOCATE:
		return open_plocate(db, err);
	case GNU:
	case LIST:
		return plain_open(&db->plain, db->fd, format == GNU, err);
	case UNKNOWN:
	case FORMATS:
		break;
	}
	return 0;
}

static int
locatedb_about(void *self, struct lookback_about *ret)
{
	struct locatedb *db = self;
	struct err err = ERR_INIT;
	enum format format;

	if (find_format(db, &format, &err) != 0 ||
	    open_format(db, format, &err) != 0)
		return tell(db, &err);
	db->format = format;
	ret->fields = db->ordered ? LOOKBACK_TYPE : 0;
	ret->ordered = db->ordered;
	ret->format = format_names[format];
	return 0;
}

/* ---- what it holds ---- */

static int
next_of_tree(struct locatedb *db, struct lookback_item *ret, struct err *err)
{
	static const uint32_t kinds[] = {
		[DB_ENTRY] = LOOKBACK_ENTRY,
		[DB_NOT_READ] = LOOKBACK_UNREAD,
		[DB_NOT_LOOKED] = LOOKBACK_OUTSIDE,
	};
	struct db_item item;
	int rc = db->format == MLOCATE ?
	    mlocate_next(&db->mlocate, &item, err) :
	    plocate_next(&db->plocate, &item, err);

	if (rc != 0)
		return rc;
	ret->kind = kinds[item.kind];
	ret->path = item.path;
	ret->len = item.len;
	ret->fields = 0;
	if (item.kind == DB_ENTRY && item.is_dir) {
		ret->fields = LOOKBACK_TYPE;
		ret->type = 'd';
	}
	ret->error = 0;
	ret->why = item.kind == DB_NOT_READ ? "the database breaks off" : NULL;
	return 0;
}

static int
next_of_list(struct locatedb *db, struct lookback_item *ret, struct err *err)
{
	ret->kind = LOOKBACK_ENTRY;
	ret->fields = 0;
	return db->format == PLOCATE ?
	    plocate_next_path(&db->plocate, &ret->path, &ret->len, err) :
	    plain_next(&db->plain, &ret->path, &ret->len, err);
}

static int
locatedb_next(void *self, struct lookback_item *ret)
{
	struct locatedb *db = self;
	struct err err = ERR_INIT;
	int rc = db->ordered ? next_of_tree(db, ret, &err) :
			       next_of_list(db, ret, &err);

	return rc < 0 ? tell(db, &err) : rc;
}

static const struct lookback_source locatedb_source = {
	.size = sizeof(locatedb_source),
	.attach = locatedb_attach,
	.about = locatedb_about,
	.next = locatedb_next,
};

static const struct lookback_plugin locatedb = {
	.abi = LOOKBACK_PLUGIN_ABI,
	.size = sizeof(locatedb),
	.kind = LOOKBACK_SOURCE,
	.name = "locatedb",
	.version = "1",
	.about = "databases of mlocate, plocate and GNU locate; lists of paths",
	.options = options,
	.open = locatedb_open,
	.close = locatedb_close,
	.ops = &locatedb_source,
};

const struct lookback_plugin *
lookback_plugin(void)
{
	return &locatedb;
}
