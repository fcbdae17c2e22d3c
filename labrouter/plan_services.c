/*
 * The programs of a lab, all in the front: a DHCP client, a proxy, a name
 * server. Each has a directory, what it reads there, and starts when that
 * stands. The proxy and the name server are users who may do nothing else; the
 * latter becomes one by itself, since it keeps the right to its port.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_steps.h"

#include <inttypes.h>

#define SECONDS UINT64_C(1000000000)
#define LEASE_WAIT (15 * SECONDS)
#define LISTEN_WAIT (5 * SECONDS)

bool
plan_has_proxy(const struct lab *lab)
{
	for (size_t i = 0; i < lab->n_networks; i++)
		if (lab->network[i].proxy)
			return true;
	return false;
}

bool
plan_has_dns(const struct lab *lab)
{
	for (size_t i = 0; i < lab->n_networks; i++)
		if (lab->network[i].dns)
			return true;
	return false;
}

static const char *
dir_of(struct plan *p, const struct lab *lab, const char *name)
{
	return plan_printf(p, "/run/lookback/%s/%s", lab->name, name);
}

static void
add_file(struct plan *p, const char *dir, const char *name, const char *text,
    int line)
{
	struct lookback_step *s = plan_add(p, LOOKBACK_FILE, NULL, NULL, line);

	s->u.file.path = plan_printf(p, "%s/%s", dir, name);
	s->text = text;
}

static struct lookback_step *
add_run(struct plan *p, const char *netns, const char *dir,
    const char *const *argv, const char *package, int line)
{
	struct lookback_step *s = plan_add(p, LOOKBACK_RUN, netns, NULL, line);

	s->u.run.dir = dir;
	s->u.run.argv = argv;
	s->u.run.package = package;
	return s;
}

/* A text of the plan's, which empties the buffer. */
static const char *
keep(struct plan *p, struct buf *b, bool failed)
{
	const char *text;

	p->failed |= failed;
	text = plan_keep(p, b);
	buf_done(b);
	return text;
}

/* ---- Address = dhcp ---- */

/* What udhcpc tells stands in the environment. When the last address goes the
 * kernel forgets the routes, and for whom it answers ARP; so these are kept, and
 * put back behind the next address. They get their device again: one without is
 * not even forgotten with its namespace. Should the client end, the kernel takes
 * the address away when the lease does. */
#define DECONFIG                                              \
	"rm -f ready\n"                                       \
	"ip neigh show proxy dev \"$interface\" >> proxied\n" \
	"ip -4 address flush dev \"$interface\"\n"

#define BOUND                                                                  \
	"set -eu\n"                                                            \
	"want=$ip/${mask:-32}\n"                                               \
	"case $(ip -o -4 address show dev \"$interface\") in\n"                \
	"*\" $want \"*) ;;\n"                                                  \
	"*) . ./deconfig ;;\n"                                                 \
	"esac\n"                                                               \
	"ip address replace \"$want\" dev \"$interface\" \\\n"                 \
	"    valid_lft \"${lease:-forever}\" "                                 \
	"preferred_lft \"${lease:-forever}\"\n"                                \
	"via=${router:-}\n"                                                    \
	"via=${via%% *}\n"                                                     \
	"if [ -n \"$via\" ]; then\n"                                           \
	"\tip route replace default via \"$via\" \\\n"                         \
	"\t    dev \"$interface\" onlink table main proto 76\n"                \
	"else\n"                                                               \
	"\tip route del default table main proto 76 2> /dev/null || true\n"    \
	"fi\n"                                                                 \
	"if [ -e proxied ]; then\n"                                            \
	"\tsed \"s/^/neigh replace proxy /; s/ proxy *\\$/ dev $interface/\" " \
	"\\\n"                                                                 \
	"\t    proxied |\n"                                                    \
	"\t    ip -batch -\n"                                                  \
	"\trm proxied\n"                                                       \
	"fi\n"                                                                 \
	"printf %s \"$ip\" > address\n"                                        \
	"printf %s \"$via\" > gateway\n"                                       \
	": > ready\n"

const char *
plan_leased_address(struct plan *p, const struct lab *lab)
{
	return lab->production.dhcp ?
	    plan_printf(p, "%s/address", dir_of(p, lab, "dhcp")) :
	    NULL;
}

void
plan_dhcp(struct plan *p, const struct lab *lab, const char *front)
{
	const int line = lab->production.address_line;
	const char *dir = dir_of(p, lab, "dhcp"), *bound = BOUND;
	/* It runs a program with what happened as the one argument. A script
	 * cannot be that program, since /run may forbid to execute; so it is
	 * the shell, which reads the file of that name. */
	const char *const argv[] = { "udhcpc", "--foreground", "--release",
		plan_printf(p, "--arping=%" PRId64,
		    lab->production.probe_wait_ns / 1000000),
		"--retries=10", "--timeout=1", "--tryagain=5", "--interface",
		PLAN_OUTER, "--script=/bin/sh", NULL };
	struct lookback_step *s;
	struct buf b = { 0 };
	bool failed;

	if (lab->production.gateway_line != 0) {
		failed = buf_add_str(&b, "router=") != 0 ||
		    plan_add_addr(&b, lab->production.gateway) != 0 ||
		    buf_add_str(&b, "\n" BOUND) != 0;
		bound = keep(p, &b, failed);
	}
	add_file(p, dir, "bound", bound, line);
	add_file(p, dir, "renew", ". ./bound\n", line);
	add_file(p, dir, "deconfig", DECONFIG, line);
	add_file(p, dir, "leasefail", ":\n", line);
	add_file(p, dir, "nak", ":\n", line);
	s = add_run(p, front, dir, plan_words(p, argv), "udhcpc", line);
	s->dev = PLAN_OUTER;
	s->number = LEASE_WAIT;
	/* The client sets it as well, at each renewal. */
	add_route(p, front, PLAN_OUTER, 0, 0, 0, TABLE_MAIN, line)
	    ->u.route.via_file = plan_printf(p, "%s/gateway", dir);
}

/* ---- Proxy = yes ---- */

void
plan_proxy(struct plan *p, const struct lab *lab, const struct plan_cell *cells,
    const char *front)
{
	static const char *const argv[] = { "tinyproxy", "-d", "-c", "conf",
		NULL };
	const char *dir;
	struct lookback_step *s;
	struct buf b = { 0 };
	bool failed;
	int line = 0;

	if (!plan_has_proxy(lab))
		return;
	dir = dir_of(p, lab, "proxy");
	failed = buf_add_str(&b, "Listen ") != 0 ||
	    plan_add_addr(&b, LAB_HUB) != 0 ||
	    buf_printf(&b,
		"\nPort %d\n"
		"Timeout 600\n"
		"MaxClients 100\n"
		"LogLevel Warning\n"
		"ViaProxyName \"lookback\"\n"
		"ConnectPort 443\n",
		PLAN_PROXY_PORT) != 0;
	for (size_t i = 0; i < lab->n_networks; i++) {
		if (!lab->network[i].proxy)
			continue;
		line = line == 0 ? lab->network[i].proxy_line : line;
		failed |= buf_add_str(&b, "Allow ") != 0 ||
		    plan_add_addr(&b, cells[i].outside) != 0 ||
		    buf_add_byte(&b, '\n') != 0;
	}
	/* By it the proxy hears at once what its rules refuse. */
	plan_add(p, LOOKBACK_UP, front, "lo", line);
	add_file(p, dir, "conf", keep(p, &b, failed), line);
	s = add_run(p, front, dir, argv, "tinyproxy-bin", line);
	s->number = LISTEN_WAIT;
	s->u.run.user = PLAN_PROXY_USER;
	s->u.run.resolves = true;
	s->u.run.port = PLAN_PROXY_PORT;
}

/* ---- Dns = yes ---- */

void
plan_dns(struct plan *p, const struct lab *lab, const struct plan_cell *cells,
    const char *front)
{
	static const char *const argv[] = { "dnsmasq", "--keep-in-foreground",
		"--conf-file=conf", NULL };
	struct lookback_step *s;
	struct buf b = { 0 };
	const char *dir;
	bool failed;
	int line = 0;

	if (!plan_has_dns(lab))
		return;
	dir = dir_of(p, lab, "dns");
	/* Answers that lead past the mask, to production itself, are left out:
	 * IPv6, and services that hint at addresses. */
	failed = buf_add_str(&b,
		     "interface=" PLAN_OUTER "\n"
		     "except-interface=lo\n"
		     "bind-dynamic\n"
		     "user=dnsmasq\n"
		     "group=nogroup\n"
		     "no-hosts\n"
		     "pid-file=\n"
		     "log-facility=-\n"
		     "filter-rr=AAAA,HTTPS,SVCB\n") != 0;
	for (size_t i = 0; i < lab->n_networks; i++) {
		if (!lab->network[i].dns)
			continue;
		line = line == 0 ? lab->network[i].dns_line : line;
		failed |= buf_add_str(&b, "alias=") != 0 ||
		    plan_add_addr(&b, cells[i].real) != 0 ||
		    buf_add_byte(&b, ',') != 0 ||
		    plan_add_addr(&b, cells[i].mask) != 0 ||
		    buf_add_byte(&b, ',') != 0 ||
		    plan_add_addr(&b, prefix_mask(cells[i].len)) != 0 ||
		    buf_add_byte(&b, '\n') != 0;
	}
	add_file(p, dir, "conf", keep(p, &b, failed), line);
	s = add_run(p, front, dir, argv, "dnsmasq-base", line);
	s->number = LISTEN_WAIT;
	s->u.run.resolves = true;
	s->u.run.port = 53;
}

/* ---- the end ---- */

void
plan_services_stop(struct plan *p, const struct lab *lab, const char *front)
{
	const struct {
		const char *name;
		bool runs;
	} all[] = { { "dns", plan_has_dns(lab) },
		{ "proxy", plan_has_proxy(lab) },
		{ "dhcp", lab->production.dhcp } };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (all[i].runs)
			add_run(p, front, dir_of(p, lab, all[i].name), NULL,
			    NULL, lab->production.line)
			    ->remove = true;
}
