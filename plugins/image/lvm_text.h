/*
 * The text in which LVM2 keeps what it knows of a volume group.
 *
 *	vg0 {
 *		extent_size = 8192	# sectors
 *		physical_volumes { pv0 { id = "..." } }
 *		logical_volumes { root { segment1 { stripes = ["pv0", 0] } } }
 *	}
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_LVM_TEXT_H
#define IMAGE_LVM_TEXT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lvm_kind { LVM_SECTION, LVM_LIST, LVM_TEXT, LVM_NUMBER };

struct lvm_node {
	enum lvm_kind kind;
	const char *name, *text; /* in the parsed text; not ended by a NUL */
	size_t name_len, len;
	uint64_t number;
	struct lvm_node *child, *next;
};

/* Zeroed: none. */
struct lvm_text {
	struct lvm_node *root; /* a section; NULL: none */
	struct lvm_node *all;  /* owned */
	size_t n;
};

/* ERR_FORMAT where it is not such a text, or a too large one. The text must
 * outlive what is parsed. */
int lvm_text_parse(
    struct lvm_text *, const char *text, size_t len, struct err *);
void lvm_text_done(struct lvm_text *);

/* The first of this name and kind in a section; NULL: there is none. */
const struct lvm_node *lvm_get(
    const struct lvm_node *section, const char *name, enum lvm_kind);
/* The number of that name; `none` where there is none. */
uint64_t lvm_number(
    const struct lvm_node *section, const char *name, uint64_t none);
/* Whether a node's text is this. */
bool lvm_is(const struct lvm_node *, const char *text);

#endif
