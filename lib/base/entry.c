/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/entry.h"

#include <string.h>
#include <sys/stat.h>

char
entry_type_of_mode(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return 'f';
	case S_IFDIR:
		return 'd';
	case S_IFLNK:
		return 'l';
	case S_IFBLK:
		return 'b';
	case S_IFCHR:
		return 'c';
	case S_IFIFO:
		return 'p';
	case S_IFSOCK:
		return 's';
	default:
		return 0;
	}
}

bool
entry_agrees(const struct entry *a, const struct entry *b)
{
	uint8_t both = a->fields & b->fields;

	if ((both & ENTRY_TYPE) && a->type != b->type)
		return false;
	if ((both & ENTRY_MODE) && a->mode != b->mode)
		return false;
	if ((both & ENTRY_OWNER) && (a->uid != b->uid || a->gid != b->gid))
		return false;
	if ((both & ENTRY_SIZE) && a->size != b->size)
		return false;
	if ((both & ENTRY_MTIME) &&
	    (a->mtime != b->mtime || a->mtime_ns != b->mtime_ns))
		return false;
	return !(both & ENTRY_TARGET) ||
	    (a->target_len == b->target_len &&
		(a->target_len == 0 ||
		    memcmp(a->target, b->target, a->target_len) == 0));
}

bool
entry_equal(const struct entry *a, const struct entry *b)
{
	return a->fields == b->fields && entry_agrees(a, b);
}

bool
entry_is_valid(const struct entry *e)
{
	if (e->fields & ~ENTRY_ALL)
		return false;
	if (e->fields & ENTRY_TYPE) {
		if (e->type == '\0' || strchr(ENTRY_TYPES, e->type) == NULL)
			return false;
	} else if (e->type != '\0')
		return false;
	if (e->mode > ((e->fields & ENTRY_MODE) ? 07777 : 0))
		return false;
	if (!(e->fields & ENTRY_OWNER) && (e->uid != 0 || e->gid != 0))
		return false;
	if (!(e->fields & ENTRY_SIZE) && e->size != 0)
		return false;
	if (e->mtime_ns > ((e->fields & ENTRY_MTIME) ? 999999999u : 0))
		return false;
	if (!(e->fields & ENTRY_MTIME) && e->mtime != 0)
		return false;
	return (e->fields & ENTRY_TARGET) ? e->target_len <= ENTRY_TARGET_MAX :
					    e->target_len == 0;
}
