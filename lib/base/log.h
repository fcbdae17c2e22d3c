/*
 * Messages of a program, on stderr: "lindex: text". A function of a library
 * either returns an error or nothing; only programs print.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

#include <stdbool.h>

/* The name in front of every message; once, at the start. */
void log_program(const char *name);
/* "prog: text", control bytes quoted, one line. Safe from any thread. */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "prog: where: cause". */
void log_err(const struct err *);

/* From now on hand messages to fn in place of stderr: `level` is "" or
 * "warning: ". For a process that talks to another; before it has threads. */
void log_divert(
    void (*fn)(void *ctx, const char *level, const char *text), void *ctx);

/* A progress line on stderr, drawn at most five times a second and only when
 * stderr is a terminal; log_* clears it first. */
void progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void progress_end(void);
bool progress_wanted(void);

#endif
