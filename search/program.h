/*
 * A tree as a nondeterministic automaton, for dfa.c only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_PROGRAM_H
#define SEARCH_PROGRAM_H

#include "search/dfa.h"

enum op_kind {
	OP_MATCH,
	OP_SET,	  /* a byte of `set`, then x */
	OP_SPLIT, /* x or y */
	OP_BEGIN, /* x, where the subject begins */
	OP_END,	  /* x, where it ends */
};

struct op {
	enum op_kind kind;
	uint32_t x, y;
	uint32_t set; /* index into program.sets */
};

struct program {
	struct op *op; /* owned; op[0] is the one OP_MATCH */
	uint32_t n, cap, start;
	struct byteset *sets; /* owned, no two alike */
	uint32_t n_sets;
	/* Bytes that no set tells apart are of one class; the edge of the
	 * subject is a class of its own, the last one. */
	uint16_t class_of[256];
	uint16_t n_classes, edge;
	uint8_t byte_of[257]; /* one byte of each class but the edge */
};

#endif
