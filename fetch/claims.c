/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/claims.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

int
claims_add(struct claims *c, const char *name, struct err *err)
{
	char *own = strdup(name);
	void *const *node;

	if (own == NULL)
		return err_nomem(err);
	node = tsearch(own, &c->root, compare);
	if (node != NULL && *node == own)
		return 0;
	free(own);
	return node == NULL ?
	    err_nomem(err) :
	    err_set(err, ERR_REFUSED,
		"%s is the name of another one that was asked for", name);
}

void
claims_done(struct claims *c)
{
	tdestroy(c->root, free);
	c->root = NULL;
}
