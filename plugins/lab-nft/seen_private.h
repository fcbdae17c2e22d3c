/*
 * What the parts of seen.h share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_SEEN_PRIVATE_H
#define LAB_NFT_SEEN_PRIVATE_H

#include "seen.h"

/* ---- seen_parse.c ---- */

/* A message into an item of its kind, which is zeroed before; all but its
 * seen_item and its order. False: nothing of interest, whatever is in it. */
typedef bool seen_parse_fn(const struct nlmsghdr *, void *item);
seen_parse_fn seen_parse_link;
seen_parse_fn seen_parse_address;
seen_parse_fn seen_parse_route;
seen_parse_fn seen_parse_rule;
seen_parse_fn seen_parse_neighbour;

/* ---- seen_find.c ---- */

/* For qsort(3): the order in which the items of a kind lie. */
typedef int seen_compare_fn(const void *, const void *);
seen_compare_fn seen_compare_addresses;
seen_compare_fn seen_compare_routes;
seen_compare_fn seen_compare_neighbours;

#endif
