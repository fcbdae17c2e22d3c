/*
 * Errors: a caller-owned story of what failed and where.
 *
 * Deeds return 0 when done and a negative enum err_code when not; iterators
 * return 1 at the end. The last parameter, never NULL, carries the story: a
 * cause (first message, never pushed out) and a where (context added by each
 * level on the way up; the outermost is cut first when it grows too long).
 * Nothing is allocated, so it works out of memory and in any thread.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stddef.h>

enum err_code {
	ERR_OK = 0,
	ERR_NOMEM = -1,	    /* out of memory, or over our own bound */
	ERR_SYS = -2,	    /* a system call failed; err.sys is its errno */
	ERR_FORMAT = -3,    /* bytes from disk, wire or user are not valid */
	ERR_USAGE = -4,	    /* the request itself is wrong */
	ERR_NOTFOUND = -5,  /* what was named is not there */
	ERR_BUSY = -6,	    /* somebody else holds it; a later try may work */
	ERR_CANCELLED = -7, /* asked to stop */
	ERR_REFUSED = -8,   /* the other side or a policy (quota) said no */
	ERR_VERSION = -9,   /* a newer format than this program reads */
};

struct err {
	int code;	  /* enum err_code; 0 while nothing failed */
	int sys;	  /* errno, or 0 */
	char cause[512];  /* what is wrong, without a trailing newline */
	char where[1024]; /* "store /a: segment 4: ", or empty */
};

#define ERR_INIT             \
	{                    \
		0, 0, { 0 }, \
		{            \
			0    \
		}            \
	}

/* Forget everything. */
void err_clear(struct err *);

/* Set code and cause; err.sys stays 0. Returns code, for `return err_set(...)`.
 * An error already set is replaced. */
int err_set(struct err *, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ERR_SYS with the current errno: cause is "<text>: <strerror>". */
int err_sys(struct err *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ERR_NOMEM. */
int err_nomem(struct err *);

/* Put "<text>: " in front of where. Returns err->code. */
int err_wrap(struct err *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The analyser sees one file at a time: let it know what these return. */
#ifdef __clang_analyzer__
#define err_set(err, code, ...) ((void)err_set(err, code, __VA_ARGS__), code)
#define err_sys(...) ((void)err_sys(__VA_ARGS__), ERR_SYS)
#define err_nomem(err) ((void)err_nomem(err), ERR_NOMEM)
#endif

/* "where" and "cause" as one line, NUL-terminated, control bytes as '?'.
 * Returns buf. */
const char *err_text(const struct err *, char *buf, size_t size);

#endif
