/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void
table_cell(struct table *t, const char *fmt, ...)
{
	size_t column, len;
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		t->failed = true;
		return;
	}
	len = (size_t)n;
	if (buf_add(&t->text, text, len + 1) != 0)
		t->failed = true;
	free(text);
	column = t->n_columns == 0 ? t->n_cells : t->n_cells % t->n_columns;
	if (len > t->width[column])
		t->width[column] = len;
	t->n_cells++;
}

void
table_heading_done(struct table *t)
{
	t->n_columns = t->n_cells;
}

int
table_print(struct table *t, FILE *to, const char *right)
{
	const char *p = (const char *)t->text.data;
	int rc = t->failed ? -1 : 0;

	for (size_t i = 0; rc == 0 && i < t->n_cells; i++) {
		size_t column = i % t->n_columns;
		bool last = column + 1 == t->n_columns;
		int width = (int)t->width[column];

		if (strchr(right, 'a' + (int)column) != NULL)
			(void)fprintf(to, "%*s", width, p);
		else if (last)
			(void)fputs(p, to);
		else
			(void)fprintf(to, "%-*s", width, p);
		(void)fputs(last ? "\n" : "  ", to);
		p += strlen(p) + 1;
	}
	buf_done(&t->text);
	return rc;
}
