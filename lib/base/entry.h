/*
 * An entry: one path's metadata as a source saw it. The path itself travels
 * beside it.
 *
 * A source says which fields it observed; the others are zero and mean
 * nothing: they make no version, no filter counts them, they print as "-".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_ENTRY_H
#define BASE_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

enum entry_field {
	ENTRY_TYPE = 0x01,
	ENTRY_MODE = 0x02,
	ENTRY_OWNER = 0x04, /* uid and gid */
	ENTRY_SIZE = 0x08,
	ENTRY_MTIME = 0x10,
	ENTRY_TARGET = 0x20, /* only ever set on links */
	ENTRY_ALL = 0x3f,
};

/* Types are find -type's letters. 0 where not observed. */
#define ENTRY_TYPES "fdlbcps"

struct entry {
	uint8_t fields; /* mask of enum entry_field */
	char type;	/* one of ENTRY_TYPES, or 0 */
	uint16_t mode;	/* permission bits, 07777 */
	uint32_t uid, gid;
	uint64_t size;	   /* bytes */
	int64_t mtime;	   /* seconds since 1970, may be negative */
	uint32_t mtime_ns; /* 0..999999999 */
	uint32_t target_len;
	const char *target; /* borrowed; not NUL-terminated */
};

/* Bytes of a link target that a store holds; longer ones are unobserved. */
#define ENTRY_TARGET_MAX 65535u

/* The type that st_mode says; 0 for one that there is not. */
char entry_type_of_mode(uint32_t mode);

/* Whether all fields, the mask too, are equal: the state would not change. */
bool entry_equal(const struct entry *, const struct entry *);

/* Whether they agree in every field that both observed: not a new version. */
bool entry_agrees(const struct entry *, const struct entry *);

/* Whether the fields are in their ranges (type letter, mode, mtime_ns, target
 * only where observed, unobserved fields zero). For bytes from outside. */
bool entry_is_valid(const struct entry *);

#endif
