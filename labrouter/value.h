/*
 * The values of a lab file: addresses, prefixes, ports, names of devices. Each
 * function reads a piece of the item's value and answers as config_bad does,
 * with what to write instead.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_VALUE_H
#define LABROUTER_VALUE_H

#include "base/setting.h"
#include "model.h"

/* The longest name of a network or a machine, in bytes: it has to fit into an
 * interface's alias with the lab's before it. */
#define LAB_NAME_MAX 64

/* What can be a machine's: no network 0, loopback, multicast or reserved. */
int value_addr(const struct config_item *, const char *, size_t len,
    uint32_t *ret, struct err *);
/* A machine's address with its network's length, 192.168.149.2/24. */
int value_host(const struct config_item *, const char *, size_t len,
    struct prefix *ret, struct err *);
/* A network, 192.168.149.0/24: no bits behind its length. */
int value_network(const struct config_item *, const char *, size_t len,
    struct prefix *ret, struct err *);
/* "80,443,8000-8010": sorted, what touches joined. At least one. On success
 * the caller owns the ranges. */
int value_ports(const struct config_item *, const char *, size_t len,
    struct ports *ret, struct err *);
/* Whether it can name a network or a machine: printable UTF-8, not too long. */
bool value_is_name(const char *);

SETTING_TAKE(value_take_device); /* char *: the name of an interface */
SETTING_TAKE(
    value_take_wait); /* int64_t: "300ms", "2s", within min and max ms */

#endif
