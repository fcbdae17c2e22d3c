/*
 * What the look at a link and its making share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_LINK_PRIVATE_H
#define LAB_NFT_LINK_PRIVATE_H

#include <lookback/plan.h>

#include <stdbool.h>

/* As the kernel calls them; by step's u.link.kind. */
extern const char *const link_kinds[];

/* Does the plan say which MAC the link is made with? */
bool link_has_mac(const struct lookback_step *);

#endif
