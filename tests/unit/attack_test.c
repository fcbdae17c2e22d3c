/*
 * The attack's frames: how many, how long, whole where they should be, and each
 * known again.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/buf.h"
#include "labrouter/attack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ADDR(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (c) << 8 | (d))

static const struct attack_scene least = {
	.router = { 2, 0, 0, 0, 0, 1 },
	.gateway = { ADDR(192, 168, 149, 2), 24 },
	.mask = { ADDR(192, 168, 150, 0), 24 },
	.own = ADDR(192, 168, 149, 254),
};
static const struct attack_scene usual = {
	.router = { 2, 0, 0, 0, 0, 1 },
	.gateway = { ADDR(192, 168, 149, 2), 24 },
	.mask = { ADDR(192, 168, 150, 0), 24 },
	.own = ADDR(192, 168, 149, 254),
	.peer = { ADDR(192, 168, 149, 253), ADDR(192, 168, 149, 252) },
	.outer = ADDR(192, 168, 149, 50),
	.outer_gateway = ADDR(192, 168, 149, 2),
	.claim = ADDR(192, 168, 149, 136),
	.neighbour = { ADDR(192, 168, 129, 2), ADDR(192, 168, 130, 2) },
};

struct seen {
	struct attack_mark mark;
	enum attack_class class;
	unsigned n, whole;
	struct buf all;
};

static unsigned
get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint16_t
sum_of(const uint8_t *p, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	while (sum > 0xffff)
		sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)~sum;
}

/* Lengths and checksums of IPv4 and what it carries. */
static bool
is_whole(const uint8_t *ip, size_t len)
{
	const size_t header = (size_t)(ip[0] & 15) * 4;
	uint32_t pseudo = 0;

	if (ip[0] >> 4 != 4 || header < 20 || header > len ||
	    get16(ip + 2) != len || sum_of(ip, header, 0) != 0)
		return false;
	if ((get16(ip + 6) & 0x3fff) != 0)
		return true;
	for (size_t i = 12; i < 20; i += 2)
		pseudo += get16(ip + i);
	pseudo += ip[9] + (uint32_t)(len - header);
	switch (ip[9]) {
	case 1:
	case 2:
		return sum_of(ip + header, len - header, 0) == 0;
	case 6:
		return sum_of(ip + header, len - header, pseudo) == 0;
	case 17:
		return get16(ip + header + 4) == len - header &&
		    (get16(ip + header + 6) == 0 ||
			sum_of(ip + header, len - header, pseudo) == 0);
	default:
		return true;
	}
}

static void
see(void *ctx, const uint8_t *frame, size_t len)
{
	struct seen *seen = ctx;

	seen->n++;
	assert_in_range(len, 14 + 20, ATTACK_FRAME_MAX);
	assert_int_equal(attack_class_of(&seen->mark, frame, len), seen->class);
	/* From an address of one machine. */
	assert_int_equal(frame[6] & 1, 0);
	if (get16(frame + 12) == 0x800 && is_whole(frame + 14, len - 14))
		seen->whole++;
	/* What is routed has other MAC addresses, and is known all the same. */
	if (get16(frame + 12) == 0x800) {
		uint8_t routed[ATTACK_FRAME_MAX];

		memcpy(routed, frame, len);
		memset(routed, 2, 12);
		assert_int_equal(
		    attack_class_of(&seen->mark, routed, len), seen->class);
	}
	assert_int_equal(buf_add(&seen->all, frame, len), 0);
}

static struct seen
see_class(const struct attack_scene *scene, uint64_t seed, unsigned class)
{
	struct seen seen = { attack_mark_of(seed), (enum attack_class) class, 0,
		0, { 0 } };

	attack_frames(scene, &seen.mark, seen.class, see, &seen);
	return seen;
}

static unsigned
count(const struct attack_scene *scene)
{
	unsigned n = 0;

	for (unsigned c = 0; c < ATTACK_CLASSES; c++) {
		struct seen seen = see_class(scene, 1, c);

		assert_int_not_equal(seen.n, 0);
		n += seen.n;
		buf_done(&seen.all);
	}
	return n;
}

static void
there_are_enough_frames_and_classes(void **state)
{
	(void)state;
	assert_true(ATTACK_CLASSES >= 20);
	assert_true(ATTACK_CLASSES <= 64); /* what a mark can say */
	assert_true(count(&least) >= 1800);
	assert_true(count(&usual) > count(&least));
}

static void
classes_have_names_of_their_own(void **state)
{
	(void)state;
	for (unsigned c = 0; c < ATTACK_CLASSES; c++)
		for (unsigned d = 0; d < c; d++)
			assert_string_not_equal(
			    attack_class_name((enum attack_class)c),
			    attack_class_name((enum attack_class)d));
}

static void
what_is_not_wrong_on_purpose_is_whole(void **state)
{
	(void)state;
	for (unsigned c = 0; c < ATTACK_CLASSES; c++) {
		struct seen seen = see_class(&usual, 1, c);

		if (c < ATTACK_IPV6 && c != ATTACK_CHECKSUM &&
		    c != ATTACK_HEADER && c < ATTACK_ARP_REQUEST)
			assert_int_equal(seen.whole, seen.n);
		if (c == ATTACK_CHECKSUM || c == ATTACK_HEADER)
			assert_int_equal(seen.whole, 0);
		buf_done(&seen.all);
	}
}

static void
a_seed_makes_the_same_frames_again(void **state)
{
	(void)state;
	for (unsigned c = 0; c < ATTACK_CLASSES; c++) {
		struct seen a = see_class(&usual, 7, c),
			    b = see_class(&usual, 7, c),
			    other = see_class(&usual, 8, c);

		assert_int_equal(a.all.len, b.all.len);
		assert_memory_equal(a.all.data, b.all.data, a.all.len);
		assert_memory_not_equal(a.all.data, other.all.data, a.all.len);
		buf_done(&a.all);
		buf_done(&b.all);
		buf_done(&other.all);
	}
}

static void
see_stranger(void *ctx, const uint8_t *frame, size_t len)
{
	assert_int_equal(attack_class_of(ctx, frame, len), -1);
}

static void
frames_of_another_seed_are_not_ours(void **state)
{
	const struct attack_mark mark = attack_mark_of(2);
	struct attack_mark ours = attack_mark_of(1);

	(void)state;
	for (unsigned c = 0; c < ATTACK_CLASSES; c++)
		attack_frames(
		    &usual, &mark, (enum attack_class)c, see_stranger, &ours);
	for (size_t len = 0; len < 60; len++)
		assert_int_equal(
		    attack_class_of(&ours, (const uint8_t[60]){ 0 }, len), -1);
}

/* A reset has no payload: our ports and what it acknowledges. */
static void
an_answer_without_payload_is_known(void **state)
{
	const struct attack_mark mark = attack_mark_of(3);
	const uint32_t ack = (mark.sequence | (uint32_t)ATTACK_SPOOFED << 6) +
	    17;
	uint8_t f[54] = { [12] = 8, [14] = 0x45, [23] = 6 };

	(void)state;
	f[36] = (uint8_t)(mark.port >> 8);
	f[37] = (uint8_t)mark.port;
	for (int i = 0; i < 4; i++)
		f[42 + i] = (uint8_t)(ack >> (24 - 8 * i));
	assert_int_equal(attack_class_of(&mark, f, sizeof(f)), ATTACK_SPOOFED);
	f[37] ^= 1;
	assert_int_equal(attack_class_of(&mark, f, sizeof(f)), -1);
}

static const char lab_text[] = "[Production]\n"
			       "Attach = eth0\n"
			       "Address = 192.168.149.50/24\n"
			       "Gateway = 192.168.149.2\n"
			       "[Network \"VM Network\"]\n"
			       "Gateway = 192.168.149.2/24\n"
			       "Mask = 192.168.150.0/24\n"
			       "Static = 192.168.149.254 -> 192.168.149.252\n"
			       "[Network \"DMZ\"]\n"
			       "Gateway = 172.16.1.1/24\n"
			       "Mask = 172.16.2.0/24\n";

static void
the_attacker_takes_no_address_that_the_file_names(void **state)
{
	struct lab lab;
	struct err err = ERR_INIT;
	struct attack_scene s;

	(void)state;
	assert_int_equal(
	    lab_parse(&lab, "a.lab", lab_text, sizeof(lab_text) - 1, &err), 0);
	s = attack_scene_of(&lab, &lab.network[0], 0);
	assert_int_equal(s.own, ADDR(192, 168, 149, 253));
	assert_int_equal(s.peer[0], ADDR(192, 168, 149, 251));
	assert_int_equal(s.peer[1], ADDR(192, 168, 149, 250));
	assert_int_equal(s.claim, ADDR(192, 168, 149, 254));
	assert_int_equal(s.outer, ADDR(192, 168, 149, 50));
	assert_int_equal(s.neighbour[0], ADDR(172, 16, 1, 1));
	assert_int_equal(s.neighbour[1], ADDR(172, 16, 2, 1));
	assert_int_equal(s.neighbour[2], 0);
	s = attack_scene_of(&lab, &lab.network[0], 1);
	assert_int_equal(s.own, ADDR(192, 168, 149, 251));
	s = attack_scene_of(&lab, &lab.network[0], 300);
	assert_int_equal(s.own, 0);
	lab_done(&lab);
}

static void
questions_and_answers_of_arp_are_told(void **state)
{
	const struct attack_mark mark = attack_mark_of(4);
	uint8_t f[ATTACK_ASK_SIZE], mac[6];

	(void)state;
	attack_ask(&mark, ADDR(10, 0, 0, 9), ADDR(10, 0, 0, 1), f);
	assert_int_equal(attack_asked_for(f, sizeof(f)), ADDR(10, 0, 0, 1));
	assert_int_equal(attack_asked_for(f, sizeof(f) - 1), 0);
	assert_int_equal(attack_answerer(f, sizeof(f), mac), 0);
	f[21] = 2;
	assert_int_equal(attack_asked_for(f, sizeof(f)), 0);
	assert_int_equal(attack_answerer(f, sizeof(f), mac), ADDR(10, 0, 0, 9));
	assert_memory_equal(mac, f + 6, 6);
	assert_int_equal(attack_answerer(f, sizeof(f) - 1, mac), 0);
	/* Whether an address is free, and that it is one's own. */
	attack_ask(&mark, 0, ADDR(10, 0, 0, 1), f);
	assert_int_equal(attack_asked_for(f, sizeof(f)), 0);
	attack_ask(&mark, ADDR(10, 0, 0, 1), ADDR(10, 0, 0, 1), f);
	assert_int_equal(attack_asked_for(f, sizeof(f)), 0);
}

static bool
is_odd(void *ctx, uint32_t addr)
{
	(void)ctx;
	return (addr & 1) != 0;
}

/* Whether a class sends to where it alone does, and no other class. */
static void
see_bait(void *ctx, const uint8_t *frame, size_t len)
{
	const struct attack_scene *s = ctx;
	const struct attack_mark mark = attack_mark_of(1);
	const int class = attack_class_of(&mark, frame, len);

	if (get16(frame + 12) != 0x800)
		return;
	for (int c = 0; c < ATTACK_CLASSES; c++) {
		uint8_t addr[4] = { (uint8_t)(s->bait[c] >> 24),
			(uint8_t)(s->bait[c] >> 16), (uint8_t)(s->bait[c] >> 8),
			(uint8_t)s->bait[c] };

		if (s->bait[c] != 0 && memcmp(frame + 30, addr, 4) == 0)
			assert_int_equal(class, c);
	}
}

static void
each_class_has_a_bait_of_its_own(void **state)
{
	const struct attack_mark mark = attack_mark_of(1);
	struct lab lab;
	struct err err = ERR_INIT;
	struct attack_scene s, other;
	size_t baits = 0;

	(void)state;
	assert_int_equal(
	    lab_parse(&lab, "a.lab", lab_text, sizeof(lab_text) - 1, &err), 0);
	other = s = attack_scene_of(&lab, &lab.network[1], 0);
	assert_int_equal(attack_baits(&s, &lab, 5, is_odd, NULL), 0);
	assert_int_equal(attack_baits(&other, &lab, 6, is_odd, NULL), 0);
	assert_memory_not_equal(s.bait, other.bait, sizeof(s.bait));
	for (unsigned c = 0; c < ATTACK_CLASSES; c++) {
		if (s.bait[c] == 0)
			continue;
		baits++;
		assert_int_equal(
		    s.bait[c] & 0xffffff01, ADDR(192, 168, 149, 0));
		assert_int_not_equal(s.bait[c] & 255, 50);
		assert_int_not_equal(s.bait[c] & 255, 2);
		assert_in_range(s.bait[c] & 255, 1, 252);
		for (unsigned d = 0; d < c; d++)
			assert_int_not_equal(s.bait[c], s.bait[d]);
		attack_frames(&s, &mark, (enum attack_class)c, see_bait, &s);
	}
	assert_in_range(baits, 20, ATTACK_CLASSES);
	/* As far as they go. */
	lab.production.address.len = 29;
	assert_in_range(attack_baits(&s, &lab, 5, is_odd, NULL), 15, 30);
	lab_done(&lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_are_enough_frames_and_classes),
		cmocka_unit_test(classes_have_names_of_their_own),
		cmocka_unit_test(what_is_not_wrong_on_purpose_is_whole),
		cmocka_unit_test(a_seed_makes_the_same_frames_again),
		cmocka_unit_test(frames_of_another_seed_are_not_ours),
		cmocka_unit_test(an_answer_without_payload_is_known),
		cmocka_unit_test(
		    the_attacker_takes_no_address_that_the_file_names),
		cmocka_unit_test(questions_and_answers_of_arp_are_told),
		cmocka_unit_test(each_class_has_a_bait_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
