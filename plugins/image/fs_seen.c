/*
 * Open addressing, at most half full.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_seen.h"

#include <stdlib.h>

static int
put(struct fs_seen *s, uint64_t key)
{
	uint64_t h = key * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(h ^ h >> 32) & (s->room - 1);

	while (s->slot[i] != 0) {
		if (s->slot[i] == key)
			return 1;
		i = (i + 1) & (s->room - 1);
	}
	s->slot[i] = key;
	s->n++;
	return 0;
}

static int
grow(struct fs_seen *s)
{
	struct fs_seen more = { .room = s->room == 0 ? 64 : s->room * 2 };

	if ((more.slot = calloc(more.room, sizeof(*more.slot))) == NULL)
		return -1;
	for (size_t i = 0; i < s->room; i++)
		if (s->slot[i] != 0)
			(void)put(&more, s->slot[i]);
	free(s->slot);
	*s = more;
	return 0;
}

int
fs_seen_add(struct fs_seen *s, uint64_t number)
{
	if ((s->n + 1) * 2 > s->room && grow(s) != 0)
		return -1;
	return put(s, number + 1);
}

void
fs_seen_done(struct fs_seen *s)
{
	free(s->slot);
	*s = (struct fs_seen){ 0 };
}
