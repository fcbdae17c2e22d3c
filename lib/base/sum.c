/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/sum.h"

#include <string.h>

static void
sum_word(struct sum *sum, uint64_t word)
{
	sum->h = (sum->h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	sum->h ^= sum->h >> 32;
}

void
sum_add(struct sum *sum, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (; len > 0 && sum->n != 0; p++, len--) {
		sum->word |= (uint64_t)*p << (8 * sum->n);
		sum->n = (sum->n + 1) % 8;
		if (sum->n == 0) {
			sum_word(sum, sum->word);
			sum->word = 0;
		}
	}
	for (; len >= 8; p += 8, len -= 8) {
		uint64_t word;

		memcpy(&word, p, 8);
		sum_word(sum, word);
	}
	for (; len > 0; p++, len--)
		sum->word |= (uint64_t)*p << (8 * sum->n++);
}

uint64_t
sum_end(struct sum *sum)
{
	sum_word(sum, sum->word);
	sum_word(sum, sum->n);
	return sum->h;
}

uint64_t
sum_pair(uint64_t a, uint64_t b)
{
	struct sum sum = { 0 };
	uint64_t h;

	sum_add(&sum, &a, sizeof(a));
	sum_add(&sum, &b, sizeof(b));
	h = sum_end(&sum);
	return h != 0 ? h : 1;
}
