/*
 * A source at work: a plugin of the kind source (<lookback/source.h>) in a
 * process of its own. What it says comes through a pipe and is checked like any
 * bytes from outside: it may have been written by what the plugin parsed.
 *
 *	struct source_options o = { .uri = &uri };
 *
 *	if ((rc = source_open(&source, &o, err)) != 0)
 *		return rc;
 *	while ((rc = source_next(source, &item, err)) == 0)
 *		...
 *	source_close(source);
 *
 * The plugin is that of the scheme's name, and "fs" for file. The process, and
 * what it started, ends with source_close, with ours (also by kill -9), and when
 * it has used up what it is allowed; nothing of it stays: no process, mount, loop
 * device or temporary file. "Ours" is the thread that opened it: a source does not
 * outlive that.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef PLUGIN_SOURCE_H
#define PLUGIN_SOURCE_H

#include "base/entry.h"
#include "base/err.h"
#include "base/uri.h"

#include <lookback/plugin.h>
#include <lookback/source.h>

/* What no source may go beyond; written in lindex(8). */
#define SOURCE_ENTRIES_MAX UINT64_C(100000000) /* what is not read as well */
#define SOURCE_SAID_MAX \
	UINT64_C(0x800000000) /* bytes, without content: 32 GiB */
#define SOURCE_MESSAGES_MAX 1000u
#define SOURCE_PATH_MAX 65535u	   /* bytes */
#define SOURCE_DEPTH_MAX 2048u	   /* components */
#define SOURCE_EXPANSION_MAX 2000u /* bytes out for a byte in, once ... */
#define SOURCE_FREE UINT64_C(0x100000000) /* ... more than 4 GiB came out */
#define SOURCE_MEMORY_MAX UINT64_C(0x40000000) /* of its process: 1 GiB */
#define SOURCE_CPU_MAX_S 86400u		       /* of processor time */
#define SOURCE_SILENCE_S 600 /* without an item, a byte, a sign of life */
#define SOURCE_WAIT_S 86400  /* that we waited for it, all in all */

struct source_options {
	const struct uri *uri; /* borrowed until source_open returns */
	/* The plugin's, ended by a NULL key; NULL: none. */
	const struct lookback_setting *settings;
	/* Not 0: calls give ERR_CANCELLED soon; NULL for none. */
	volatile const int *stop;
};

struct source;

/* Opens the file of the URI, if it has one (ERR_SYS with its errno), starts the
 * process and learns what it is. ERR_NOTFOUND: there is no such plugin.
 * ERR_FORMAT: it is not what the scheme says. ERR_REFUSED: a login, or trust. */
int source_open(
    struct source **ret, const struct source_options *, struct err *);

/* What the source says of itself; texts live as long as it. */
const struct lookback_about *source_about(const struct source *);

/* One item. All paths are valid (path_is_valid) and within the limits, all
 * entries are (entry_is_valid), and where about says ordered they rise. Texts
 * and paths are valid until the next call. */
struct source_item {
	uint32_t kind; /* enum lookback_item_kind */
	const char *path;
	size_t len;
	struct entry entry; /* of LOOKBACK_ENTRY */
	int error;	    /* of UNREAD and UNLOOKED; 0: none fits */
	const char *why;    /* "" where nothing is said; control bytes as '?' */
};
/* 0 with an item; 1 at the end; an error when it ends early: what came until
 * then is true, and the rest is not known. ERR_REFUSED: a limit. */
int source_next(struct source *, struct source_item *, struct err *);

/* Ends its process. NULL is fine. */
void source_close(struct source *);

/* ---- content ---- */

/* As lookback_piece_fn; never more than 1 MiB at a time. A return that is not 0
 * ends source_read, which returns it (negative, with err set by the callee).
 * `piece->why` has no control bytes. */
typedef int source_piece_fn(
    void *ctx, size_t i, const struct lookback_piece *, struct err *);

/* Open the source, get the content of these paths (in path order, each once),
 * close it. What got no piece is not there. */
int source_read(const struct source_options *, const struct lookback_want *,
    size_t n, source_piece_fn *, void *ctx, struct err *);

#endif
