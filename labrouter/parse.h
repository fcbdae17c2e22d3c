/*
 * What the files of the parser share: parse.c knows sections, keys.c the table
 * of their keys, parse_rules.c the lists of a [Network], parse_nat.c
 * those of [Nat].
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_PARSE_H
#define LABROUTER_PARSE_H

#include "base/setting.h"

/* The keys of a lab file. */
extern const struct settings_table lab_keys;
/* Where a section's values go; the table's. */
int lab_section(void *ctx, const struct config_item *, void **ret_into,
    uint64_t **ret_seen, struct err *);

/* Into a struct lab_network. */
SETTING_TAKE(lab_take_static);
SETTING_TAKE(lab_take_publish);
SETTING_TAKE(lab_take_allow);
SETTING_TAKE(lab_take_join);
/* Into a struct lab; the row's `min` is the enum lab_nat_kind. */
SETTING_TAKE(lab_take_nat);

/* The list with room for one more behind its n, which is zeroed; NULL when out
 * of memory, and the list is as it was. */
void *lab_list_grow(void *list, size_t n, size_t size);

#endif
