/*
 * What is of the lab and in no step of its plan goes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "extra.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <stdio.h>

#include "program.h"

/* As it was told, but DEL in place of NEW. */
static int
remove_thing(struct job *job, const struct extra *x)
{
	struct nlmsghdr *h = x->raw;
	int rc;

	h->nlmsg_type++;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	rc = netlink_talk(job, x->ns, BUS_ROUTE, h, NULL, NULL);
	h->nlmsg_type--;
	/* It may have gone with another one, or with its link. */
	if (rc == -ESRCH || rc == -ENOENT || rc == -EADDRNOTAVAIL ||
	    rc == -ENODEV)
		return 0;
	return rc == 0 ? 1 : rc;
}

static int
remove_table(struct job *job, const struct extra *x)
{
	struct nft_ctx *c;
	char delete[128];
	int rc = rules_begin(job, x->ns, &c);

	if (rc != 0)
		return rc;
	(void)snprintf(delete, sizeof(delete), "delete table %s", x->name);
	rc = rules_run(job, c, delete);
	nft_ctx_free(c);
	return rc == 0 ? 1 : rc;
}

int
extra_remove(struct job *job, const struct extra *x)
{
	switch (x->what) {
	case EXTRA_PROGRAM:
		return program_remove(x->name);
	case EXTRA_NETNS:
		return netns_delete(job, x->name);
	case EXTRA_TABLE:
		return remove_table(job, x);
	case EXTRA_THING:
		break;
	}
	return x->kind == SEEN_LINKS ? link_delete(job, x->ns, x->name) :
				       remove_thing(job, x);
}
