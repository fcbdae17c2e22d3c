/*
 * Within volumes: tables of partitions, and volume groups.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_VOLUMES_PRIVATE_H
#define IMAGE_VOLUMES_PRIVATE_H

#include "volumes.h"

/* Add the partitions of a table. 0 done; 1: there is no such table; negative: out
 * of memory, or the disk cannot be read. */
int table_gpt(struct volumes *, struct disk *, struct err *);
int table_mbr(struct volumes *, struct disk *, struct err *);

/* The name of a partition: "p1", "vg0-vm/p1". */
#define TABLE_NAME_MAX 600
void table_name(
    const struct volumes *, unsigned number, char ret[static TABLE_NAME_MAX]);
/* Add partition `number` of these sectors, or why it is none. */
int table_add(struct volumes *, struct disk *, unsigned number, uint64_t first,
    uint64_t sectors, bool nothing, struct err *);

/* Add the logical volumes of all physical ones (what is "LVM2"), which are
 * VOLUME_NOTHING or VOLUME_UNREAD afterwards. */
int lvm_find(struct volumes *, struct err *);

#endif
