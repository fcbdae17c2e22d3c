/*
 * The list of volumes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "volumes_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
volumes_add(struct volumes *volumes, const char *name, struct disk *disk,
    enum volume_kind kind, const char *why, struct err *err)
{
	struct volume *v;

	if (volumes->n == VOLUMES_MAX) {
		disk_close(disk);
		v = &volumes->v[volumes->n - 1];
		v->kind = VOLUME_UNREAD;
		(void)snprintf(v->why, sizeof(v->why),
		    "more than %u partitions: this one and all after it are "
		    "not read",
		    VOLUMES_MAX);
		return 0;
	}
	v = reallocarray(volumes->v, volumes->n + 1, sizeof(*v));
	if (v == NULL) {
		disk_close(disk);
		return err_nomem(err);
	}
	volumes->v = v;
	v += volumes->n;
	*v = (struct volume){
		.disk = disk, .kind = kind, .what = "", .mounted = -1
	};
	(void)snprintf(v->why, sizeof(v->why), "%s", why == NULL ? "" : why);
	if ((v->name = strdup(name)) == NULL) {
		disk_close(disk);
		return err_nomem(err);
	}
	volumes->n++;
	return 0;
}

void
volumes_done(struct volumes *volumes)
{
	/* Logical volumes are windows of the physical ones before them. */
	while (volumes->n > 0) {
		struct volume *v = &volumes->v[--volumes->n];

		if (v->mounted >= 0)
			(void)close(v->mounted);
		disk_close(v->disk);
		free(v->name);
	}
	free(volumes->v);
	volumes->v = NULL;
}

/* The disk itself as the only volume. */
static int
add_whole(struct volumes *volumes, struct disk *disk, struct err *err)
{
	struct disk *part = disk_part(disk, 0, disk->size);

	if (part == NULL)
		return err_nomem(err);
	return volumes_add(volumes, "", part, VOLUME_DATA, NULL, err);
}

/* File systems whose first sector also ends like a partition table's. */
static bool
begins_at_once(const struct volume *whole)
{
	return strcmp(whole->what, "ntfs") == 0 ||
	    strcmp(whole->what, "vfat") == 0 ||
	    strcmp(whole->what, "exfat") == 0 ||
	    strcmp(whole->what, "xfs") == 0 || whole->kind == VOLUME_ENCRYPTED;
}

/* The partitions of a disk, looked at; 1: it has none. */
static int
find_partitions(struct volumes *volumes, struct disk *disk, const char *within,
    struct err *err)
{
	struct volume whole = { .disk = disk, .what = "" };
	int rc;

	volumes->within = within;
	volumes->from = volumes->n;
	if ((rc = table_gpt(volumes, disk, err)) < 0)
		return rc;
	volume_look(&whole);
	if (rc == 1 && !begins_at_once(&whole))
		rc = table_mbr(volumes, disk, err);
	for (size_t i = volumes->from; i < volumes->n; i++)
		if (volumes->v[i].kind == VOLUME_DATA)
			volume_look(&volumes->v[i]);
	return rc;
}

/* Another machine's volume group, which may have any name, also this one's. */
static void
pass_over_group(struct volume *volume)
{
	if (volume->kind != VOLUME_DATA || strcmp(volume->what, "LVM2") != 0)
		return;
	volume->kind = VOLUME_UNREAD;
	(void)snprintf(volume->why, sizeof(volume->why),
	    "LVM within a logical volume, which is not read");
}

/* The disk of a virtual machine may be one. */
static int
look_into_lv(struct volumes *volumes, size_t i, struct err *err)
{
	size_t from = volumes->n;
	int rc = find_partitions(
	    volumes, volumes->v[i].disk, volumes->v[i].name, err);

	if (rc < 0)
		return rc;
	if (rc == 0)
		volumes->v[i].kind = VOLUME_NOTHING;
	pass_over_group(&volumes->v[i]);
	for (; from < volumes->n; from++)
		pass_over_group(&volumes->v[from]);
	return 0;
}

int
volumes_find(struct volumes *volumes, struct disk *disk, struct err *err)
{
	int rc = find_partitions(volumes, disk, "", err);
	size_t n, lvs;

	if (rc == 1 && (rc = add_whole(volumes, disk, err)) == 0)
		volume_look(&volumes->v[0]);
	n = volumes->n;
	if (rc != 0 || (rc = lvm_find(volumes, err)) != 0)
		return rc;
	lvs = volumes->n;
	for (; rc == 0 && n < lvs; n++)
		if (volumes->v[n].kind == VOLUME_DATA)
			rc = look_into_lv(volumes, n, err);
	return rc;
}
