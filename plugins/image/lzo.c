/*
 * A stream is of instructions, each of which copies bytes that came out before, or
 * literals; up to three literals follow a copy, by two bits of it (S).
 *
 *	0000LLLL            behind a copy without literals: 3 + L literals
 *	0000DDSS H          behind up to three literals: 2 bytes from 1 + HD back;
 *	                    behind more of them: 3 bytes from 2049 + HD back
 *	0001HLLL DDDDDDSS D 2 + L bytes from 16384 + HD back; from 16384: the end
 *	001LLLLL DDDDDDSS D 2 + L bytes from 1 + D back
 *	LLLDDDSS H          1 + L bytes from 1 + HD back
 *
 * Where all bits of a length of the first four are 0, it is what they can hold at
 * the most, 255 for each byte of 0 that follows, and the next byte. A first byte
 * of more than 17 is that many literals and 17.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lzo.h"

#include <stdbool.h>
#include <string.h>

/* Behind what the last instruction left. */
enum state { NO_LITERALS = 0, MANY_LITERALS = 4 };

struct stream {
	const uint8_t *in, *end;
	uint8_t *out;
	size_t done, size;
	unsigned state; /* how many literals came last, MANY_LITERALS at most */
	bool ended;
};

static bool
take(struct stream *s, size_t *ret)
{
	if (s->in == s->end)
		return false;
	*ret = *s->in++;
	return true;
}

static bool
take_length(struct stream *s, size_t bits, size_t most, size_t *ret)
{
	size_t more;

	*ret = bits != 0 ? bits : most;
	if (bits != 0)
		return true;
	do {
		if (!take(s, &more))
			return false;
		*ret += more != 0 ? more : 255;
	} while (more == 0);
	return true;
}

static bool
literals(struct stream *s, size_t n)
{
	if (n > (size_t)(s->end - s->in) || n > s->size - s->done)
		return false;
	memcpy(s->out + s->done, s->in, n);
	s->in += n;
	s->done += n;
	s->state = n < MANY_LITERALS ? (unsigned)n : MANY_LITERALS;
	return true;
}

static bool
copy(struct stream *s, size_t back, size_t n, size_t then)
{
	uint8_t *to = s->out + s->done;

	if (back > s->done || n > s->size - s->done)
		return false;
	/* What it copies may be what it has just copied. */
	for (size_t i = 0; i < n; i++)
		to[i] = *(to + i - back);
	s->done += n;
	return literals(s, then);
}

static bool
far_copy(struct stream *s, size_t op)
{
	bool is_near = op >= 32;
	size_t most = is_near ? 31 : 7, n, low, high, back;

	if (!take_length(s, op & most, most, &n) || !take(s, &low) ||
	    !take(s, &high))
		return false;
	back = high << 6 | low >> 2;
	if (!is_near)
		back |= (op & 8) << 11;
	s->ended = !is_near && back == 0;
	return s->ended ||
	    copy(s, back + (is_near ? 1 : 16384), n + 2, low & 3);
}

static bool
instruction(struct stream *s)
{
	bool many = s->state == MANY_LITERALS;
	size_t op, n, high;

	if (!take(s, &op))
		return false;
	if (op >= 16 && op < 64)
		return far_copy(s, op);
	if (op < 16 && s->state == NO_LITERALS)
		return take_length(s, op, 15, &n) && literals(s, n + 3);
	if (!take(s, &high))
		return false;
	if (op >= 64)
		return copy(
		    s, (high << 3 | (op >> 2 & 7)) + 1, (op >> 5) + 1, op & 3);
	return copy(
	    s, (high << 2 | op >> 2) + (many ? 2049 : 1), many ? 3 : 2, op & 3);
}

size_t
lzo_unpack(const uint8_t *in, size_t len, uint8_t *out, size_t size)
{
	struct stream s = {
		.in = in, .end = in + len, .out = out, .size = size
	};

	if (len > 0 && in[0] > 17 && !literals(&s, (size_t)*s.in++ - 17))
		return SIZE_MAX;
	while (!s.ended)
		if (!instruction(&s))
			return SIZE_MAX;
	return s.in == s.end ? s.done : SIZE_MAX;
}
