/*
 * The control: a proof hears what leaves by interface 0.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "prove_private.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Interface 0's; a single router's is an interface of this host. */
static int
outer_mac(struct prove *p, uint8_t mac[6], struct err *err)
{
	const struct lookback_plan *plan = p->use->plan;
	struct prove_names names;
	const struct lookback_place outer = prove_outer(p->use, &names);
	struct ifreq ask = { 0 };
	int fd, rc = 0;

	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].type == LOOKBACK_MAC &&
		    outer.netns != NULL && plan->steps[i].netns != NULL &&
		    strcmp(plan->steps[i].netns, outer.netns) == 0 &&
		    strcmp(plan->steps[i].dev, outer.dev) == 0) {
			memcpy(mac, plan->steps[i].mac, 6);
			return 0;
		}
	(void)snprintf(ask.ifr_name, IFNAMSIZ, "%s", outer.dev);
	if ((fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0 ||
	    ioctl(fd, SIOCGIFHWADDR, &ask) != 0)
		rc = err_sys(err, "%s", outer.dev);
	else
		memcpy(mac, ask.ifr_hwaddr.sa_data, 6);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static void
send_control(void *ctx, const uint8_t *frame, size_t len)
{
	struct prove_sending *s = ctx;
	uint8_t wrapped[14 + ATTACK_FRAME_MAX];

	memcpy(wrapped, s->outer, 6);
	memcpy(wrapped + 6, s->outer, 6);
	wrapped[12] = 0x88;
	wrapped[13] = 0xb5;
	memcpy(wrapped + 14, frame, len);
	prove_send_next(s, s->p->outer_send, wrapped, 14 + len);
}

static bool
control_is_heard(const struct prove *p)
{
	uint64_t outer, host;

	prove_control_heard(p, &outer, &host);
	return outer >= p->report->control.sent &&
	    host >= p->report->control.sent;
}

int
prove_control(struct prove *p, enum attack_class first, enum attack_class last,
    struct err *err)
{
	struct prove_report *r = p->report;
	struct prove_sending s = { .p = p, .err = err };
	int rc = outer_mac(p, s.outer, err);

	if (rc != 0)
		return rc;
	for (unsigned c = first; c <= last; c++)
		attack_frames(&p->scene, &p->control, (enum attack_class)c,
		    send_control, &s);
	r->control.sent += s.n;
	if (s.rc != 0)
		return s.rc;
	rc = prove_hear_until(p, control_is_heard, PROVE_ANSWER_MS, err);
	prove_control_heard(p, &r->control.outer, &r->control.host);
	return rc;
}
