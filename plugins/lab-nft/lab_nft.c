/*
 * lab-nft: labs of this kernel's own means: namespaces, links and routes by
 * netlink (libmnl), rules by libnftables. There is no state but the kernel's.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "apply.h"
#include "counters.h"
#include "frames.h"
#include "port.h"
#include "trace.h"

#include <errno.h>
#include <stdlib.h>

struct lab_nft {
	const struct lookback_host *host; /* borrowed */
};

static int
lab_nft_open(const struct lookback_host *host,
    const struct lookback_setting *settings, void **ret_self)
{
	struct lab_nft *lab = calloc(1, sizeof(*lab));

	(void)settings;
	if (lab == NULL)
		return host->fail(host->ctx, ENOMEM, "out of memory");
	lab->host = host;
	*ret_self = lab;
	return 0;
}

static void
lab_nft_close(void *self)
{
	free(self);
}

static int
lab_nft_apply(void *self, const struct lookback_plan *plan,
    lookback_finding_fn *fn, void *ctx)
{
	const struct lab_nft *lab = self;
	const struct lab_tell tell = { fn, ctx };

	return lab_apply(lab->host, plan, &tell);
}

static int
lab_nft_observe(void *self, const struct lookback_plan *plan,
    lookback_finding_fn *fn, void *ctx)
{
	const struct lab_nft *lab = self;
	const struct lab_tell tell = { fn, ctx };

	return lab_observe(lab->host, plan, &tell);
}

/* Of a change beside any plan. */
static int
end(struct job *job, int rc)
{
	netns_end(job);
	return rc >= 0 ? 0 :
			 job->host->fail(job->host->ctx, -rc, "%s", job->why);
}

static int
lab_nft_attach(void *self, const struct lookback_place *place,
    const char *interface, int *ret_fd)
{
	const struct lab_nft *lab = self;
	struct job job = { .host = lab->host };
	int rc = netns_begin(&job);

	if (rc == 0)
		rc = port_attach(&job, place, interface, ret_fd);
	return end(&job, rc);
}

static int
lab_nft_detach(
    void *self, const struct lookback_place *place, const char *interface)
{
	const struct lab_nft *lab = self;
	struct job job = { .host = lab->host };
	int rc = netns_begin(&job);

	if (rc == 0)
		rc = port_detach(&job, place, interface);
	return end(&job, rc);
}

static int
lab_nft_trace(void *self, const struct lookback_flow *flow,
    lookback_line_fn *line, void *ctx)
{
	const struct lab_nft *lab = self;
	struct job job = { .host = lab->host };
	int rc = netns_begin(&job);

	if (rc == 0)
		rc = trace_flow(&job, flow, line, ctx);
	return end(&job, rc);
}

static int
lab_nft_probe(void *self, const struct lookback_place *place, int *ret_fd)
{
	const struct lab_nft *lab = self;
	struct job job = { .host = lab->host };
	int rc = netns_begin(&job);

	if (rc == 0)
		rc = frames_probe(&job, place, ret_fd);
	return end(&job, rc);
}

static int
lab_nft_count(void *self, const struct lookback_place *place,
    lookback_counter_fn *fn, void *ctx)
{
	const struct lab_nft *lab = self;
	struct job job = { .host = lab->host };
	int rc = netns_begin(&job);

	if (rc == 0)
		rc = rules_count(&job, place, fn, ctx);
	return end(&job, rc);
}

static const struct lookback_lab ops = {
	.size = sizeof(ops),
	.apply = lab_nft_apply,
	.observe = lab_nft_observe,
	.attach = lab_nft_attach,
	.detach = lab_nft_detach,
	.trace = lab_nft_trace,
	.probe = lab_nft_probe,
	.count = lab_nft_count,
};

static const struct lookback_plugin plugin = {
	.abi = LOOKBACK_PLUGIN_ABI,
	.size = sizeof(plugin),
	.kind = LOOKBACK_LAB,
	.name = "lab-nft",
	.version = "1",
	.about = "builds labs of namespaces, links and nftables rules",
	.open = lab_nft_open,
	.close = lab_nft_close,
	.ops = &ops,
};

const struct lookback_plugin *
lookback_plugin(void)
{
	return &plugin;
}
