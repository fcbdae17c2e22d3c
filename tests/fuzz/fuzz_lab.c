/*
 * Lab files: refused with the file's name, or a lab in which every index and
 * every list is as the header says, and in which the check finds something at
 * lines of the file.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "labrouter/check.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
want(bool holds)
{
	if (!holds)
		abort();
}

static void
look_at_ports(const struct ports *p)
{
	for (size_t i = 0; i < p->n; i++) {
		want(p->range[i].first > 0);
		want(p->range[i].first <= p->range[i].last);
		want(i == 0 || p->range[i].first > p->range[i - 1].last + 1);
	}
}

static void
look_at_network(const struct lab *lab, const struct lab_network *net)
{
	want(net->line > 0 && net->gateway_line > 0 && net->mask_line > 0);
	want((net->mask.addr & ~prefix_mask(net->mask.len)) == 0);
	for (size_t i = 0; i < net->n_publish; i++) {
		look_at_ports(&net->publish[i].ports);
		want(net->publish[i].ports.n > 0);
	}
	for (size_t i = 0; i < net->n_allow; i++)
		look_at_ports(&net->allow[i].ports);
	for (size_t i = 0; i < net->n_join; i++)
		want(strcmp(net->join[i].name,
			 lab->network[net->join[i].network].name) == 0);
}

static void
look_at_nat(const struct lab_nat *nat)
{
	want(nat->line == 0 || nat->address_line > 0);
	want(nat->line != 0 || nat->n_rules == 0);
	for (size_t i = 0; i < nat->n_rules; i++) {
		const struct lab_nat_rule *r = &nat->rule[i];

		look_at_ports(&r->ports);
		want(r->line > 0);
		want(r->proto == LAB_ANY || r->proto == LAB_ICMP ||
		    r->ports.n > 0);
		want((r->from.addr & ~prefix_mask(r->from.len)) == 0);
		want((r->to.addr & ~prefix_mask(r->to.len)) == 0);
		want(r->to_ports.first <= r->to_ports.last);
		want(r->has_to || r->to.addr == 0);
	}
}

/* Beside itself, so that all of it is there twice. */
static void
look_at_findings(const struct lab *lab)
{
	static const struct host_route route = { { 0x0a000000, 8 }, "e", 0,
		false };
	static const struct lab_host host = { .routes = &route, .n_routes = 1 };
	const struct lab *labs[] = { lab, lab };
	struct lab_findings found = { 0 };
	struct err err = ERR_INIT;

	want(lab_check(&found, labs, 2, &host, &err) == 0);
	want(found.n_errors > 0 && found.n_errors <= found.n);
	for (size_t i = 0; i < found.n; i++) {
		const struct lab_finding *f = &found.item[i];
		char text[1024];

		want(f->lab < 2 && f->line > 0 && f->other_lab < 2);
		want(strncmp(lab_finding_text(f, labs, text, sizeof(text)),
			 "f.lab:", 6) == 0);
		want(i == 0 || f[-1].lab < f->lab ||
		    (f[-1].lab == f->lab && f[-1].line <= f->line));
	}
	lab_findings_done(&found);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct lab lab;
	struct err err = ERR_INIT;

	if (lab_parse(&lab, "f.lab", (const char *)data, len, &err) != 0) {
		want(strncmp(err.where, "f.lab:", 6) == 0);
		return 0;
	}
	want(lab.production.attach != NULL);
	want(lab.n_networks > 0 || lab.nat.line > 0);
	look_at_nat(&lab.nat);
	for (size_t i = 0; i < lab.n_networks; i++)
		look_at_network(&lab, &lab.network[i]);
	for (size_t i = 0; i < lab.n_machines; i++) {
		const struct lab_machine *m = &lab.machine[i];

		want(m->addr != 0 && m->timeout_ns > 0);
		want(
		    strcmp(m->network_name, lab.network[m->network].name) == 0);
		look_at_ports(&m->tcp);
	}
	look_at_findings(&lab);
	lab_done(&lab);
	return 0;
}
