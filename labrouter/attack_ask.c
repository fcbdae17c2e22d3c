/*
 * ARP beside the attack: the attacker's own questions, and what is heard of
 * questions and answers.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "attack_private.h"

#include <endian.h>
#include <string.h>

void
attack_ask(const struct attack_mark *mark, uint32_t sender, uint32_t target,
    uint8_t ret_frame[ATTACK_ASK_SIZE])
{
	static const uint8_t nobody[6];
	struct attack a = { .mark = mark };
	struct bytes b = { 0 }, body;

	attack_mac(mark, ATTACK_ARP_REQUEST, a.mac);
	body = arp_packet(&a, 1, sender, nobody, target);
	put(&b, attack_everybody, 6);
	put(&b, a.mac, 6);
	put16(&b, TYPE_ARP);
	put_bytes(&b, &body);
	memcpy(ret_frame, b.at, ATTACK_ASK_SIZE);
}

static uint32_t
addr_at(const uint8_t *p)
{
	uint32_t addr;

	memcpy(&addr, p, sizeof(addr));
	return be32toh(addr);
}

/* True of an ARP packet with this operation. */
static bool
is_arp(const uint8_t *frame, size_t len, uint8_t op)
{
	static const uint8_t head[] = { 8, 6, 0, 1, 8, 0, 6, 4, 0 };

	return len >= ATTACK_ASK_SIZE &&
	    memcmp(frame + 12, head, sizeof(head)) == 0 && frame[21] == op;
}

uint32_t
attack_answerer(const void *frame, size_t len, uint8_t ret_mac[6])
{
	const uint8_t *p = frame;

	if (!is_arp(p, len, 2))
		return 0;
	memcpy(ret_mac, p + 22, 6);
	return addr_at(p + 28);
}

uint32_t
attack_asked_for(const void *frame, size_t len)
{
	const uint8_t *p = frame;
	uint32_t sender;

	if (!is_arp(p, len, 1))
		return 0;
	sender = addr_at(p + 28);
	return sender != 0 && sender != addr_at(p + 38) ? addr_at(p + 38) : 0;
}
