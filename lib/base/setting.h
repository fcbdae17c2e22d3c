/*
 * A configuration file as a table of its keys: what the parser knows, what the
 * manual and the sample file must tell, and the defaults, in one place.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_SETTING_H
#define BASE_SETTING_H

#include "base/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SETTINGS_MAX 64 /* rows of a table; a bit each */

struct setting {
	const char *section; /* "" for keys before the first section */
	const char *key;
	const char *def; /* as in a file; NULL: not given */
	bool list;	 /* may be given more than once */
	/* Puts the value into the field; `into` is the section's struct. */
	int (*take)(const struct setting *, void *into,
	    const struct config_item *, struct err *);
	size_t offset, size; /* of the field */
	long long min, max;  /* of a number */
};

#define SETTING_FIELD(type, field) \
	offsetof(type, field), sizeof(((type *)NULL)->field)

/* The kinds of values. Strings are owned by the field that they are put in. */
#define SETTING_TAKE(name)                                                   \
	int name(const struct setting *, void *, const struct config_item *, \
	    struct err *)
SETTING_TAKE(take_text);  /* char *: not empty */
SETTING_TAKE(take_path);  /* char *: absolute, without a slash at its end */
SETTING_TAKE(take_bool);  /* bool */
SETTING_TAKE(take_int);	  /* int, within min and max */
SETTING_TAKE(take_keep);  /* int: 0.., or -1 for "unlimited" */
SETTING_TAKE(take_count); /* uint64_t, within min and max */
SETTING_TAKE(take_bytes); /* uint64_t: a size, at least min */
SETTING_TAKE(take_time);  /* int64_t: a length of time, in ns */

/* Where the values of a section go: its struct in *ret_into, the bits of the
 * rows given so far in *ret_seen. For `[Section "name"]`; ERR_NOTFOUND where
 * the section takes no name. */
struct settings_table {
	const struct setting *row;
	size_t n;
	int (*target)(void *ctx, const struct config_item *, void **ret_into,
	    uint64_t **ret_seen, struct err *);
};

/* Fill in the defaults of all rows, or of one section's into its struct, where
 * sections with names come as the file has them. */
int settings_default(const struct settings_table *, void *ctx, struct err *);
int settings_default_section(const struct settings_table *, const char *section,
    void *into, struct err *);
/* Parse a file's text: unknown sections and keys, repeated keys that are no
 * lists and bad values are errors with file, line and key. */
int settings_parse(const struct settings_table *, void *ctx, const char *file,
    const char *text, size_t len, struct err *);

#endif
