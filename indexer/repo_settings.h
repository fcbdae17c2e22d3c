/*
 * What there is to say of a backup repository, in server.conf or on a command
 * line.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_REPO_SETTINGS_H
#define INDEXER_REPO_SETTINGS_H

#include "base/scope.h"

struct repo_settings {
	const char *dir;	    /* absolute; borrowed */
	struct strlist patterns;    /* the first that matches counts */
	struct strlist incremental; /* globs of paths below dir */
	char *host; /* where no pattern says it; NULL: this machine */
	bool trust_image;
};

/* Frees all but dir. */
void repo_settings_done(struct repo_settings *);

#endif
