/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/twins.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/sum.h"

struct twin {
	uint64_t same;
	uint64_t path; /* sum of the path there */
	uint32_t snap;
	struct body body;
	char rel[];
};

/* What one costs beside its struct: a node, and what malloc adds. */
#define NODE_BYTES 64

static int
compare(const void *a, const void *b)
{
	const struct twin *x = a, *y = b;

	if (x->snap != y->snap)
		return x->snap < y->snap ? -1 : 1;
	return (x->same > y->same) - (x->same < y->same);
}

static size_t
cost(const struct twin *twin)
{
	return sizeof(*twin) + strlen(twin->rel) + 1 + NODE_BYTES;
}

/* In place of the one before it, which it could not become a name of. */
static void
remember(struct twins *t, const struct twin_file *f, uint64_t path)
{
	size_t len = strlen(f->rel) + 1;
	struct twin *twin = malloc(sizeof(*twin) + len), **node, *old;

	if (twin == NULL)
		return;
	*twin = (struct twin){
		.same = f->same, .path = path, .snap = f->snap, .body = *f->body
	};
	memcpy(twin->rel, f->rel, len);
	if (t->bytes + cost(twin) > TWINS_BYTES_MAX ||
	    (node = tsearch(twin, &t->root, compare)) == NULL) {
		free(twin);
		return;
	}
	if ((old = *node) != twin) {
		*node = twin;
		t->bytes -= cost(old);
		free(old);
	}
	t->bytes += cost(twin);
}

void
twins_join(struct twins *t, const struct target *target,
    const struct twin_file *f, volatile const int *stop)
{
	const struct twin key = { .same = f->same, .snap = f->snap };
	struct twin *const *node = tfind(&key, &t->root, compare);
	struct sum sum = { 0 };
	uint64_t path;

	sum_add(&sum, f->path, f->len);
	path = sum_end(&sum);
	/* One name, which was asked for twice, is two files. */
	if (node != NULL && (*node)->path != path &&
	    target_join(target, (*node)->rel, &(*node)->body, f->rel, f->body,
		f->timed, stop))
		return;
	remember(t, f, path);
}

void
twins_done(struct twins *t)
{
	tdestroy(t->root, free);
	*t = (struct twins){ 0 };
}
