/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/scope.h"

#include <stdlib.h>
#include <string.h>

int
strlist_add(struct strlist *list, const char *s, size_t len)
{
	char *copy, **item;

	if ((copy = malloc(len + 1)) == NULL)
		return -1;
	memcpy(copy, s, len);
	copy[len] = '\0';
	/* The capacity is the next power of two. */
	if ((list->n & (list->n - 1)) == 0) {
		item = reallocarray(
		    list->item, list->n == 0 ? 1 : list->n, 2 * sizeof(*item));
		if (item == NULL) {
			free(copy);
			return -1;
		}
		list->item = item;
	}
	list->item[list->n++] = copy;
	return 0;
}

void
strlist_done(struct strlist *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->item[i]);
	free(list->item);
	*list = (struct strlist){ 0 };
}

bool
strlist_has(const struct strlist *list, const char *s, size_t len)
{
	for (size_t i = 0; i < list->n; i++)
		if (strlen(list->item[i]) == len &&
		    memcmp(list->item[i], s, len) == 0)
			return true;
	return false;
}
