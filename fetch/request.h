/*
 * The command line of lget.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_REQUEST_H
#define FETCH_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

struct request {
	const char *to; /* NULL: the working directory */
	bool to_stdout, recursive, owner, force, dry_run;
	const char *store, *config; /* NULL: the usual ones */
	bool trust_image;
	const char *identity, *known_hosts; /* NULL: the usual ones */
	const char *host_key_alias;	    /* NULL: the machine's own name */
	bool quiet, verbose;
	char **refs; /* borrowed from argv */
	size_t n_refs;
};

/* 0 to go on, else 1 with the exit status. */
int request_read(struct request *ret, int argc, char **argv, int *ret_status);

#endif
