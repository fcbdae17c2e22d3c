/*
 * Origins: URIs that say where a source is.
 *
 *	file://web01/srv              a live file system, on web01
 *	archive://backup1/b/etc.tar?size=4711&mtime=1763694000.5
 *	image:..., locatedb:...       the same way
 *	sftp://root@192.168.150.36:2222/srv
 *
 * A path is absolute bytes; what is no unreserved character of RFC 3986, nor a
 * '/', is %XX. People may leave out the host and write `archive:/b/etc.tar` or
 * `archive:etc.tar`; what is recorded has it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_URI_H
#define BASE_URI_H

#include "base/buf.h"
#include "base/err.h"

/* Zeroed: none. All strings are owned. */
struct uri {
	char *scheme;  /* [a-z][a-z0-9-]* */
	char *user;    /* NULL: none */
	char *host;    /* NULL: none */
	unsigned port; /* 0: none */
	char *path;    /* decoded; "" where there is none */
	/* What the source was when it was recorded: */
	bool has_size, has_mtime;
	uint64_t size;
	int64_t mtime_ns; /* since 1970 */
	bool additive;	  /* what was not in it may have been there: an
			   * incremental archive */
};

/* ERR_USAGE says what is wrong; then *ret is none. */
int uri_parse(struct uri *ret, const char *text, struct err *);
void uri_done(struct uri *);
/* Appends what uri_parse reads back. 0, -1 out of memory. */
int uri_format(const struct uri *, struct buf *);

#endif
