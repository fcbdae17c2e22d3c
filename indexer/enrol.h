/*
 * Who may push: hosts' keys in authorized_keys. What is done is told on
 * standard output and in the store's log.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_ENROL_H
#define INDEXER_ENROL_H

#include "authorized_keys.h"

/* Let a host push to a store with its key, by this very program (lindex is not
 * heeded). ERR_REFUSED when it has another key and `replace` is false. */
int enrol_add(
    const char *file, const struct enrolment *, bool replace, struct err *);
/* Take its key away. */
int enrol_revoke(const char *file, const struct enrolment *, struct err *);

/* Print the key of a host, of all where it is NULL. */
int enrol_show(const char *file, const char *host, struct err *);

#endif
