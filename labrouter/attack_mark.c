/*
 * Marks: made, and known again.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "attack_private.h"
#include "base/sum.h"

#include <string.h>

#define TYPE_AT 12 /* of an Ethernet frame */
#define MARKED_SEQUENCE UINT32_C(0xfffff000)

uint64_t
attack_number(uint64_t seed, uint64_t n)
{
	struct sum sum = { 0 };

	sum_add(&sum, &seed, sizeof(seed));
	sum_add(&sum, &n, sizeof(n));
	return sum_end(&sum);
}

struct attack_mark
attack_mark_of(uint64_t seed)
{
	const uint64_t text = attack_number(seed, 1),
		       mac = attack_number(seed, 2),
		       tcp = attack_number(seed, 3);
	struct attack_mark mark;

	memcpy(mark.text, &text, sizeof(mark.text));
	memcpy(mark.mac, &mac, sizeof(mark.mac));
	/* Locally administered, of one machine. */
	mark.mac[0] = (uint8_t)((mark.mac[0] & 0xfc) | 2);
	/* No server has it. */
	mark.port = (uint16_t)(tcp % 16384 + 40000);
	mark.sequence = (uint32_t)(tcp >> 16) & MARKED_SEQUENCE;
	return mark;
}

void
attack_mac(
    const struct attack_mark *mark, enum attack_class class, uint8_t ret_mac[6])
{
	memcpy(ret_mac, mark->mac, sizeof(mark->mac));
	ret_mac[5] = (uint8_t) class;
}

/* The class behind the mark's bytes, anywhere in the frame. */
static int
find(const uint8_t *mark, size_t mark_len, const uint8_t *frame, size_t len)
{
	const uint8_t *end = frame + len, *at = frame;

	while ((at = memmem(at, (size_t)(end - at), mark, mark_len)) != NULL) {
		at += mark_len;
		if (at < end && *at < ATTACK_CLASSES)
			return *at;
	}
	return -1;
}

unsigned
get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static int
class_of_sequence(const struct attack_mark *mark, uint32_t number)
{
	const uint32_t class = (number >> 6) & 63;

	return (number & MARKED_SEQUENCE) == mark->sequence &&
		class < ATTACK_CLASSES ?
	    (int)class :
	    -1;
}

/* Where the payload of an unfragmented IPv4 packet begins, and its protocol; 0
 * for any other frame. */
static size_t
payload_of(const uint8_t *frame, size_t len, uint8_t *ret_proto)
{
	size_t at = TYPE_AT;

	while (at + 2 <= len && get16(frame + at) == 0x8100)
		at += 4;
	if (at + 2 + 20 > len || get16(frame + at) != 0x800)
		return 0;
	at += 2;
	if (frame[at] >> 4 != 4 || (get16(frame + at + 6) & 0x1fff) != 0)
		return 0;
	*ret_proto = frame[at + 9];
	return at + (size_t)(frame[at] & 15) * 4;
}

/* By its numbers; also of a segment that was cut off behind the first. */
static int
class_of_numbers(
    const struct attack_mark *mark, const uint8_t *frame, size_t len)
{
	uint8_t proto = 0;
	const size_t at = payload_of(frame, len, &proto);
	int class;

	if (at == 0 || at + 8 > len)
		return -1;
	class = class_of_sequence(mark, get32(frame + at + 4));
	if (proto == 1)
		return class;
	if (proto != 6 ||
	    (get16(frame + at) != mark->port &&
		get16(frame + at + 2) != mark->port))
		return -1;
	if (class < 0 && at + 12 <= len)
		class = class_of_sequence(mark, get32(frame + at + 8));
	return class;
}

int
attack_class_of(const struct attack_mark *mark, const void *frame, size_t len)
{
	int class = find(mark->text, sizeof(mark->text), frame, len);

	if (class < 0)
		class = find(mark->mac, sizeof(mark->mac), frame, len);
	return class < 0 ? class_of_numbers(mark, frame, len) : class;
}
