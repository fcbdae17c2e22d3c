/*
 * The words of a value, as "203.0.113.7 tcp 80,443 -> 192.168.149.36".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_WORDS_H
#define LABROUTER_WORDS_H

#include "base/setting.h"
#include "model.h"

struct words {
	const char *p;	 /* what is not read yet */
	const char *end; /* of the value, or where "->" stands */
};

struct word {
	const char *s;
	size_t len; /* 0: there is none */
};

struct words words_of(const char *value);
/* Both sides of "->"; false where there is none. */
bool words_split(const char *value, struct words *left, struct words *right);
struct word word_next(struct words *);
bool word_is(struct word, const char *);
/* Whether nothing is left. */
bool words_done(struct words *);
/* "tcp PORTS" or "udp PORTS", of which the first word is read already and PORTS
 * go to the end; 1 where it is something else. */
int words_ports(const struct config_item *, struct words *, struct word name,
    enum lab_proto *, struct ports *, struct err *);

#endif
