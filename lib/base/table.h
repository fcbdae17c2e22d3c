/*
 * Rows of text in aligned columns, for people.
 *
 * A zeroed struct table is an empty one.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/buf.h"

#include <stdio.h>

#define TABLE_COLUMNS 16

struct table {
	struct buf text; /* the cells, each with a NUL */
	size_t width[TABLE_COLUMNS];
	size_t n_columns; /* of the first row: its heading */
	size_t n_cells;
	bool failed;
};

/* The next cell; the first row ends with table_heading_done. Text of cells is
 * printable ASCII. */
void table_cell(struct table *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void table_heading_done(struct table *);
/* Print it, cells of columns in `right` (a string of column letters "bc", a
 * the first) to the right, and free it. 0, or -1 when memory ran out. */
int table_print(struct table *, FILE *, const char *right);

#endif
