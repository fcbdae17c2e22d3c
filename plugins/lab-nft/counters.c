/*
 * The counters of a lab's tables, from nft's own listing.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "counters.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "packets 7 bytes 420" */
static bool
read_counts(const char *line, struct lookback_counter *c)
{
	char *end;

	if (strncmp(line, "packets ", 8) != 0)
		return false;
	c->packets = strtoull(line + 8, &end, 10);
	if (strncmp(end, " bytes ", 7) != 0)
		return false;
	c->bytes = strtoull(end + 7, NULL, 10);
	return true;
}

/* The listing, a line at a time:
 *
 *	table ip lookback {
 *		counter strays {
 *			packets 7 bytes 420
 */
static void
tell(char *text, lookback_counter_fn *fn, void *ctx)
{
	char name[64] = "", table[64] = "", *rest = NULL;
	struct lookback_counter c = { .size = sizeof(c), .name = name };

	for (char *line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		line += strspn(line, "\t ");
		if (sscanf(line, "table %*63s %63s {", table) != 1 &&
		    sscanf(line, "counter %63s {", name) != 1 &&
		    strcmp(table, "lookback") == 0 && read_counts(line, &c))
			fn(ctx, &c);
	}
}

int
rules_count(struct job *job, const struct lookback_place *place,
    lookback_counter_fn *fn, void *ctx)
{
	struct nft_ctx *c;
	struct netns *ns;
	char *text;
	int rc;

	if ((rc = netns_get(job, place->netns, &ns)) != 0)
		return rc;
	if ((rc = rules_begin(job, ns, &c)) != 0)
		return rc;
	nft_ctx_output_set_flags(c, 0);
	if (nft_run_cmd_from_buffer(c, "list counters") != 0)
		rc = job_why(job, EIO, "nft: %s", nft_ctx_get_error_buffer(c));
	else if ((text = strdup(nft_ctx_get_output_buffer(c))) == NULL)
		rc = job_why(job, ENOMEM, "out of memory");
	else {
		tell(text, fn, ctx);
		free(text);
	}
	nft_ctx_free(c);
	return rc;
}
