/*
 * What may be asked of a store: random patterns, times and states.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_QUESTION_H
#define SUPPORT_QUESTION_H

#include "search/hits.h"
#include "tests/support/model.h"

#define PATTERNS_MAX 2

struct question {
	char text[PATTERNS_MAX][512];
	char *patterns[PATTERNS_MAX];
	size_t n;
	struct pattern_options how;
	struct selection sel;
	const char *globs[2];
};

/* Draw one that some of the model's paths may answer. It points into itself. */
void question_draw(struct model *, struct question *);

#endif
