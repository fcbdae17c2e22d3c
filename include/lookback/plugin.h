/*
 * What a plugin is: a shared object NAME.so that exports one function,
 *
 *	const struct lookback_plugin *lookback_plugin(void);
 *
 * which returns a constant table: what the plugin is called, what can be set,
 * and what it can do. It includes nothing but these headers of ours.
 *
 *	lookback_plugin -> open -> any operations, in any order -> close
 *	                    ^                                        |
 *	                    +----------------------------------------+
 *
 * - Lifetime. A plugin that was loaded stays loaded until the program ends, so
 *   its threads, exit handlers and texts stay valid. What it is handed is
 *   borrowed for that call, except for the host's services: they are valid from
 *   open until close returns. There may be several handles at a time; a plugin
 *   keeps what it must remember behind its handle, not in global variables, and
 *   has no constructors.
 * - Threads. Calls on one handle come one after the other, not always from the
 *   same thread; calls on different handles may come at the same time. The
 *   services may be called during a call only, by the thread that was called.
 * - Errors. A call that can fail returns 0 when done and a negative errno when
 *   not, after it told the host why: `return host->fail(host->ctx, errno, ...)`.
 *   A plugin never prints and never exits.
 * - Growth. Each table begins with its size as its plugin was compiled, and
 *   grows at its end only. A host copies what both know and takes the rest for
 *   absent, so that old plugins run under new hosts and new plugins under old
 *   ones. A plugin looks at host->size before it calls a service that came
 *   later, and whoever is handed a struct with a size reads no field past it.
 *   What changes otherwise gets another ABI number, and is refused.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LOOKBACK_PLUGIN_H
#define LOOKBACK_PLUGIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LOOKBACK_PLUGIN_ABI 1u

enum lookback_kind {
	LOOKBACK_LAB = 1, /* ops: struct lookback_lab, in <lookback/lab.h> */
	LOOKBACK_SOURCE =
	    2,		    /* struct lookback_source, in <lookback/source.h> */
	LOOKBACK_STORE = 3, /* none yet */
};

/* ---- what the host lends ---- */

enum lookback_level {
	LOOKBACK_NOTE = 1, /* what a person may like to know */
	LOOKBACK_WARN = 2, /* what may be wrong, though the call goes on */
};

struct lookback_host {
	uint32_t size; /* of this table in the host */
	void *ctx;     /* first argument of each service */

	/* Say why a call fails: one line without a newline, the kernel's or the
	 * library's own words included. The last one counts. Returns -err, and
	 * -EIO for 0; an errno that is negative already stays so. */
	int (*fail)(void *ctx, int err, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
	/* A message that is no failure: one line, level of enum lookback_level. */
	void (*log)(void *ctx, uint32_t level, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

	/* Not 0: the call is to end soon, as by Ctrl-C. Who asks does so between
	 * the parts of long work and some ten times a second while it waits, in
	 * whatever namespace it is, and fails with ECANCELED. A source that asks is
	 * at work: it may then go on for long without an item. Came later. */
	int (*stopping)(void *ctx);
};

/* ---- what can be set ---- */

enum lookback_type {
	LOOKBACK_TEXT = 1,
	LOOKBACK_NUMBER = 2, /* decimal digits, at most 2^63 - 1 */
	LOOKBACK_BOOL = 3,   /* "yes" or "no" */
};

/* The host checks keys and types, puts in defaults, and prints the help. */
struct lookback_option {
	const char *key;
	uint32_t type; /* enum lookback_type; one unknown to a host is text */
	const char *dflt; /* as the user would write it; NULL: left out */
	const char *help; /* one line */
};

struct lookback_setting {
	const char *key, *value;
};

/* ---- the plugin ---- */

struct lookback_plugin {
	uint32_t abi;	/* LOOKBACK_PLUGIN_ABI */
	uint32_t size;	/* sizeof(struct lookback_plugin) */
	uint32_t kind;	/* enum lookback_kind */
	uint32_t flags; /* 0; a host refuses what it does not know */

	const char *name;    /* of the file, without .so: [a-z0-9-]+ */
	const char *version; /* its own, for people */
	const char *about;   /* one line */

	/* Ended by a NULL key; NULL: nothing can be set. */
	const struct lookback_option *options;

	/* A new handle. `settings`, ended by a NULL key, holds each option once,
	 * in the order of the table, less those that have no value. On failure
	 * there is no handle, and close is not called. */
	int (*open)(const struct lookback_host *host,
	    const struct lookback_setting *settings, void **ret_self);
	void (*close)(void *self);

	/* The operations of its kind; begins with a uint32_t, its size. */
	const void *ops;
};

/* Everything else is compiled with -fvisibility=hidden. */
__attribute__((visibility("default"))) const struct lookback_plugin *
lookback_plugin(void);

#ifdef __cplusplus
}
#endif

#endif
