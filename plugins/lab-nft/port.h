/*
 * Ports: machines' interfaces that hang on an isolated switch. The alias of an
 * interface says that it was attached, so there is no other memory of it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_PORT_H
#define LAB_NFT_PORT_H

#include "lab_nft.h"

#include <lookback/lab.h>

#include <errno.h>

/* As struct lookback_lab's attach and detach. */
int port_attach(
    struct job *, const struct lookback_place *, const char *name, int *ret_fd);
int port_detach(struct job *, const struct lookback_place *, const char *name);

/* All interfaces of this host go back from a namespace that is to end, which
 * would take those with it that are no hardware. One that cannot is told. */
int port_return_all(struct job *, struct netns *);

/* 0 where this host can do without the link, which is one of its own; else
 * why not, and what to do. */
int port_check_free(struct job *, const struct link *);

#endif
