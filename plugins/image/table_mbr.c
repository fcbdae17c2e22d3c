/*
 * MBR partition tables, with the chain of logical partitions; and what all
 * tables' partitions are checked for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "volumes_private.h"

#include "base/buf.h"

#include <stdio.h>

#define LOGICAL_MAX 128 /* in the chain */

struct mbr_entry {
	uint8_t boot, type;
	uint32_t first, sectors;
};

/* 0; 1: that sector holds no table. */
static int
read_table(struct disk *disk, uint64_t sector, struct mbr_entry ret[static 4])
{
	uint8_t b[512];
	struct err ignored = ERR_INIT;

	if (disk_read(disk, b, sizeof(b), sector * disk->sector, &ignored) !=
		0 ||
	    b[510] != 0x55 || b[511] != 0xaa)
		return 1;
	for (int i = 0; i < 4; i++) {
		const uint8_t *e = b + 446 + 16 * i;

		ret[i] = (struct mbr_entry){ e[0], e[4], load_u32(e + 8),
			load_u32(e + 12) };
	}
	return 0;
}

static bool
is_extended(const struct mbr_entry *e)
{
	return e->type == 0x05 || e->type == 0x0f || e->type == 0x85;
}

/* Boot sectors of file systems end as tables do, with code in their place. */
static bool
looks_like_table(const struct mbr_entry e[static 4])
{
	bool any = false;

	for (int i = 0; i < 4; i++) {
		if (e[i].boot != 0 && e[i].boot != 0x80)
			return false;
		any |= e[i].type != 0 && e[i].first != 0 && e[i].sectors != 0;
	}
	return any;
}

static bool
overlaps(uint64_t a, uint64_t n_a, uint64_t b, uint64_t n_b)
{
	return a < b + n_b && b < a + n_a;
}

void
table_name(const struct volumes *volumes, unsigned number,
    char ret[static TABLE_NAME_MAX])
{
	(void)snprintf(ret, TABLE_NAME_MAX, "%s%sp%u", volumes->within,
	    volumes->within[0] != '\0' ? "/" : "", number);
}

int
table_add(struct volumes *volumes, struct disk *disk, unsigned number,
    uint64_t first, uint64_t sectors, bool nothing, struct err *err)
{
	char name[TABLE_NAME_MAX], why[TABLE_NAME_MAX + 64] = "";
	uint64_t end = disk->size / disk->sector;
	enum volume_kind kind = nothing ? VOLUME_NOTHING : VOLUME_DATA;
	struct disk *part;

	table_name(volumes, number, name);
	if (first == 0 || sectors == 0 || first >= end) {
		return volumes_add(volumes, name, NULL, VOLUME_UNREAD,
		    sectors == 0 || first == 0 ?
			"the partition table gives it no place" :
			"it begins past the end of the disk",
		    err);
	}
	if (sectors > end - first) {
		(void)snprintf(why, sizeof(why),
		    "the disk ends before this partition does");
		/* As far as the numbers go. */
		if (sectors > UINT64_MAX / disk->sector - first)
			sectors = UINT64_MAX / disk->sector - first;
	}
	for (size_t i = volumes->from; i < volumes->n; i++) {
		const struct volume *v = &volumes->v[i];

		if (v->disk == NULL ||
		    !overlaps(first, sectors, v->first, v->sectors))
			continue;
		(void)snprintf(why, sizeof(why),
		    "the partition table has it overlap %s", v->name);
		return volumes_add(
		    volumes, name, NULL, VOLUME_UNREAD, why, err);
	}
	part = disk_part(disk, first * disk->sector, sectors * disk->sector);
	if (part == NULL)
		return err_nomem(err);
	if (volumes_add(volumes, name, part, kind, why, err) != 0)
		return err->code;
	volumes->v[volumes->n - 1].first = first;
	volumes->v[volumes->n - 1].sectors = sectors;
	return 0;
}

/* The rest of a chain that lies. */
static int
add_lie(
    struct volumes *volumes, unsigned number, const char *why, struct err *err)
{
	char name[TABLE_NAME_MAX];

	table_name(volumes, number, name);
	return volumes_add(volumes, name, NULL, VOLUME_UNREAD, why, err);
}

static int
add_logical(struct volumes *volumes, struct disk *disk,
    const struct mbr_entry *extended, struct err *err)
{
	uint64_t seen[LOGICAL_MAX], at = extended->first;
	unsigned number = 5;
	struct mbr_entry e[4];
	size_t n = 0;
	int rc = 0;

	for (;;) {
		for (size_t i = 0; i < n; i++)
			if (seen[i] == at)
				return add_lie(volumes, number,
				    "the chain of logical partitions turns "
				    "back on itself",
				    err);
		if (n == LOGICAL_MAX)
			return add_lie(volumes, number,
			    "too many logical partitions: this one and all "
			    "after it are not read",
			    err);
		seen[n++] = at;
		if (read_table(disk, at, e) != 0)
			return add_lie(volumes, number,
			    "the chain of logical partitions is broken", err);
		if (e[0].sectors != 0 && e[0].type != 0)
			rc = table_add(volumes, disk, number++, at + e[0].first,
			    e[0].sectors, false, err);
		if (rc != 0 || e[1].sectors == 0 || !is_extended(&e[1]))
			return rc;
		at = (uint64_t)extended->first + e[1].first;
	}
}

int
table_mbr(struct volumes *volumes, struct disk *disk, struct err *err)
{
	struct mbr_entry e[4];
	int rc = 0;

	if (read_table(disk, 0, e) != 0 || !looks_like_table(e))
		return 1;
	for (unsigned i = 0; rc == 0 && i < 4; i++)
		if (e[i].type != 0 && !is_extended(&e[i]))
			rc = table_add(volumes, disk, i + 1, e[i].first,
			    e[i].sectors, false, err);
	for (unsigned i = 0; rc == 0 && i < 4; i++)
		if (is_extended(&e[i]))
			rc = add_logical(volumes, disk, &e[i], err);
	return rc;
}
