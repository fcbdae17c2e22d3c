/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/claims.h"

#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* In one piece: the name, and behind its NUL what it is. */
static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static const char *
what_of(const char *claim)
{
	return claim + strlen(claim) + 1;
}

int
claims_add(
    struct claims *c, const char *name, const char *what, struct err *err)
{
	size_t len = strlen(name) + 1, size = len + strlen(what) + 1;
	char *own = malloc(size);
	void *const *node;
	bool same;

	if (own == NULL)
		return err_nomem(err);
	memcpy(own, name, len);
	memcpy(own + len, what, size - len);
	node = tsearch(own, &c->root, compare);
	if (node != NULL && *node == own)
		return 0;
	same = node != NULL && what[0] != '\0' &&
	    strcmp(what_of(*node), what) == 0;
	free(own);
	if (node == NULL)
		return err_nomem(err);
	return same ?
	    1 :
	    err_set(err, ERR_REFUSED,
		"%s is the name of another one that was asked for", name);
}

void
claims_done(struct claims *c)
{
	tdestroy(c->root, free);
	c->root = NULL;
}
