/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "model.h"
#include "parse.h"
#include "value.h"

#include <string.h>
#include <strings.h>

/* ---- single values ---- */

static int
take_layout(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct lab *lab = into;

	(void)row;
	lab->layout_line = item->line;
	if (strcasecmp(item->value, "cells") == 0)
		lab->layout = LAB_CELLS;
	else if (strcasecmp(item->value, "single") == 0)
		lab->layout = LAB_SINGLE;
	else
		return config_bad(item, err,
		    "\"%.64s\" is no layout: want cells or single",
		    item->value);
	return 0;
}

static int
take_plugin(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	if (item->value[strspn(item->value,
		"abcdefghijklmnopqrstuvwxyz"
		"0123456789-")] != '\0')
		return config_bad(item, err,
		    "\"%.64s\" is no plugin's name: want a-z, 0-9 and -",
		    item->value);
	return take_text(row, into, item, err);
}

static int
take_attach(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct lab *lab = into;

	lab->production.attach_line = item->line;
	return value_take_device(row, into, item, err);
}

static int
take_production_address(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct lab *lab = into;

	(void)row;
	lab->production.address_line = item->line;
	lab->production.dhcp = strcasecmp(item->value, "dhcp") == 0;
	return lab->production.dhcp ?
	    0 :
	    value_host(item, item->value, strlen(item->value),
		&lab->production.address, err);
}

static int
take_production_gateway(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct lab *lab = into;

	(void)row;
	lab->production.gateway_line = item->line;
	return value_addr(item, item->value, strlen(item->value),
	    &lab->production.gateway, err);
}

static int
take_gateway(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct lab_network *net = into;

	(void)row;
	net->gateway_line = item->line;
	return value_host(
	    item, item->value, strlen(item->value), &net->gateway, err);
}

static int
take_mask(const struct setting *row, void *into, const struct config_item *item,
    struct err *err)
{
	struct lab_network *net = into;

	(void)row;
	net->mask_line = item->line;
	return value_network(
	    item, item->value, strlen(item->value), &net->mask, err);
}

static int
take_nat_address(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct lab *lab = into;

	(void)row;
	lab->nat.address_line = item->line;
	return value_host(
	    item, item->value, strlen(item->value), &lab->nat.address, err);
}

static int
take_nat_interface(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct lab *lab = into;

	lab->nat.interface_line = item->line;
	return value_take_device(row, into, item, err);
}

static int
take_proxy(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct lab_network *net = into;

	net->proxy_line = item->line;
	return take_bool(row, into, item, err);
}

static int
take_dns(const struct setting *row, void *into, const struct config_item *item,
    struct err *err)
{
	struct lab_network *net = into;

	net->dns_line = item->line;
	return take_bool(row, into, item, err);
}

static int
take_network_name(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct lab_machine *m = into;

	m->network_line = item->line;
	return take_text(row, into, item, err);
}

static int
take_machine_address(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct lab_machine *m = into;

	(void)row;
	m->addr_line = item->line;
	return value_addr(
	    item, item->value, strlen(item->value), &m->addr, err);
}

static int
take_tcp(const struct setting *row, void *into, const struct config_item *item,
    struct err *err)
{
	struct lab_machine *m = into;

	(void)row;
	return value_ports(
	    item, item->value, strlen(item->value), &m->tcp, err);
}

/* ---- the table ---- */

#define LAB(field) SETTING_FIELD(struct lab, field)
#define NET(field) SETTING_FIELD(struct lab_network, field)
#define NAT(key, kind)                                              \
	{                                                           \
		"Nat", key, NULL, true, lab_take_nat, 0, 0, kind, 0 \
	}
#define MACHINE(field) SETTING_FIELD(struct lab_machine, field)

/* clang-format off */
static const struct setting rows[] = {
	{ "Lab", "Layout", "cells", false, take_layout, LAB(layout), 0, 0 },
	{ "Lab", "Plugin", "lab-nft", false, take_plugin, LAB(plugin), 0, 0 },

	{ "Production", "Attach", NULL, false, take_attach,
	    LAB(production.attach), 0, 0 },
	{ "Production", "Address", NULL, false, take_production_address,
	    LAB(production.address), 0, 0 },
	{ "Production", "Gateway", NULL, false, take_production_gateway,
	    LAB(production.gateway), 0, 0 },
	{ "Production", "ProbeWait", "300ms", false, value_take_wait,
	    LAB(production.probe_wait_ns), 1, 60 * 1000 },

	{ "Network", "Gateway", NULL, false, take_gateway, NET(gateway), 0, 0 },
	{ "Network", "Mask", NULL, false, take_mask, NET(mask), 0, 0 },
	{ "Network", "Static", NULL, true, lab_take_static, NET(statics), 0,
	    0 },
	{ "Network", "Publish", NULL, true, lab_take_publish, NET(publish), 0,
	    0 },
	{ "Network", "Allow", NULL, true, lab_take_allow, NET(allow), 0, 0 },
	{ "Network", "Join", NULL, true, lab_take_join, NET(join), 0, 0 },
	{ "Network", "Proxy", "no", false, take_proxy, NET(proxy), 0, 0 },
	{ "Network", "Dns", "no", false, take_dns, NET(dns), 0, 0 },
	{ "Network", "Ftp", "no", false, take_bool, NET(ftp), 0, 0 },
	{ "Network", "Mtu", NULL, false, take_int, NET(mtu), 576, 65535 },
	{ "Network", "Interface", NULL, false, value_take_device,
	    NET(interface), 0, 0 },
	{ "Network", "Bridge", NULL, false, value_take_device, NET(bridge), 0,
	    0 },

	{ "Nat", "Address", NULL, false, take_nat_address, LAB(nat.address), 0,
	    0 },
	{ "Nat", "Interface", NULL, false, take_nat_interface,
	    LAB(nat.interface), 0, 0 },
	NAT("Snat", LAB_SNAT),
	NAT("Masquerade", LAB_MASQUERADE),
	NAT("Pass", LAB_PASS),
	NAT("Deny", LAB_DENY),
	NAT("Dnat", LAB_DNAT),
	NAT("Redirect", LAB_REDIRECT),
	NAT("Netmap", LAB_NETMAP_TO),
	NAT("Twin", LAB_TWIN),
	NAT("Claim", LAB_CLAIM),

	{ "Machine", "Network", NULL, false, take_network_name,
	    MACHINE(network_name), 0, 0 },
	{ "Machine", "Address", NULL, false, take_machine_address,
	    MACHINE(addr), 0, 0 },
	{ "Machine", "Ping", "yes", false, take_bool, MACHINE(ping), 0, 0 },
	{ "Machine", "Tcp", NULL, false, take_tcp, MACHINE(tcp), 0, 0 },
	{ "Machine", "Script", NULL, false, take_path, MACHINE(script), 0, 0 },
	{ "Machine", "Timeout", "60s", false, value_take_wait,
	    MACHINE(timeout_ns), 1, 24 * 60 * 60 * 1000 },
};
/* clang-format on */

const struct settings_table lab_keys = { rows, sizeof(rows) / sizeof(rows[0]),
	lab_section };
