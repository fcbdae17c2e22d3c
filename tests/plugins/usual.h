/*
 * A lab plugin without fault. A test plugin says by macros what is otherwise
 * about it, and includes this.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <lookback/lab.h>
#include <lookback/plugin.h>

#include <errno.h>
#include <stddef.h>
#include <string.h>

#ifndef ABI
#define ABI LOOKBACK_PLUGIN_ABI
#endif
#ifndef KIND
#define KIND LOOKBACK_LAB
#endif
#ifndef FLAGS
#define FLAGS 0
#endif
#ifndef NAME /* a plugin that a test fails to load needs none */
#define NAME "usual"
#endif
#ifndef APPLY
#define APPLY usual_apply
#endif
#ifndef TABLE /* a struct that begins as struct lookback_plugin does */
#define TABLE struct lookback_plugin
#endif
#ifndef OPS_TABLE
#define OPS_TABLE struct lookback_lab
#endif

static const struct lookback_host *host;

static const struct lookback_option options[] = {
	{ "name", LOOKBACK_TEXT, NULL, "no default" },
	{ "count", LOOKBACK_NUMBER, "3", "a number" },
	{ "fail", LOOKBACK_BOOL, "no", "open fails" },
	{ "later", 99, "x", "a type that no host knows yet; odd: open errs" },
	{ 0 },
};

/* Its settings, for the test to see. */
static char seen[256];

static int
usual_open(const struct lookback_host *h, const struct lookback_setting *s,
    void **ret_self)
{
	host = h;
	seen[0] = '\0';
	for (; s->key != NULL; s++) {
		(void)strcat(strcat(seen, s->key), "=");
		(void)strcat(strcat(seen, s->value), " ");
		if (strcmp(s->key, "fail") == 0 && strcmp(s->value, "yes") == 0)
			return h->fail(
			    h->ctx, ENODEV, "no \"%s\" here", "eth0");
		if (strcmp(s->value, "odd") == 0)
			return ENODEV; /* the sign is forgotten */
	}
	*ret_self = seen;
	return 0;
}

static void
usual_close(void *self)
{
	(void)strcpy(self, "closed");
}

/* Says what it was set to, and fails on each of its ways. */
__attribute__((unused)) static int
usual_apply(void *self, const struct lookback_plan *plan,
    lookback_finding_fn *tell, void *ctx)
{
	struct lookback_finding finding = {
		.size = sizeof(finding), .state = LOOKBACK_CHANGED, .text = self
	};

	(void)plan;
	host->log(host->ctx, LOOKBACK_NOTE, "note %d", 1);
	host->log(host->ctx, LOOKBACK_WARN, "warning %d", 2);
	tell(ctx, &finding);
	return host->fail(
	    host->ctx, EADDRINUSE, "mask %s is in use", "10.0.0.0/8");
}

static int
usual_observe(void *self, const struct lookback_plan *plan,
    lookback_finding_fn *tell, void *ctx)
{
	(void)self;
	(void)plan;
	(void)tell;
	(void)ctx;
	return -EPERM; /* and does not say why */
}

#ifndef OLD
static int
usual_trace(void *self, const struct lookback_flow *flow,
    lookback_line_fn *line, void *ctx)
{
	(void)self;
	(void)flow;
	(void)line;
	(void)ctx;
	return 0;
}
#endif

static const OPS_TABLE ops = {
	.size = sizeof(ops),
	.apply = APPLY,
	.observe = usual_observe,
#ifndef OLD
	.trace = usual_trace,
#endif
};

#ifndef SIZE
#define SIZE sizeof(TABLE)
#endif
static const TABLE plugin = {
	.abi = ABI,
	.size = SIZE,
	.kind = KIND,
	.flags = FLAGS,
	.name = NAME,
	.version = "1",
	.about = "a plugin for tests",
	.options = options,
	.open = usual_open,
	.close = usual_close,
	.ops = &ops,
};

const struct lookback_plugin *
lookback_plugin(void)
{
	return (const struct lookback_plugin *)&plugin;
}
