/*
 * What a plugin of the kind source can do: list what a thing holds (an archive,
 * a disk image, a machine, an old database) and give the content of single
 * paths of it.
 *
 *	open -> attach -> about -> next ... next -> close
 *	          |         |                        |
 *	          |         +----> read -------------+
 *	          +- the jail closes when attach returns
 *
 * All of it happens in a process of its own that the host made for this one
 * source and that ends with it. In attach the plugin gets hold of what it will
 * need: files, connections, helper programs, mounts. It must not yet look at
 * what others wrote. When attach returns, the host takes everything else away:
 * no file can be opened, no socket made and no program started any more, but
 * for files below directories that the plugin named by keep. So whatever comes
 * of hostile bytes, comes where there is nothing to be had. Memory and processor
 * time are bounded too; a plugin that runs out is ended, and the host says so.
 *
 * Paths are absolute bytes as a store holds them (lib/base/path.h): one '/' in
 * front and between components, none at the end but of "/" itself, no NUL. A
 * plugin makes them so from what the source says, dropping "./" and leading
 * slashes; a ".." stays, as any name. Order is free and parents may be missing,
 * unless about says otherwise. Of several entries of one path the last counts.
 *
 * Lifetime, threads and errors are those of <lookback/plugin.h>.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LOOKBACK_SOURCE_H
#define LOOKBACK_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How far a plugin follows what a source claims of itself. The host counts
 * entries and bytes of names, too; only the plugin knows what it unpacks. */
struct lookback_limits {
	uint32_t size;	    /* of this struct in the host */
	uint64_t entries;   /* of the whole source */
	uint32_t path;	    /* bytes of a path */
	uint32_t depth;	    /* components of a path */
	uint64_t expansion; /* bytes out for a byte in, once ... */
	uint64_t free;	    /* ... more than these bytes came out */
};

/* Where the source is. All of it stays until close. */
struct lookback_origin {
	uint32_t size;	  /* of this struct in the host */
	const char *uri;  /* as it was given */
	const char *path; /* of a file or directory here; NULL: not here */
	int fd;		  /* that, open for reading, the host's; -1: none */
	const char *user, *host; /* NULL: none */
	uint32_t port;		 /* 0: the usual one */
	const struct lookback_limits *limits;
	/* Files below this directory may be opened for reading after attach,
	 * which else none may. For attach only. 0 or a negative errno. */
	int (*keep)(void *ctx, int dirfd);
	void *ctx;
};

enum lookback_field { /* as in a store */
	LOOKBACK_TYPE = 0x01,
	LOOKBACK_MODE = 0x02,
	LOOKBACK_OWNER = 0x04, /* uid and gid */
	LOOKBACK_SIZE = 0x08,
	LOOKBACK_MTIME = 0x10,
	LOOKBACK_TARGET = 0x20,
};

/* What is true of the whole source. */
struct lookback_about {
	uint32_t size;	 /* of this struct in the host; fields past it: none */
	uint32_t fields; /* that any entry may have */
	bool ordered;	 /* in path order, each once, parents first */
	bool additive;	 /* absence says nothing: an incremental archive */
	bool has_date;	 /* the source knows when it was made ... */
	int64_t date_ns; /* ... since 1970 */
	const char *format; /* for people: "tar.zst", "qcow2"; or NULL */
};

enum lookback_item_kind {
	LOOKBACK_ENTRY = 1,    /* path is there, with these fields */
	LOOKBACK_UNREAD = 2,   /* what is below path could not be read */
	LOOKBACK_UNLOOKED = 3, /* path is there (an ENTRY says so as well), but
				 * could not be looked at: encrypted, cut off */
	LOOKBACK_OUTSIDE = 4,  /* nobody wanted to look below path: pruned,
				 * another file system */
};

struct lookback_item {
	uint32_t size;	  /* of this struct in the host */
	uint32_t kind;	  /* enum lookback_item_kind */
	const char *path; /* valid until the next call, as are all */
	size_t len;
	/* of an ENTRY */
	uint32_t fields; /* the others count for nothing */
	char type;	 /* f d l b c p s, as find -type has them */
	uint16_t mode;	 /* 07777 */
	uint32_t uid, gid;
	uint64_t bytes; /* the size */
	int64_t mtime;	/* s since 1970 */
	uint32_t mtime_ns;
	const char *target; /* of a link */
	size_t target_len;
	/* of UNREAD and UNLOOKED */
	int error;	 /* an errno; 0: none fits */
	const char *why; /* one line for people; or NULL */
};

/* A path whose content is asked for. */
struct lookback_want {
	const char *path;
	size_t len;
};

/* A part of the content of want[i]. Parts come with rising offsets; what lies
 * between them is a hole, as is what lies between the last one and the end. Those
 * of several paths may take turns, as names of one file in an archive do.
 * One that begins at 0 after a last one begins anew: the same path came again,
 * and the last one counts. */
struct lookback_piece {
	uint32_t size; /* of this struct in the plugin */
	uint64_t offset;
	const void *data;
	size_t len; /* may be 0 */
	bool last;  /* nothing follows, and the whole has offset + len bytes */
	/* Not NULL: it cannot be read, or not further, for this reason. */
	const char *why;
	int error; /* an errno; 0: none fits */
	/* Of the last one: when what was given was modified, as the source says
	 * it in an item. Came later. */
	bool has_mtime;
	int64_t mtime;
	uint32_t mtime_ns;
	/* Of the last one too: wanted paths of one source with the same number
	 * are names of one file, as hard links are. 0: it has no other name, or
	 * nobody knows. Who gets it does not trust it. Came later. */
	uint64_t same;
};
/* Not 0: stop, and return that. */
typedef int lookback_piece_fn(
    void *ctx, size_t i, const struct lookback_piece *);

enum lookback_source_flag {
	LOOKBACK_FAR = 1, /* the URI's path is not of a file here */
};

struct lookback_source {
	uint32_t size;	/* sizeof(struct lookback_source) */
	uint32_t flags; /* enum lookback_source_flag */

	/* Get hold of it. Once, first. */
	int (*attach)(void *self, const struct lookback_origin *);

	/* Find out what it is; second. A failure says what is wrong with it:
	 * "no archive that is known". */
	int (*about)(void *self, struct lookback_about *);

	/* 0 with an item, 1 at the end, or a failure: what came until then is
	 * true, and the rest is not known. */
	int (*next)(void *self, struct lookback_item *);

	/* The content of regular files, `want` in path order, each path once;
	 * in place of next. What is not there, or is no file, gets no piece.
	 * NULL: it has no content. */
	int (*read)(void *self, const struct lookback_want *want, size_t n,
	    lookback_piece_fn *give, void *ctx);
};

#ifdef __cplusplus
}
#endif

#endif
