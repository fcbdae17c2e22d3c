/*
 * From mlocate's order into path order. A database in mlocate's order holds
 * lists, each of the names in one directory, sorted; the list of a directory is
 * followed by those of its subdirectories, each with all below it. So what is
 * to be put off are the names that come behind a subdirectory, for each
 * directory on the way down.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LOCATEDB_DB_TREE_H
#define LOCATEDB_DB_TREE_H

#include "base/buf.h"
#include "base/err.h"

/* What a list says of a name. */
enum db_name {
	DB_NO_DIR = 0,
	DB_DIR = 1,	/* with no list: nobody looked what is in it */
	DB_LOOKED = 2,	/* a directory; with no list: there is nothing in it */
	DB_UNKNOWN = 3, /* a directory if there is a list of it */
};

/* Names that are put off, in bytes. */
#define DB_TREE_MAX ((size_t)128 * 1024 * 1024)

/* The lists, one after the other. */
struct db_lists {
	void *ctx;
	/* The directory of the next one; 1: there is none. The path stays until
	 * take, which comes next or never. */
	int (*peek)(void *ctx, const char **path, size_t *len, struct err *);
	/* All its names, each by db_tree_add. */
	int (*take)(void *ctx, struct buf *names, struct err *);
};

/* A name of the list; they must rise, and the same may come again. `first` is
 * where the list began in the buffer, `*last` the name before. */
struct db_names {
	struct buf *names;
	size_t first, last; /* last: first where there is none */
};
int db_names_add(struct db_names *, enum db_name, const char *name, size_t len,
    struct err *);

enum db_item_kind { DB_ENTRY, DB_NOT_READ, DB_NOT_LOOKED };

struct db_item {
	enum db_item_kind kind;
	bool is_dir; /* of an entry: known to be one */
	const char *path;
	size_t len; /* until the next call */
};

struct db_tree {
	struct db_lists lists;
	struct buf path;	/* of the last item */
	struct buf names;	/* put off: kind, name, NUL */
	struct db_level *level; /* owned; directories on the way down */
	size_t n, cap;
	bool begun, enter;
	enum db_item_kind also; /* to be said of the same path; else ENTRY */
	struct err failed;	/* of the lists: what was put off comes first */
};

/* The root is a directory, and nobody's name. 0, -1 out of memory. */
int db_tree_begin(
    struct db_tree *, const struct db_lists *, const char *root, size_t len);
void db_tree_done(struct db_tree *);

/* 0 with an item, 1 at the end. A list that fails, or is out of order, is told
 * after all that the lists before it named: directories among them whose lists
 * were not read are DB_NOT_READ. */
int db_tree_next(struct db_tree *, struct db_item *, struct err *);

#endif
