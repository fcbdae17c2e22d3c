/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "model.h"

#include <stdlib.h>

static void
network_done(struct lab_network *net)
{
	free(net->name);
	free(net->statics);
	for (size_t i = 0; i < net->n_publish; i++)
		free(net->publish[i].ports.range);
	free(net->publish);
	for (size_t i = 0; i < net->n_allow; i++)
		free(net->allow[i].ports.range);
	free(net->allow);
	for (size_t i = 0; i < net->n_join; i++)
		free(net->join[i].name);
	free(net->join);
	free(net->interface);
	free(net->bridge);
}

static void
machine_done(struct lab_machine *m)
{
	free(m->name);
	free(m->network_name);
	free(m->tcp.range);
	free(m->script);
}

void
lab_done(struct lab *lab)
{
	free(lab->name);
	free(lab->file);
	free(lab->plugin);
	free(lab->production.attach);
	for (size_t i = 0; i < lab->n_networks; i++)
		network_done(&lab->network[i]);
	free(lab->network);
	for (size_t i = 0; i < lab->nat.n_rules; i++)
		free(lab->nat.rule[i].ports.range);
	free(lab->nat.rule);
	free(lab->nat.interface);
	for (size_t i = 0; i < lab->n_machines; i++)
		machine_done(&lab->machine[i]);
	free(lab->machine);
	*lab = (struct lab){ 0 };
}

bool
lab_is_on_host(const struct lab *lab)
{
	bool any = lab->nat.interface != NULL;

	for (size_t i = 0; i < lab->n_networks; i++)
		any = any || lab->network[i].interface != NULL;
	return any && lab->layout == LAB_SINGLE;
}
