/*
 * That the attack arrives at the router: of some frames it is certain which rule
 * counts them there.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "attack_private.h"
#include "plan_private.h"
#include "prove_private.h"

#include <inttypes.h>
#include <string.h>

static bool
is_in(uint32_t addr, const struct prefix *net)
{
	return ((addr ^ net->addr) & prefix_mask(net->len)) == 0;
}

/* What the kernel hands to rules at once: no fragment, and nothing is wrong with
 * the header. */
static bool
is_whole(const uint8_t *ip, size_t len)
{
	const size_t header = (size_t)(ip[0] & 15) * 4;
	uint32_t sum = 0;

	if (len < 20 || ip[0] >> 4 != 4 || header < 20 || header > len ||
	    get16(ip + 2) < header || get16(ip + 2) > len ||
	    (get16(ip + 6) & 0x3fff) != 0)
		return false;
	for (size_t i = 0; i < header; i += 2)
		sum += get16(ip + i);
	while (sum > 0xffff)
		sum = (sum >> 16) + (sum & 0xffff);
	return sum == 0xffff;
}

/* Something that the lab may know. */
static bool
is_of_lab(const struct prove *p, uint32_t addr)
{
	const struct lab *lab = &p->use->lab;
	const struct lab_network *net = p->net;

	for (size_t i = 0; i < net->n_statics; i++)
		if (addr == net->statics[i].outer)
			return true;
	for (size_t i = 0; i < net->n_publish; i++)
		if (addr == net->publish[i].outer)
			return true;
	for (size_t i = 0; i < lab->n_networks; i++)
		if (plan_joined(lab, p->index, i) &&
		    is_in(addr, &lab->network[i].gateway))
			return true;
	return addr == net->gateway.addr || is_in(addr, &net->mask);
}

bool
prove_is_counted(const struct prove *p, const uint8_t *frame, size_t len)
{
	const struct prefix *gateway = &p->net->gateway;
	uint32_t src;

	if (len < 34 || memcmp(frame, p->scene.router, 6) != 0 ||
	    get16(frame + 12) != 0x800 || !is_whole(frame + 14, len - 14))
		return false;
	src = get32(frame + 26);
	return !is_in(src, gateway) || src == gateway->addr ||
	    !is_of_lab(p, get32(frame + 30));
}

static void
add_count(void *ctx, const struct lookback_counter *c)
{
	struct prove_counts *n = ctx;
	const struct {
		const char *name;
		uint64_t *to;
	} known[] = { { "spoofed", &n->spoofed }, { "strays", &n->strays },
		{ "closed", &n->closed } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(c->name, known[i].name) == 0) {
			*known[i].to += c->packets;
			n->any = true;
		}
}

int
prove_count(struct prove *p, struct prove_counts *ret, struct err *err)
{
	struct lab_use *use = p->use;
	struct prove_names names;
	const struct lookback_place place = prove_switch(use, p->index, &names);

	*ret = (struct prove_counts){ 0 };
	if (use->plugin.lab.count == NULL)
		return 0;
	return plugin_result(&use->handle,
	    use->plugin.lab.count(use->handle.self, &place, add_count, ret),
	    err);
}

int
prove_has_arrived(
    struct prove *p, const struct prove_counts *before, uint64_t due)
{
	const struct prove_counts *after = &p->counts;
	struct prove_class *to = &p->result->class[p->class];
	const uint64_t spoofed = after->spoofed - before->spoofed,
		       strays = after->strays - before->strays;

	if (after->spoofed < before->spoofed ||
	    after->strays < before->strays || after->closed < before->closed ||
	    before->any != after->any)
		return prove_why_not(p,
		    "the rules of network \"%s\" were changed during the "
		    "attack",
		    p->net->name);
	to->spoofed += spoofed;
	to->strays += strays;
	to->closed += after->closed - before->closed;
	/* Without rules there is nothing that counts, nor that stops. */
	if (!after->any || spoofed + strays >= due)
		return 0;
	return prove_why_not(p,
	    "of %" PRIu64 " packets of class %s that the rules of network "
	    "\"%s\" count only %" PRIu64 " were: they do not arrive at its "
	    "router",
	    due, attack_class_name((enum attack_class)p->class), p->net->name,
	    spoofed + strays);
}
