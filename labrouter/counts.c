/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "counts.h"

#include <stdio.h>
#include <stdlib.h>

#include "parse.h"
#include "place.h"

/* What the plugin is handed. */
struct told {
	struct counts *to;
	size_t network;
	bool nomem;
};

static void
take(void *ctx, const struct lookback_counter *c)
{
	struct told *told = ctx;
	struct counts *to = told->to;
	struct counted *more = lab_list_grow(to->item, to->n, sizeof(*more));

	if (more == NULL) {
		told->nomem = true;
		return;
	}
	to->item = more;
	more += to->n++;
	more->network = told->network;
	(void)snprintf(more->name, sizeof(more->name), "%s", c->name);
	more->packets = c->packets;
	more->bytes = c->bytes;
}

static int
count(struct told *told, struct lab_use *use, const struct lookback_place *at,
    struct err *err)
{
	int rc = plugin_result(&use->handle,
	    use->plugin.lab.count(use->handle.self, at, take, told), err);

	return rc == 0 && told->nomem ? err_nomem(err) : rc;
}

int
counts_read(struct counts *ret, struct lab_use *use, struct err *err)
{
	struct told told = { .to = ret, .network = COUNTS_OF_ALL };
	char netns[LAB_NETNS_SIZE], dev[LAB_DEV_SIZE];
	struct lookback_place at = { .size = sizeof(at), .netns = netns };
	int rc;

	*ret = (struct counts){ 0 };
	if (use->plugin.lab.count == NULL)
		return 0;
	(void)snprintf(netns, sizeof(netns), "lookback.%s", use->lab.name);
	if (lab_is_on_host(&use->lab))
		at.netns = NULL;
	rc = count(&told, use, &at, err);
	if (use->lab.layout == LAB_SINGLE)
		return rc;
	for (size_t i = 0; i < use->lab.n_networks && rc == 0; i++) {
		told.network = i;
		at = lab_switch(&use->lab, i, netns, dev);
		rc = count(&told, use, &at, err);
	}
	return rc;
}

void
counts_done(struct counts *c)
{
	free(c->item);
	*c = (struct counts){ 0 };
}
