/*
 * The options that both ends of a push take.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_END_OPTIONS_H
#define INDEXER_END_OPTIONS_H

struct end_options {
	const char *config, *host, *store;
};

/* Fill from the command line of lindex `command`; --help prints `help`. 0 to
 * go on, else 1 with the exit status; what is wrong was told. */
int end_options_parse(const char *command, const char *help, int argc,
    char **argv, struct end_options *, int *ret_status);

#endif
