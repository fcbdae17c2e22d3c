/*
 * Within lib/plugin: what passes between a source's process and ours.
 *
 * A frame is a byte, its type; four bytes, little-endian, the length of the rest;
 * the rest. Numbers in it are LEB128, signed ones zigzag.
 *
 *	A about   fields, flags (1 ordered, 2 additive, 4 has a date), date,
 *	          format
 *	I item    kind, fields, path length, path; of an entry each field that
 *	          it has: type byte, mode, uid, gid, size, mtime, its ns, target
 *	          length, target; of what was not read: errno, words
 *	P piece   index, offset, flags (1 last, 2 fails, 4 has a time, 8 may
 *	          have other names), mtime and its ns where it has a time, the
 *	          number of its file where it may have other names, data; or,
 *	          where it fails: errno, words
 *	L log     level, words
 *	S sign    of life: nothing
 *	E end
 *	F failure error code, errno, words
 *
 * Words, the format and data fill what is left of the frame.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef PLUGIN_SOURCE_PRIVATE_H
#define PLUGIN_SOURCE_PRIVATE_H

#include "base/buf.h"
#include "plugin/plugin_private.h"
#include "plugin/source.h"

#include <sys/types.h>

#define FRAME_HEAD 5
#define PIECE_MAX ((size_t)1024 * 1024)
#define FRAME_MAX (PIECE_MAX + 64)
#define WORDS_MAX 1024

enum frame {
	FRAME_ABOUT = 'A',
	FRAME_ITEM = 'I',
	FRAME_PIECE = 'P',
	FRAME_LOG = 'L',
	FRAME_SIGN = 'S',
	FRAME_END = 'E',
	FRAME_FAILURE = 'F',
};

/* ---- writing: append one frame. 0, -1 out of memory ---- */

int frame_about(struct buf *, const struct lookback_about *);
int frame_item(struct buf *, const struct lookback_item *);
int frame_piece(struct buf *, size_t i, const struct lookback_piece *);
int frame_log(struct buf *, uint32_t level, const char *words);
int frame_sign(struct buf *);
int frame_end(struct buf *);
int frame_failure(struct buf *, const struct err *);

/* ---- reading: the rest of a frame, bytes from outside ---- */

/* Words as text for people; cut to fit. */
void frame_words(struct reader *, char ret[static WORDS_MAX]);
/* ERR_FORMAT. `format` gets the text. */
int frame_read_about(struct reader, struct lookback_about *ret,
    char format[static WORDS_MAX], struct err *);
/* The item borrows from the frame, `why` from words. */
int frame_read_item(struct reader, struct source_item *ret,
    char words[static WORDS_MAX], struct err *);
/* n: how many were wanted. */
int frame_read_piece(struct reader, size_t n, size_t *ret_i,
    struct lookback_piece *ret, char words[static WORDS_MAX], struct err *);
/* Returns the failure itself; never ERR_NOMEM or ERR_CANCELLED. */
int frame_read_failure(struct reader, struct err *);

/* ---- the process ---- */

/* Bounds; tests use small ones. */
struct source_limits {
	uint64_t items;	   /* of any kind */
	uint64_t said;	   /* bytes of frames, but those of content */
	uint32_t messages; /* more are not told */
	uint32_t path, depth;
	uint64_t expansion, free; /* for the plugin */
	uint64_t memory, cpu_s;	  /* of its process */
	int64_t silence_ms, wait_ms;
};
extern const struct source_limits source_limits_default;

struct source_task {
	const struct source_options *options;
	const struct source_limits *limits;
	const struct lookback_want *want; /* NULL: list it */
	size_t n;
	int stream; /* what a process says, for tests; -1: there is to be one */
};

/* What source_open and source_read do. A stream is taken. */
int source_start(struct source **ret, const struct source_task *, struct err *);
int source_content(
    const struct source_task *, source_piece_fn *, void *ctx, struct err *);

/* A process at that task, and the pipe of what it says. */
int process_start(
    pid_t *ret_pid, int *ret_in, const struct source_task *, struct err *);
/* It has closed its pipe and did not say how it ended: an error that does. It
 * has been waited for then. 0: there was none. */
int process_died(pid_t, struct err *);
/* End it, and wait for that. */
void process_end(pid_t);

/* All that happens in the child, which has but `out` and the standard
 * descriptors. Never returns. */
void source_child(const struct source_task *, int out)
    __attribute__((noreturn));

#endif
