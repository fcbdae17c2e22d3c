/*
 * What a call prints.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_OUTPUT_H
#define SUPPORT_OUTPUT_H

#include "base/buf.h"

struct output {
	struct buf out, err; /* owned; of the first MiB each */
	int file[2], old[2]; /* while it is caught */
};

/* Between these, what goes to stdout and stderr is caught. */
void output_catch(struct output *);
void output_release(struct output *);
void output_done(struct output *);

#endif
