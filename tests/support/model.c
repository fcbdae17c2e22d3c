/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/model_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "store/store_private.h"
#include "tests/support/expect.h"

/* ---- paths ---- */

static int
path_order(const void *va, const void *vb)
{
	const struct model_path *a = va, *b = vb;

	return path_cmp(a->text, a->len, b->text, b->len);
}

/* A name of bytes below and above '/', of any kind but NUL and '/'. */
static size_t
name_make(struct dice *d, char *to)
{
	static const char bytes[] = "ab-.!\n\xff\xc3\xa9 A0\x01~";
	size_t len = 1 + dice_below(d, 3);

	for (size_t i = 0; i < len; i++)
		to[i] = bytes[dice_below(d, sizeof(bytes) - 1)];
	/* Enough different ones for large models. */
	if (dice_one_in(d, 2))
		len += (size_t)snprintf(
		    to + len, 8, "%x", dice_below(d, 0x1000));
	return len;
}

static void
paths_make(struct model *m, size_t n)
{
	m->path = calloc(n, sizeof(*m->path));
	expect(m->path != NULL);
	m->path[0] = (struct model_path){ strdup("/"), 1, 0 };
	m->n_paths = 1;
	while (m->n_paths < n) {
		struct model_path *up =
		    &m->path[dice_below(&m->dice, (uint32_t)m->n_paths)];
		char text[4096];
		size_t len = up->len == 1 ? 0 : up->len;
		bool again = false;

		if (len > sizeof(text) - 64)
			continue;
		memcpy(text, up->text, len);
		text[len++] = '/';
		len += name_make(&m->dice, text + len);
		for (size_t i = 0; i < m->n_paths && !again; i++)
			again = m->path[i].len == len &&
			    memcmp(m->path[i].text, text, len) == 0;
		if (again)
			continue;
		m->path[m->n_paths++] = (struct model_path){ strndup(text, len),
			len, 0 };
	}
	qsort(m->path, n, sizeof(*m->path), path_order);
	for (size_t i = 1; i < n; i++) {
		struct model_path *p = &m->path[i];

		/* What is below a directory follows it at once. */
		for (p->up = i - 1; !path_below(p->text, p->len,
			 m->path[p->up].text, m->path[p->up].len);)
			p->up = m->path[p->up].up;
	}
}

bool
model_is_below(const struct model *m, size_t i, size_t dir)
{
	return path_below(m->path[i].text, m->path[i].len, m->path[dir].text,
	    m->path[dir].len);
}

/* ---- entries ---- */

struct entry
model_entry(struct dice *d, bool dir)
{
	static const char *const target[] = { "", "a", "../b", "/\xff\n" };
	struct entry e = {
		.fields = ENTRY_ALL & ~ENTRY_TARGET,
		.type = dir ? 'd' : "ffffflps"[dice_below(d, 8)],
		.mode = dice_one_in(d, 2) ? 0644 : 0600,
		.uid = dice_below(d, 2) * 1000,
		/* Few values, so that entries come back to what they were. */
		.size = (uint64_t)dice_below(d, 3) << (dice_below(d, 3) * 20),
		.mtime = (int64_t)dice_below(d, 4) - 2,
		.mtime_ns = dice_one_in(d, 3) ? 999999999 : 0,
	};

	if (e.type == 'l') {
		e.fields |= ENTRY_TARGET;
		e.target = target[dice_below(d, 4)];
		e.target_len = (uint32_t)strlen(e.target);
	}
	return e;
}

/* ---- the model ---- */

void
model_init(struct model *m, uint64_t seed, size_t n_paths)
{
	memset(m, 0, sizeof(*m));
	m->dice.state = seed;
	paths_make(m, n_paths);
	for (int i = 0; i < MODEL_SERIES; i++) {
		struct model_series *s = &m->series[i];

		(void)snprintf(s->name, sizeof(s->name), "host%d%s", i / 2,
		    i % 2 ? "/import" : "");
		s->disk = calloc(n_paths, sizeof(*s->disk));
		expect(s->disk != NULL);
		for (size_t k = 0; k < n_paths; k++)
			s->disk[k].kind = EVENT_GONE;
		s->disk[0] = (struct model_state){ .kind = EVENT_PUT };
		s->disk[0].entry = model_entry(&m->dice, true);
	}
}

void
model_done(struct model *m)
{
	for (int i = 0; i < MODEL_SERIES; i++) {
		for (size_t k = 0; k < m->series[i].n; k++) {
			free(m->series[i].snap[k].state);
			scope_done(&m->series[i].snap[k].scope);
		}
		free(m->series[i].disk);
	}
	for (size_t i = 0; i < m->n_paths; i++)
		free(m->path[i].text);
	free(m->path);
}

void
model_live(struct model *m, struct model_series *s)
{
	uint32_t n = dice_below(&m->dice, (uint32_t)m->n_paths / 3 + 2);

	while (n-- > 0) {
		size_t i = 1 + dice_below(&m->dice, (uint32_t)m->n_paths - 1);
		bool dir = i + 1 < m->n_paths && model_is_below(m, i + 1, i) &&
		    !dice_one_in(&m->dice, 8);

		s->disk[i].kind = dice_one_in(&m->dice, 4) ? EVENT_GONE :
							     EVENT_PUT;
		s->disk[i].entry = model_entry(&m->dice, dir);
	}
}

void
model_drop(struct model *m, struct store *store)
{
	uint32_t id[MODEL_SERIES * MODEL_SNAPS];
	struct commit commit = { .old_snaps = id };
	uint32_t often = 1 + dice_below(&m->dice, 5);
	struct err err = ERR_INIT;

	for (int i = 0; i < MODEL_SERIES; i++) {
		struct model_series *s = &m->series[i];

		for (size_t k = 0; k + 1 < s->n; k++) {
			if (!s->snap[k].kept || !dice_one_in(&m->dice, often))
				continue;
			s->snap[k].kept = false;
			id[commit.n_old_snaps++] = s->snap[k].id;
		}
	}
	expect(store_commit(store, &commit, &err) == 0);
}
