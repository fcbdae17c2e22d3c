/*
 * The control: a proof hears what leaves by interface 0.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "prove_private.h"

#include <string.h>

#define HEARD_MS 1000 /* for what was sent to be heard */

static void
send_control(void *ctx, const uint8_t *frame, size_t len)
{
	struct prove_sending *s = ctx;
	uint8_t wrapped[14 + ATTACK_FRAME_MAX];

	memcpy(wrapped, s->p->outer_mac, 6);
	memcpy(wrapped + 6, s->p->outer_mac, 6);
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
	return outer >= p->due_outer && host >= p->due_host;
}

int
prove_control(struct prove *p, enum attack_class first, enum attack_class last,
    struct err *err)
{
	struct prove_report *r = p->report;
	struct prove_sending s = { .p = p, .err = err };
	int rc;

	prove_control_heard(p, &p->due_outer, &p->due_host);
	for (unsigned c = first; c <= last; c++)
		attack_frames(&p->scene, &p->control, (enum attack_class)c,
		    send_control, &s);
	r->control.sent += s.n;
	p->due_outer += s.n;
	p->due_host += s.n;
	if (s.rc != 0)
		return s.rc;
	rc = prove_hear_until(p, control_is_heard, HEARD_MS, err);
	prove_control_heard(p, &r->control.outer, &r->control.host);
	return rc;
}
