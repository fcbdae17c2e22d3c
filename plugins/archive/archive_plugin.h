/*
 * archive: what backup archives hold, by libarchive.
 *
 *	archive_plugin.c   the plugin: open, attach, about
 *	list.c             next: the members as items
 *	content.c          read: the content of some members
 *	header.c           one member after the other, for both
 *	input.c            the file below, and the weighing of what it unpacks to
 *	links.c            what hard links lead to
 *	tar_head.c         what libarchive does not tell of a tar
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef ARCHIVE_PLUGIN_H
#define ARCHIVE_PLUGIN_H

#include "input.h"
#include "links.h"

#include <archive_entry.h>
#include <iconv.h>
#include <locale.h>

/* A path, as a store has it; zeroed: none. */
struct name {
	char *path; /* owned; a NUL behind it, where it is a member's */
	size_t len, cap;
};

struct source_archive {
	const struct lookback_host *host; /* borrowed */
	bool mtree;
	struct input in;
	/* libarchive makes names of UTF-16 and UTF-8 by the locale, and its own
	 * converters by iconv, which wants files that are out of reach later. */
	locale_t utf8;	  /* owned */
	iconv_t warm[2];  /* owned; kept for what they load */
	enum input_as as; /* as what it was opened */
	char format[64];

	/* The current member. */
	struct archive_entry *entry; /* libarchive's; NULL: none */
	bool ahead;		     /* read, and nobody has asked for it yet */
	int ahead_rc;
	struct name name; /* of the member */
	struct name to;	  /* what it is a hard link to; len 0: nothing */

	/* next */
	struct links links;
	uint64_t group;	   /* whose waiting names are told now; 0: none */
	char *told;	   /* owned; the path of the item before */
	bool unlooked;	   /* the item before could not be looked at */
	bool damage_told;  /* that members are missing */
	bool later_volume; /* members are missing before the first one */
	unsigned n_warned;
};

/* What header_next found beside 0, 1 and failures: a damaged member, of which
 * the host was not told; there may be others behind it. */
#define HEADER_DAMAGED 2

/* Open the file as what it is: 0, or a failure that the host was told. */
int header_open(struct source_archive *);
/* The next member, its names too: 0, 1 at the end, HEADER_DAMAGED, or a failure
 * that the host was told. */
int header_next(struct source_archive *);
/* Read a member ahead, so that the format is known. */
void header_peek(struct source_archive *);
/* Its type as find -type has it, 0 where the archive does not say. */
char header_type(const struct source_archive *);
/* Whether other members may be names of the same file. */
bool header_may_link(const struct source_archive *);
/* Whether it says when its content was modified, and when. */
bool header_mtime(
    const struct source_archive *, int64_t *ret_s, uint32_t *ret_ns);

int archive_list_next(struct source_archive *, struct lookback_item *);
int archive_content(struct source_archive *, const struct lookback_want *,
    size_t n, lookback_piece_fn *, void *ctx);

#endif
