/*
 * A lab that a command works on, and the loop over those of a command line.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_USE_H
#define LABROUTER_USE_H

#include "model.h"
#include "plan.h"

#include "plugin/plugin.h"

#include <stdbool.h>

struct lab_use {
	struct lab lab;
	struct buf text;	    /* owned; the file's; empty without one */
	enum lab_attach attach;	    /* as this host has it */
	struct lookback_plan *plan; /* owned */
	struct plugin plugin;
	struct plugin_handle handle; /* closed until lab_use_open */
	bool stop; /* the plan takes the lab away, which is always finished */
};

/* Read the file and plan its start, or its stop. lab_use_end frees it, which is
 * not needed after an error. It must not move. */
int lab_use_begin(struct lab_use *, const char *file, bool stop, struct err *);
/* The same for the stop of a lab without a file, of what its name tells, its
 * bridges as well if nothing else told of them; whether anything is there in
 * ret_any. */
int lab_use_begin_named(struct lab_use *, const char *name, bool bridges,
    bool *ret_any, struct err *);
/* Open the plugin that the lab names. */
int lab_use_open(struct lab_use *, struct err *);
void lab_use_end(struct lab_use *);

/* 0 and more: an exit status. Below: an error, in err. */
typedef int lab_file_fn(const char *file, void *ctx, struct err *);

/* Call fn with the file of each lab that the words mean (labs_find), the next
 * one also after an error, which is logged, but none once a signal waits
 * (base/interrupt.h). Returns the worst exit status: that
 * of an error is LABROUTER_PROBLEMS where a file says what it may not, else
 * LABROUTER_ERROR. */
int labs_each(char *const *words, lab_file_fn *fn, void *ctx);
/* A whole command of labs whose one option is --json: the context of fn is a bool
 * that says whether it is given. */
int labs_each_json(int argc, char **argv, const char *help, lab_file_fn *fn);

#endif
