/*
 * What is heard during a proof.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/clock.h"
#include "base/interrupt.h"
#include "listen.h"
#include "parse.h"
#include "prove_private.h"

#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

size_t
prove_place(struct prove *p, int ifindex, bool leaving)
{
	struct prove_place *more;

	for (size_t i = 0; i < p->n_places; i++)
		if (p->place[i].ifindex == ifindex &&
		    p->place[i].leaving == leaving)
			return i;
	more = lab_list_grow(p->place, p->n_places, sizeof(*more));
	if (more == NULL) {
		p->nomem = true;
		return SIZE_MAX;
	}
	p->place = more;
	more[p->n_places].ifindex = ifindex;
	more[p->n_places].leaving = leaving;
	return p->n_places++;
}

static void
hear_production(struct prove *p, const struct listen_frame *f, int ifindex)
{
	const int class = attack_class_of(&p->attack, f->data, f->len);
	size_t place;

	if (class < 0 && attack_class_of(&p->control, f->data, f->len) < 0) {
		prove_hear_arp(p, f, ifindex);
		return;
	}
	if (ifindex != 0 && prove_is_inside(&p->use->lab, ifindex))
		return;
	place = prove_place(
	    p, ifindex, ifindex != 0 && f->type == PACKET_OUTGOING);
	if (place != SIZE_MAX && class >= 0)
		p->place[place].class[class]++;
	else if (place != SIZE_MAX)
		p->place[place].control++;
}

static void
hear_outer(void *ctx, const struct listen_frame *f)
{
	hear_production(ctx, f, 0);
}

static void
hear_host(void *ctx, const struct listen_frame *f)
{
	hear_production(ctx, f, f->ifindex);
}

static void
hear_front(void *ctx, const struct listen_frame *f)
{
	struct prove *p = ctx;
	const int class = attack_class_of(&p->attack, f->data, f->len);

	if (class >= 0)
		p->result->class[class].front++;
}

/* Answers to the attacker, and whoever else has one of his addresses. */
static void
hear_switch(void *ctx, const struct listen_frame *f)
{
	struct prove *p = ctx;
	const struct attack_scene *s = &p->scene;
	uint8_t mac[6];
	const uint32_t who = attack_answerer(f->data, f->len, mac);

	if (who == 0)
		return;
	if (who == s->own || who == s->peer[0] || who == s->peer[1])
		p->taken = true;
	if (who != s->gateway.addr)
		return;
	if (memcmp(mac, s->router, sizeof(mac)) == 0) {
		p->answered = true;
		return;
	}
	p->posed = true;
	memcpy(p->poser, mac, sizeof(mac));
}

int
prove_hear(struct prove *p, struct err *err)
{
	const struct {
		int fd;
		listen_fn *fn;
	} ears[] = { { p->outer, hear_outer }, { p->host, hear_host },
		{ p->front, hear_front }, { p->switch_, hear_switch } };
	int rc = 0;

	for (size_t i = 0; i < sizeof(ears) / sizeof(*ears) && rc == 0; i++)
		if (ears[i].fd >= 0)
			rc = listen_read(ears[i].fd, ears[i].fn, p, err);
	return rc == 0 && p->nomem ? err_nomem(err) : rc;
}

int
prove_hear_until(struct prove *p, bool (*done)(const struct prove *), int ms,
    struct err *err)
{
	const int64_t until = clock_ms() + ms;
	struct pollfd ears[] = { { p->outer, POLLIN, 0 },
		{ p->host, POLLIN, 0 }, { p->front, POLLIN, 0 },
		{ p->switch_, POLLIN, 0 }, { interrupt_fd(), POLLIN, 0 } };
	int64_t left;
	int rc;

	while ((rc = prove_hear(p, err)) == 0) {
		if (interrupt_asked() != 0)
			return err_set(err, ERR_CANCELLED,
			    "asked to stop, so nothing is proved");
		if (done(p))
			return 0;
		if ((left = until - clock_ms()) <= 0)
			return 1;
		(void)poll(ears, sizeof(ears) / sizeof(*ears), (int)left);
	}
	return rc;
}

void
prove_control_heard(
    const struct prove *p, uint64_t *ret_outer, uint64_t *ret_host)
{
	*ret_outer = *ret_host = 0;
	for (size_t i = 0; i < p->n_places; i++) {
		const struct prove_place *place = &p->place[i];
		uint64_t *most = place->ifindex == 0 ? ret_outer : ret_host;

		if (place->control > *most)
			*most = place->control;
	}
}

/* Each interface once. A name may be any bytes. */
static void
add_name(char *to, size_t size, char *name)
{
	const size_t len = strlen(name), at = strlen(to);

	for (size_t i = 0; i < len; i++)
		if (name[i] < ' ' || name[i] > '~')
			name[i] = '?';
	for (const char *p = to; (p = strstr(p, name)) != NULL; p += len)
		if ((p == to || p[-1] == ' ') &&
		    (p[len] == ',' || p[len] == '\0'))
			return;
	if (at + len + 3 > size)
		return;
	(void)snprintf(to + at, size - at, "%s%s", at == 0 ? "" : ", ", name);
}

void
prove_take_seen(struct prove *p)
{
	struct prove_report *r = p->report;

	for (size_t i = 0; i < p->n_places; i++) {
		struct prove_place *place = &p->place[i];
		char name[IF_NAMESIZE] = "interface 0";
		uint64_t all = 0;

		for (size_t c = 0; c < ATTACK_CLASSES; c++) {
			struct prove_class *to = &p->result->class[c];

			all += place->class[c];
			if (place->class[c] > to -> production)
				to->production = place->class[c];
		}
		memset(place->class, 0, sizeof(place->class));
		if (place->ifindex != 0 &&
		    if_indextoname((unsigned)place->ifindex, name) == NULL)
			(void)snprintf(name, sizeof(name), "(gone)");
		if (all > 0)
			add_name(r->seen_on, sizeof(r->seen_on), name);
	}
}

int
prove_nothing_lost(struct prove *p, const char *when)
{
	const unsigned outer = listen_lost(p->outer),
		       host = listen_lost(p->host);

	return outer == 0 && host == 0 ?
	    0 :
	    prove_why_not(p,
		"%u frames on interface 0 and %u in this host's namespace "
		"passed unheard %s: this host is too busy",
		outer, host, when);
}
