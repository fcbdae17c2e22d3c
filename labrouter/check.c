/*
 * The check: its parts in turn, and what they found in the order of the files.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "check_private.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void __attribute__((format(printf, 5, 0)))
found(struct checker *c, bool warning, struct place at, struct place other,
    const char *fmt, va_list ap)
{
	struct lab_findings *f = c->found;
	struct lab_finding *item;

	if (f->n == c->cap) {
		size_t cap = c->cap != 0 ? 2 * c->cap : 8;

		item = reallocarray(f->item, cap, sizeof(*item));
		if (item == NULL) {
			c->nomem = true;
			return;
		}
		f->item = item;
		c->cap = cap;
	}
	item = &f->item[f->n++];
	*item = (struct lab_finding){
		.warning = warning,
		.lab = at.lab,
		.line = at.line,
		.other_lab = other.lab,
		.other_line = other.line,
	};
	if (!warning)
		f->n_errors++;
	(void)vsnprintf(item->text, sizeof(item->text), fmt, ap);
}

void
check_error(struct checker *c, struct place at, struct place other,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	found(c, false, at, other, fmt, ap);
	va_end(ap);
}

void
check_warning(struct checker *c, struct place at, struct place other,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	found(c, true, at, other, fmt, ap);
	va_end(ap);
}

void
check_inner(struct checker *c, struct place at, const struct lab_network *net,
    const char *key, uint32_t addr)
{
	const struct lab *lab = c->labs[at.lab];
	struct place gateway = { at.lab, net->gateway_line };
	struct place router = { at.lab, lab->production.address_line };

	if (!prefix_holds(net->gateway, addr))
		check_error(c, at, gateway,
		    "%s: " IP_FMT " is not in the real subnet " NET_FMT
		    "; write an address of this network",
		    key, IP(addr), NET(net->gateway));
	else if (addr == net->gateway.addr)
		check_error(c, at, gateway,
		    "%s: " IP_FMT " is the router itself, which mimics the "
		    "gateway; write a machine's address",
		    key, IP(addr));
	else if (prefix_reserves(net->gateway, addr))
		check_error(c, at, gateway,
		    "%s: " IP_FMT " is the first or the last of " NET_FMT
		    ", which no machine has; write a machine's address",
		    key, IP(addr), NET(net->gateway));
	else if (has_address(lab) && addr == lab->production.address.addr)
		check_error(c, at, router,
		    "%s: " IP_FMT " is the router's own Address in production, "
		    "where its original would be; write another one in either "
		    "line",
		    key, IP(addr));
}

bool
check_ports_cover(const struct ports *a, const struct ports *b)
{
	for (size_t i = 0, k = 0; k < b->n; k++) {
		while (i < a->n && a->range[i].last < b->range[k].last)
			i++;
		if (i == a->n || b->range[k].first < a->range[i].first)
			return false;
	}
	return true;
}

static int
by_place(const void *va, const void *vb)
{
	const struct lab_finding *a = va, *b = vb;

	if (a->lab != b->lab)
		return a->lab < b->lab ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return strcmp(a->text, b->text);
}

int
lab_check(struct lab_findings *f, const struct lab *const *labs, size_t n_labs,
    const struct lab_host *host, struct err *err)
{
	struct checker c = {
		.labs = labs,
		.n_labs = n_labs,
		.routes = host->routes,
		.n_routes = host->n_routes,
		.ports = host->ports,
		.n_ports = host->n_ports,
		.found = f,
	};

	*f = (struct lab_findings){ 0 };
	check_production(&c);
	check_networks(&c);
	check_links(&c);
	check_claims(&c);
	check_access(&c);
	check_machines(&c);
	check_services(&c);
	check_nat(&c);
	if (c.nomem) {
		lab_findings_done(f);
		return err_nomem(err);
	}
	if (f->n != 0)
		qsort(f->item, f->n, sizeof(*f->item), by_place);
	return 0;
}

void
lab_findings_done(struct lab_findings *f)
{
	free(f->item);
	*f = (struct lab_findings){ 0 };
}

const char *
lab_finding_text(const struct lab_finding *f, const struct lab *const *labs,
    char *buf, size_t size)
{
	const char *kind = f->warning ? "warning" : "error";
	const char *file = labs[f->lab]->file;

	if (f->other_line == 0)
		(void)snprintf(
		    buf, size, "%s:%d: %s: %s", file, f->line, kind, f->text);
	else
		(void)snprintf(buf, size, "%s:%d: %s: %s (%s:%d)", file,
		    f->line, kind, f->text, labs[f->other_lab]->file,
		    f->other_line);
	return buf;
}
