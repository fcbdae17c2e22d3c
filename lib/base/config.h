/*
 * Configuration files: one INI grammar for all of ours, and updatedb.conf's.
 *
 * INI: `[Section]` or `[Section "name"]`, `key = value`; '#' or ';' at the
 * start of a line or after white space starts a comment; white space around
 * key and value is dropped; keys repeat for lists; keys and sections compare
 * without case. No quoting, no continuation.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/err.h"
#include "base/scope.h"

struct config_item {
	const char *section; /* "" before the first one */
	const char *name;    /* of `[Section "name"]`, else "" */
	const char *key;     /* NULL for the section's own line */
	const char *value;   /* NULL with the key */
	const char *file;
	int line;
};

/* Parse text (of `file`, for messages); each section's line and each key goes
 * to `take`, which returns 0 or sets an error: config_unknown, config_bad.
 * Errors read "FILE:LINE: cause". */
int config_parse(const char *file, const char *text, size_t len,
    int (*take)(void *ctx, const struct config_item *, struct err *), void *ctx,
    struct err *);

/* "unknown key "prnue" in [Scan]" / "unknown section [Scna]" with file and
 * line. */
int config_unknown(const struct config_item *, struct err *);
/* "prune-bind-mounts: "maybe" is not yes or no" with file and line. */
int config_bad(const struct config_item *, struct err *, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

int config_bool(const struct config_item *, bool *ret, struct err *);
int config_int(const struct config_item *, long long min, long long max,
    long long *ret, struct err *);
/* 512, 64K, 10M, 2G, 1T (powers of 1024). */
int config_size(const struct config_item *, uint64_t *ret, struct err *);
/* Words between white space, appended. */
int config_words(const struct config_item *, struct strlist *, struct err *);

/* updatedb.conf(5): NAME = "VALUE" lines, comments with '#'. Fills what the
 * file sets in the scope; which variables it set comes back in `set`. Names
 * and paths that updatedb never meets ("/tmp/", "a/b") are left out, as they
 * prune nothing there either. On failure the scope may be half filled. */
enum updatedb_var {
	UPDATEDB_BIND = 1,
	UPDATEDB_FS = 2,
	UPDATEDB_NAMES = 4,
	UPDATEDB_PATHS = 8,
};
int updatedb_parse(const char *file, const char *text, size_t len,
    struct scope *, unsigned *set, struct err *);

/* Debian's own PRUNEFS and PRUNENAMES, for hosts without updatedb.conf. */
extern const char updatedb_default_fs[];
extern const char updatedb_default_names[];

#endif
