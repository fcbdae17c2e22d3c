/*
 * lindex run: a host's night. Scan, push, and drop the snapshots that need not
 * be kept here.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/log.h"
#include "commands.h"
#include "push.h"
#include "scan.h"
#include "upkeep.h"

static const char help[] =
    "usage: lindex run [OPTION]...\n"
    "Scan, push to the server of the settings, drop what [Local] does not\n"
    "keep. Each is tried.\n";

static struct prune_rule
rule(void *ctx, const struct series_row *series,
    const struct snapshot_row *newest)
{
	const struct settings *s = ctx;

	/* What others pushed here is theirs and the server's settings', and
	 * so are backups. */
	if (newest->has_peer || upkeep_is_backup(series->name))
		return (struct prune_rule){ 0 };
	return (
	    struct prune_rule){ .keep = s->keep, .bounded = s->server != NULL };
}

/* What [Local] does not keep; its place comes back with the merge. */
static int
prune(struct scan_request *r)
{
	struct prune_request request = { .rule = rule, .ctx = &r->settings };
	struct prune_result pruned;
	struct merge_result merged;
	struct err err = ERR_INIT;
	struct store *store;
	int rc;

	if ((rc = store_open(&store, r->store, STORE_WRITE, &err)) == 0) {
		rc = store_prune(store, &request, &pruned, &err);
		if (rc == 0 && pruned.dropped > 0)
			rc = store_merge(
			    store, MERGE_TIERED, &merged, NULL, NULL, &err);
		if (rc != 0)
			(void)err_wrap(&err, "store %s", r->store);
		store_close(store);
	}
	if (rc == 0)
		return LINDEX_DONE;
	log_err(&err);
	return LINDEX_PARTLY;
}

/* What fails after the snapshot was committed is a part that is missing. */
static int
worse(int scan, int after)
{
	return scan == LINDEX_DONE && after != LINDEX_DONE ? LINDEX_PARTLY :
							     scan;
}

int
cmd_run(int argc, char **argv)
{
	struct scan_request request;
	int status;

	if (scan_request_parse(&request, argc, argv, help, &status) != 0)
		return status;
	status = scan_any(&request);
	/* None where the first scan of all failed. */
	if (store_is_there(request.store)) {
		if (request.settings.server != NULL)
			status = worse(status,
			    push_to_server(&request.settings, request.store,
				request.host));
		/* What is recorded here is not kept by failing tonight. */
		status = worse(status, prune(&request));
	}
	scan_request_done(&request);
	return status;
}
