/*
 * The members of an archive as items.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "archive_plugin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/entry.h"
#include "base/path.h"

/* Components. */
static size_t
depth_of(const char *path, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += path[i] == '/';
	return n;
}

static bool
too_long(const struct source_archive *a)
{
	return a->name.len > a->in.limits->path ||
	    depth_of(a->name.path, a->name.len) > a->in.limits->depth;
}

/* A path beyond the limits: told of is the directory that still is within. */
static int
tell_too_long(struct source_archive *a, struct lookback_item *item)
{
	size_t len = a->name.len;

	/* Not component by component from the end: there may be many. */
	if (len > a->in.limits->path)
		len = a->in.limits->path;
	while (len > 1 && a->name.path[len] != '/')
		len--;
	while (len > 1 && depth_of(a->name.path, len) > a->in.limits->depth)
		len = path_parent_len(a->name.path, len);
	item->kind = LOOKBACK_UNREAD;
	item->path = a->name.path;
	item->len = len;
	item->error = ENAMETOOLONG;
	item->why = "a path that is too long";
	return 0;
}

/* Who owns it, formats without owners do not say. A zip has owners where it has
 * them, and else says root; a 7z and an mtree line the same. */
static bool
has_owner(const struct source_archive *a)
{
	switch (archive_format(a->in.archive) & ARCHIVE_FORMAT_BASE_MASK) {
	case ARCHIVE_FORMAT_7ZIP:
		return false;
	case ARCHIVE_FORMAT_ZIP:
	case ARCHIVE_FORMAT_MTREE:
		return archive_entry_uid(a->entry) != 0 ||
		    archive_entry_gid(a->entry) != 0;
	default:
		return true;
	}
}

/* All but type, size and target. */
static void
fill_plain(const struct source_archive *a, struct lookback_item *item)
{
	struct archive_entry *e = a->entry;
	int64_t uid = archive_entry_uid(e), gid = archive_entry_gid(e);

	item->kind = LOOKBACK_ENTRY;
	item->path = a->name.path;
	item->len = a->name.len;
	item->mode = (uint16_t)(archive_entry_perm(e) & 07777);
	item->fields = LOOKBACK_MODE;
	if (has_owner(a) && uid >= 0 && uid <= UINT32_MAX && gid >= 0 &&
	    gid <= UINT32_MAX) {
		item->fields |= LOOKBACK_OWNER;
		item->uid = (uint32_t)uid;
		item->gid = (uint32_t)gid;
	}
	if (header_mtime(a, &item->mtime, &item->mtime_ns))
		item->fields |= LOOKBACK_MTIME;
}

static void
fill_target(const struct source_archive *a, struct lookback_item *item)
{
	const char *target = archive_entry_symlink(a->entry);
	size_t len;

	if (target == NULL || (len = strlen(target)) > ENTRY_TARGET_MAX)
		return;
	item->fields |= LOOKBACK_TARGET;
	item->target = target;
	item->target_len = len;
}

/* The content of a file with several names may come with the last one. */
static bool
is_cpio(const struct source_archive *a)
{
	return (archive_format(a->in.archive) & ARCHIVE_FORMAT_BASE_MASK) ==
	    ARCHIVE_FORMAT_CPIO;
}

/* Type and size, of a hard link those of what it leads to. */
static void
fill_type(struct source_archive *a, struct lookback_item *item)
{
	uint64_t self = links_hash(&a->links, a->name.path, a->name.len);
	uint64_t first = self, size = 0;
	int64_t said = archive_entry_size(a->entry);
	bool sized = archive_entry_size_is_set(a->entry) && said >= 0;
	char type = header_type(a);

	if (sized)
		size = (uint64_t)said;
	if (a->to.len > 0) {
		first = links_hash(&a->links, a->to.path, a->to.len);
		if (size > 0) {
			a->group = first;
			links_add(&a->links, first, 'f', size);
		} else
			sized = links_find(&a->links, first, &type, &size);
		if (type == '\0')
			type = 'f';
	}
	if (type != '\0') {
		item->type = type;
		item->fields |= LOOKBACK_TYPE;
	}
	if (type == 'f' && sized) {
		if (size == 0 && is_cpio(a) &&
		    archive_entry_nlink(a->entry) > 1)
			(void)links_wait(&a->links, first, item);
		else {
			item->fields |= LOOKBACK_SIZE;
			item->bytes = size;
		}
	}
	if (sized || (type != 'f' && type != '\0'))
		links_add(&a->links, self, type, size);
}

static int
tell_member(struct source_archive *a, struct lookback_item *item)
{
	if (too_long(a))
		return tell_too_long(a, item);
	fill_plain(a, item);
	/* The rest of a file of another volume, of which nothing is said. */
	if (header_type(a) == '\0' && a->to.len == 0 &&
	    (archive_format(a->in.archive) & ARCHIVE_FORMAT_BASE_MASK) ==
		ARCHIVE_FORMAT_TAR) {
		item->fields = 0;
		return 0;
	}
	fill_type(a, item);
	if (item->type == 'l')
		fill_target(a, item);
	a->unlooked = archive_entry_is_encrypted(a->entry) != 0;
	return 0;
}

static int
tell_unlooked(struct source_archive *a, struct lookback_item *item)
{
	a->unlooked = false;
	item->kind = LOOKBACK_UNLOOKED;
	item->path = a->name.path;
	item->len = a->name.len;
	item->error = ENOKEY;
	item->why = "encrypted";
	return 0;
}

/* Members may be missing, nobody knows which: told once. */
static int
tell_damage(
    struct source_archive *a, struct lookback_item *item, const char *why)
{
	a->damage_told = true;
	item->kind = LOOKBACK_UNREAD;
	item->path = "/";
	item->len = 1;
	item->error = EIO;
	item->why = why != NULL ? why : "a damaged member";
	return 0;
}

/* Whether a name that waited is told: of this group, or at the end of any, which
 * then is empty indeed. */
static bool
tell_waiting(struct source_archive *a, bool any, struct lookback_item *item)
{
	uint64_t size = 0;
	char type;

	if (!links_take(&a->links, a->group, any, item, &a->told))
		return false;
	if (!any)
		(void)links_find(&a->links, a->group, &type, &size);
	item->bytes = size;
	item->fields |= LOOKBACK_SIZE;
	return true;
}

int
archive_list_next(struct source_archive *a, struct lookback_item *item)
{
	int rc;

	free(a->told);
	a->told = NULL;
	if (a->unlooked)
		return tell_unlooked(a, item);
	if (a->later_volume && !a->damage_told)
		return tell_damage(a, item,
		    "a later volume: what is in the ones before it is missing");
	if (a->group != 0 && tell_waiting(a, false, item))
		return 0;
	a->group = 0;
	do
		rc = header_next(a);
	while (rc == HEADER_DAMAGED && a->damage_told);
	if (rc == HEADER_DAMAGED)
		return tell_damage(
		    a, item, archive_error_string(a->in.archive));
	if (rc == 1 && tell_waiting(a, true, item)) {
		/* The end is asked for again. */
		a->ahead = true;
		a->ahead_rc = 1;
		return 0;
	}
	return rc != 0 ? rc : tell_member(a, item);
}
