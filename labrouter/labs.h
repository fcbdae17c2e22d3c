/*
 * Which labs a command line means.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_LABS_H
#define LABROUTER_LABS_H

#include "base/scope.h"

#define LABS_DIR "/etc/lookback/labs"

/* For the --help of commands that take labs. */
#define LABS_HELP                                                              \
	"LAB is the name of one in " LABS_DIR ", or a file where it holds a\n" \
	"slash or ends in .lab; without one, all labs there are meant.\n"

/* Append the files of these words, the last of which is followed by NULL: a
 * word with a slash or a ".lab" at its end is a file, another one the lab of
 * that name in `dir`; no word, all labs there by name. ERR_NOTFOUND where there
 * is none. */
int labs_find(
    struct strlist *ret, const char *dir, char *const *words, struct err *err);

#endif
