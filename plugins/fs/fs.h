/*
 * What the files of the plugin fs share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef PLUGINS_FS_H
#define PLUGINS_FS_H

#include "base/scope.h"
#include "sys/walk.h"

#include <lookback/plugin.h>
#include <lookback/source.h>

struct fs {
	const struct lookback_host *host; /* borrowed */
	int fd;				  /* the directory; the host's */
	struct scope scope;		  /* its path, and nothing pruned */
	size_t skip;			  /* bytes of paths that are its own */
	struct walk *walk;		  /* owned; from the first next on */
};

/* As in struct lookback_source. */
int fs_read(void *self, const struct lookback_want *, size_t n,
    lookback_piece_fn *, void *ctx);

#endif
