/*
 * This machine's name, by which an origin says that it lies here.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef STORE_HERE_H
#define STORE_HERE_H

#include "base/err.h"

#define HOST_NAME_SIZE 254
#define HERE_FILE "/etc/lookback/lindex.conf"

/* Up to the first dot. ERR_USAGE: no name that a store can hold. */
int here_short(char ret[static HOST_NAME_SIZE], struct err *);

/* The name under which it is recorded: `host` in this file, of the form of
 * lindex.conf(5), whose other keys are not looked at; else the short one. NULL:
 * HERE_FILE, which may be missing or closed to us. */
int here_name(const char *file, char ret[static HOST_NAME_SIZE], struct err *);

#endif
