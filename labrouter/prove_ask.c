/*
 * What is asked for by ARP during a proof. A packet that is routed to where
 * nobody is never leaves: only the question for it does. So the attack has
 * addresses that nobody else asks for; but anybody might, once, by chance.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_private.h"
#include "prove_private.h"

#include <linux/if_packet.h>
#include <string.h>

static bool
is_heard(void *ctx, uint32_t addr)
{
	const struct prove *p = ctx;

	for (size_t i = 0; i < p->n_heard && i < PROVE_HEARD; i++)
		if (p->heard[i] == addr)
			return true;
	return false;
}

static void
watch(struct prove *p, uint32_t addr, int class)
{
	if (addr == 0 || (class < 0 && is_heard(p, addr)))
		return;
	p->watch[p->n_watches++] = (struct prove_watch){
		.addr = addr, .class = class, .outer = class < 0
	};
}

/* Machines that answer from here make interface 0 ask for the gateway, and so do
 * programs and a whole host; but with a gateway that is silent no client beyond
 * it talks to machines. */
static bool
may_ask_for_gateway(const struct lab *lab)
{
	return plan_has_proxy(lab) || plan_has_dns(lab) || lab_is_on_host(lab);
}

void
prove_watch(struct prove *p, unsigned round, uint64_t classes)
{
	const uint64_t seed = p->report->seed + 2 + 8 * p->index + round;
	uint32_t strange[ATTACK_STRANGE];
	size_t n;

	if (round == 0) {
		p->n_watches = 0;
		n = attack_strange(&p->scene, strange);
		for (size_t i = 0; i < n; i++)
			watch(p, strange[i], -1);
		if (!may_ask_for_gateway(&p->use->lab))
			watch(p, p->scene.outer_gateway, -1);
		p->n_lasting = p->n_watches;
	}
	p->n_watches = p->n_lasting;
	for (size_t i = 0; i < p->n_lasting; i++)
		memset(p->watch[i].asked, 0, sizeof(p->watch[i].asked));
	watch(p, p->scene.own, -1);
	watch(p, p->scene.peer[0], -1);
	watch(p, p->scene.peer[1], -1);
	n = attack_baits(&p->scene, &p->use->lab, seed, is_heard, p);
	if (round == 0)
		p->result->no_bait = (unsigned)n;
	for (int c = 0; c < ATTACK_CLASSES; c++)
		if ((classes >> c & 1) != 0)
			watch(p, p->scene.bait[c], c);
	p->class = p->begun = -1;
}

static struct prove_watch *
watched(struct prove *p, uint32_t addr)
{
	for (size_t i = 0; addr != 0 && i < p->n_watches; i++)
		if (p->watch[i].addr == addr)
			return &p->watch[i];
	return NULL;
}

static void
hear_question(
    struct prove *p, uint32_t addr, const struct listen_frame *f, int ifindex)
{
	const bool leaving = f->type == PACKET_OUTGOING;
	struct prove_watch *w = watched(p, addr);
	int class;

	if (!is_heard(p, addr))
		p->heard[p->n_heard++ % PROVE_HEARD] = addr;
	if (w == NULL || (w->outer && (ifindex != 0 || !leaving)) ||
	    (ifindex != 0 && prove_is_inside(&p->use->lab, ifindex)))
		return;
	class = w->class < 0 ? p->class : w->class;
	/* Nothing was sent yet for which it could be. */
	if (class < 0 || class > p->begun) {
		w->given_up = true;
		return;
	}
	if (!w->is_asked)
		w->place = prove_place(p, ifindex, ifindex != 0 && leaving);
	w->is_asked = w->place != SIZE_MAX;
	if (w->is_asked && p->place[w->place].ifindex == ifindex)
		w->asked[class]++;
}

void
prove_hear_arp(struct prove *p, const struct listen_frame *f, int ifindex)
{
	uint8_t mac[6];
	struct prove_watch *w = watched(
	    p, attack_answerer(f->data, f->len, mac));
	const uint32_t addr = attack_asked_for(f->data, f->len);

	if (w != NULL && memcmp(mac, p->outer_mac, sizeof(mac)) != 0)
		w->given_up = true;
	if (addr != 0)
		hear_question(p, addr, f, ifindex);
}

uint64_t
prove_only_asked(const struct prove *p)
{
	uint64_t classes = 0;

	for (size_t i = 0; i < p->n_watches; i++)
		for (int c = 0; c < ATTACK_CLASSES && !p->watch[i].given_up;
		     c++)
			if (p->watch[i].asked[c] != 0)
				classes |= UINT64_C(1) << c;
	for (size_t i = 0; i < p->n_places; i++)
		for (int c = 0; c < ATTACK_CLASSES; c++)
			if (p->place[i].class[c] != 0)
				classes &= ~(UINT64_C(1) << c);
	return classes;
}

void
prove_asked_is_seen(struct prove *p, uint64_t classes)
{
	for (size_t i = 0; i < p->n_watches; i++) {
		const struct prove_watch *w = &p->watch[i];

		for (int c = 0; c < ATTACK_CLASSES && !w->given_up; c++) {
			if ((classes >> c & 1) == 0 || w->asked[c] == 0)
				continue;
			p->place[w->place].class[c] += w->asked[c];
			p->result->class[c].asked += w->asked[c];
		}
	}
}
