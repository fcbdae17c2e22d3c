/*
 * Where a version of a path may still lie: in which snapshots' sources, of its
 * own series and of the others of its host, the cheapest first.
 *
 *	series web01          live, /etc/fstab
 *	web01/backup/etc      archive of 2026-11-20, /etc/fstab
 *	web01/disk            image of 2026-11-19, /p1/etc/fstab
 *
 * Nothing but the store is looked at: whether a source is still there, and still
 * what it was, is for whoever wants it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef STORE_PLACES_H
#define STORE_PLACES_H

#include "base/uri.h"
#include "store/life.h"

enum place_kind {
	PLACE_LIVE,  /* the files of the series' host, as they are now */
	PLACE_FILES, /* files on another one: a copy */
	PLACE_ARCHIVE,
	PLACE_IMAGE,
	PLACE_LAB,  /* a restored machine */
	PLACE_NONE, /* names alone, or nothing that we know */
};

/* Where a snapshot comes from. */
struct origin {
	enum place_kind kind;
	char *text;	/* as recorded */
	struct uri uri; /* none where the text is no URI */
};

struct places;

/* Store and view are borrowed. Damaged segments are passed over, as by
 * path_events. */
int places_open(
    struct places **ret, struct store *, struct view *, struct err *);
void places_close(struct places *);

/* Read once for each snapshot; stays until places_close. */
int places_origin(struct places *, const struct snapshot_row *,
    const struct origin **ret, struct err *);

enum moment_kind {
	MOMENT_LAST,  /* the last version that is known */
	MOMENT_AT,    /* the one listed at that time */
	MOMENT_UNTIL, /* the last one that began not after it */
};
struct moment {
	enum moment_kind kind;
	int64_t ns;
};

/* A version of a path. */
struct wanted {
	const struct series_row *series;
	const char *path; /* the caller's */
	size_t len;
	struct version version;		 /* its target stays until the next
					  * places_find */
	const struct snapshot_row *last; /* of its life, and of the time */
	bool current;			 /* as far as is known it is still so */
};

/* 0; 1: there is no such version. Cheap where paths come in path order. */
int places_find(struct places *, const struct series_row *, const char *path,
    size_t len, const struct moment *, struct wanted *ret, struct err *);

struct place {
	const struct origin *origin;
	const struct series_row *series;
	const struct snapshot_row *snap; /* that lists it there */
	const char *path;		 /* there */
	size_t len;
};

/* The host on which it lies, up to a "/" or the end; NULL: `here`. What a host
 * pushed lies on that host, whatever it says: where else to look is not for it to
 * choose. */
const char *place_host(const struct place *, const char *here);

/* All of them; PLACE_NONE only of its own series, and last. They stay until the
 * next places_list or places_own.
 *
 * Of its own series: the snapshots of its life, first those dated not after
 * `last` from the newest on; of an incremental archive only the one that brought
 * it. Of other series: versions of the same path, below a volume's directory
 * where the source is an image with volumes, that agree in type, size and mtime,
 * all of them observed; an mtime of whole seconds agrees with any in that second,
 * or in two, as FAT has them. What lives is a place only as long as nothing newer
 * is known. */
int places_list(struct places *, const struct wanted *,
    const struct place **ret, size_t *ret_n, struct err *);
/* Only those of its own series. */
int places_own(struct places *, const struct wanted *, const struct place **ret,
    size_t *ret_n, struct err *);

/* Whether these are the times of one file, one of them perhaps without the part
 * of a second. */
bool mtime_agrees(const struct entry *, const struct entry *);

#endif
