/*
 * All machines at once, in one thread that waits for whatever comes first.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "verify_private.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

/* Between the begins of two tries of one check. */
#define RETRY_NS INT64_C(1000000000)
/* Tries of one machine under way, so that a long list of ports takes no
 * descriptors from the other machines. */
#define UNDER_WAY 16

static const struct verify_way *const ways[] = {
	[VERIFY_PING] = &verify_ping,
	[VERIFY_TCP] = &verify_tcp,
	[VERIFY_SCRIPT] = &verify_script,
};

void
verify_say(struct verify_check *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(c->said, sizeof(c->said), fmt, ap);
	va_end(ap);
}

void
verify_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* ---- what is to be asked ---- */

static size_t
count_ports(const struct ports *ports)
{
	size_t n = 0;

	for (size_t i = 0; i < ports->n; i++)
		n += (size_t)ports->range[i].last - ports->range[i].first + 1U;
	return n;
}

static void
add(struct verify_machine *m, enum verify_kind kind, unsigned port)
{
	m->check[m->n_checks++] = (struct verify_check){
		.kind = kind, .port = (uint16_t)port, .fd = -1, .out = -1
	};
}

static int
list_checks(struct verify_machine *m, struct err *err)
{
	const struct lab_machine *what = m->machine;
	const struct ports *tcp = &what->tcp;

	m->check = calloc(count_ports(tcp) + 2, sizeof(*m->check));
	if (m->check == NULL)
		return err_nomem(err);
	if (what->ping)
		add(m, VERIFY_PING, 0);
	for (size_t i = 0; i < tcp->n; i++)
		for (unsigned p = tcp->range[i].first; p <= tcp->range[i].last;
		     p++)
			add(m, VERIFY_TCP, p);
	if (what->script != NULL)
		add(m, VERIFY_SCRIPT, 0);
	return 0;
}

int
verify_init(struct verify *v, const struct lab *lab, struct err *err)
{
	int rc = 0;

	*v = (struct verify){ .lab = lab };
	v->machine = calloc(lab->n_machines + 1, sizeof(*v->machine));
	if (v->machine == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < lab->n_machines && rc == 0; i++) {
		const struct lab_machine *what = &lab->machine[i];
		const struct prefix mask = lab->network[what->network].mask;

		v->n_machines++;
		v->machine[i].machine = what;
		v->machine[i].addr = (mask.addr & prefix_mask(mask.len)) |
		    (what->addr & ~prefix_mask(mask.len));
		rc = list_checks(&v->machine[i], err);
	}
	if (rc != 0)
		verify_done(v);
	return rc;
}

void
verify_done(struct verify *v)
{
	for (size_t i = 0; i < v->n_machines; i++) {
		struct verify_machine *m = &v->machine[i];

		for (size_t k = 0; k < m->n_checks; k++) {
			ways[m->check[k].kind]->end(&m->check[k]);
			buf_done(&m->check[k].output);
		}
		free(m->check);
	}
	free(v->machine);
	*v = (struct verify){ 0 };
}

/* ---- asking ---- */

/* What poll is to wait for. */
struct waiting {
	struct pollfd *fd;	     /* owned */
	struct verify_check **check; /* owned; beside them; NULL: a signal */
	size_t n, cap;
	int64_t until_ns;
};

static int
wait_for(struct waiting *w, struct verify_check *c, int fd, short events)
{
	if (fd < 0)
		return 0;
	if (w->n == w->cap) {
		const size_t cap = w->cap == 0 ? 64 : 2 * w->cap;
		void *fds = reallocarray(w->fd, cap, sizeof(*w->fd)), *checks;

		if (fds == NULL)
			return -1;
		w->fd = fds;
		checks = reallocarray(w->check, cap, sizeof(*w->check));
		if (checks == NULL)
			return -1;
		w->check = checks;
		w->cap = cap;
	}
	w->fd[w->n] = (struct pollfd){ .fd = fd, .events = events };
	w->check[w->n++] = c;
	return 0;
}

static void
no_later(struct waiting *w, int64_t ns)
{
	if (ns < w->until_ns)
		w->until_ns = ns;
}

/* The next try begins when its time has come; one that is under way goes on, or
 * ends when it has had its own. */
static void
step(struct verify_check *c, const struct verify_machine *m, int64_t now)
{
	const struct verify_way *way = ways[c->kind];

	if (c->fd >= 0 && way->wait_ns != 0 && now >= c->until_ns)
		way->end(c);
	if (now < c->next_ns || c->hopeless ||
	    (c->fd >= 0 && way->again == NULL))
		return;
	c->tries++;
	c->next_ns = now + RETRY_NS;
	c->until_ns = now + way->wait_ns;
	if (c->fd >= 0)
		way->again(c);
	else
		way->begin(c, m);
}

static void
note_pass(const struct verify *v, struct verify_check *c, int64_t now)
{
	c->took_ns = now - v->began_ns;
	c->said[0] = '\0';
}

/* The end of a machine's checks: all passed, or its time is over, or one of
 * them can never pass and no other is left. */
static void
finish(struct verify *v, struct verify_machine *m, bool passed, int64_t now)
{
	m->done = true;
	m->passed = passed;
	m->took_ns = now - v->began_ns;
	v->n_passed += passed;
	for (size_t k = 0; k < m->n_checks; k++) {
		struct verify_check *c = &m->check[k];

		if (c->passed)
			continue;
		ways[c->kind]->end(c);
		c->took_ns = m->took_ns;
		if (c->tries == 0)
			verify_say(c,
			    c->kind == VERIFY_SCRIPT ?
				"not run, since the others did not pass" :
				"not tried, for want of time");
	}
}

/* One look at all of a machine's checks. A script waits for the others. */
static int
look_at(
    struct verify *v, struct verify_machine *m, struct waiting *w, int64_t now)
{
	const int64_t end = v->began_ns + m->machine->timeout_ns;
	size_t open = 0, under_way = 0, hopeless = 0;

	if (now >= end) {
		finish(v, m, false, now);
		return 0;
	}
	for (size_t k = 0; k < m->n_checks; k++) {
		struct verify_check *c = &m->check[k];
		const struct verify_way *way = ways[c->kind];

		if (c->passed || (c->kind == VERIFY_SCRIPT && open > 0)) {
			open += !c->passed;
			continue;
		}
		if (c->fd >= 0 || under_way < UNDER_WAY)
			step(c, m, now);
		if (c->passed) {
			note_pass(v, c, now);
			continue;
		}
		open++;
		hopeless += c->hopeless;
		under_way += c->fd >= 0;
		if (!c->hopeless && (c->fd < 0 || way->again != NULL) &&
		    (c->fd >= 0 || under_way < UNDER_WAY))
			no_later(w, c->next_ns);
		if (c->fd >= 0 && way->wait_ns != 0)
			no_later(w, c->until_ns);
		if (wait_for(w, c, c->fd, way->events) != 0 ||
		    wait_for(w, c, c->out, POLLIN) != 0)
			return -1;
	}
	no_later(w, end);
	if (open == 0 || open == hopeless)
		finish(v, m, open == 0, now);
	return 0;
}

static void
await(const struct verify *v, struct waiting *w)
{
	const int64_t left = w->until_ns - clock_ns();
	const struct timespec wait = { .tv_sec = left > 0 ? left / RETRY_NS : 0,
		.tv_nsec = left > 0 ? left % RETRY_NS : 0 };

	if (ppoll(w->fd, (nfds_t)w->n, &wait, NULL) <= 0)
		return;
	for (size_t i = 0; i < w->n; i++) {
		struct verify_check *c = w->check[i];

		/* Two of them may be one check's. */
		if (w->fd[i].revents == 0 || c == NULL || c->passed ||
		    c->fd < 0)
			continue;
		ways[c->kind]->ready(c);
		if (c->passed)
			note_pass(v, c, clock_ns());
	}
}

static int
ask_all(struct verify *v, struct waiting *w, struct err *err)
{
	for (;;) {
		const int64_t now = clock_ns();
		size_t n_done = 0;

		w->n = 0;
		w->until_ns = INT64_MAX;
		if (wait_for(w, NULL, interrupt_fd(), POLLIN) != 0)
			return err_nomem(err);
		for (size_t i = 0; i < v->n_machines; i++) {
			struct verify_machine *m = &v->machine[i];

			if (!m->done && look_at(v, m, w, now) != 0)
				return err_nomem(err);
			n_done += m->done;
		}
		v->took_ns = now - v->began_ns;
		if (n_done == v->n_machines)
			return 0;
		progress("%s: %zu of %zu machines passed, %zu to come",
		    v->lab->name, v->n_passed, v->n_machines,
		    v->n_machines - n_done);
		await(v, w);
		if (interrupt_asked() != 0)
			return err_set(err, ERR_CANCELLED,
			    "%s: asked to stop when %zu of %zu machines had "
			    "passed",
			    v->lab->file, v->n_passed, v->n_machines);
	}
}

int
verify_run(struct verify *v, struct err *err)
{
	struct waiting w = { 0 };
	int rc;

	v->began_ns = clock_ns();
	rc = ask_all(v, &w, err);
	progress_end();
	for (size_t i = 0; rc != 0 && i < v->n_machines; i++)
		if (!v->machine[i].done)
			finish(v, &v->machine[i], false, clock_ns());
	free(w.fd);
	free(w.check);
	return rc;
}
