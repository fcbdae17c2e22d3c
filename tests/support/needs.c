/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/needs.h"

#include <string.h>

static bool
holds_one_of(const char *path, uint32_t lo, uint32_t hi)
{
	size_t len = strlen(path) + 1;

	for (size_t i = 0; i + 3 <= len; i++) {
		uint32_t t = 0;

		for (size_t k = 0; k < 3; k++)
			t = t << 8 | trigram_fold((uint8_t)path[i + k]);
		if (t >= lo && t <= hi)
			return true;
	}
	return false;
}

bool
needs_hold(const struct triquery *q, const char *path)
{
	bool any = false, all = true;

	for (size_t i = 0; i < q->n; i++) {
		bool has = needs_hold(&q->child[i], path);

		any = any || has;
		all = all && has;
	}
	switch (q->kind) {
	case TRIQ_ALL:
		return true;
	case TRIQ_RANGE:
		return holds_one_of(path, q->lo, q->hi);
	case TRIQ_AND:
		return all;
	case TRIQ_OR:
		return any;
	}
	return false;
}
