/*
 * Whole Ethernet frames.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_FRAMES_H
#define LAB_NFT_FRAMES_H

#include "lab_nft.h"

#include <lookback/lab.h>

#include <net/if.h>

/* A packet socket on the link of this index, for this EtherType (ETH_P_ALL:
 * what leaves it as well): the caller's to close. */
int frames_socket(
    struct job *, struct netns *, int index, uint16_t ethertype, int *ret_fd);

/* A tap that goes with its descriptor, down and nobody's port. A name may hold
 * "%d" for a number that is free, and is that of the link on success. */
int frames_tap(
    struct job *, struct netns *, char name[static IFNAMSIZ], int *ret_fd);

/* As struct lookback_lab's probe, with job_why. */
int frames_probe(struct job *, const struct lookback_place *, int *ret_fd);

#endif
