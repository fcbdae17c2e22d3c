/*
 * LVM2 physical volumes: the label in one of the first sectors, and the text that
 * it leads to.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_LVM_LABEL_H
#define IMAGE_LVM_LABEL_H

#include "image.h"

#define LVM_ID 32

struct lvm_label {
	char id[LVM_ID]; /* without dashes */
	char *text;	 /* owned; NULL: this volume has no copy */
	size_t len;
};

/* ERR_FORMAT where a sum is wrong, or a place lies outside. */
int lvm_label_read(struct lvm_label *ret, struct disk *, struct err *);

#endif
