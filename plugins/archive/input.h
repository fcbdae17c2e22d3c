/*
 * An archive's file under libarchive: read in large blocks, from any place, and
 * again from the start as often as needed; what comes out is weighed against
 * what went in.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef ARCHIVE_INPUT_H
#define ARCHIVE_INPUT_H

#include <archive.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lookback/plugin.h>
#include <lookback/source.h>

/* As what the file is looked at. */
enum input_as {
	INPUT_ARCHIVE, /* of any kind that says by its bytes that it is one */
	INPUT_ZIP,     /* a zip without the directory at its end */
	INPUT_MTREE,
	INPUT_BYTES, /* what lies below the compression, whatever it is */
};

struct input {
	const struct lookback_host *host; /* borrowed */
	const struct lookback_limits *limits;
	int fd; /* borrowed; its own position does not matter */
	uint64_t size;
	struct archive *archive; /* owned; NULL: not open */
	void *block;		 /* owned */
	uint64_t at;		 /* in the file */
	size_t next;		 /* bytes to read next */
	uint64_t most;		 /* how far it came */
	uint64_t given;		 /* bytes of content */
	bool opened;		 /* it is of a kind that is known */
	bool ended;		 /* the file's end was met */
	int why; /* the errno of a read or a limit that ended it */
};

/* 0, or a failure that the host was told. */
int input_attach(struct input *, const struct lookback_host *,
    const struct lookback_origin *);
/* From the start. 0, or a negative errno: input_fail knows why. */
int input_open(struct input *, enum input_as);
void input_close(struct input *);
void input_done(struct input *);

/* Number of layers of compression. */
int input_layers(const struct input *);

/* Give the content of the current member away: 0, or what libarchive said. */
int input_skip(struct input *);

/* Content came: 0, or ARCHIVE_FATAL when it is too much for what went in. */
int input_count(struct input *, size_t bytes);

/* Tell the host why libarchive gave up. Returns a negative errno. */
int input_fail(struct input *);

#endif
