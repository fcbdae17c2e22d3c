/*
 * lab-null: a lab plugin that builds nothing. It records what it was asked, one
 * line a call, which is all that tests of a host need; and it is the smallest
 * example of a plugin.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <lookback/lab.h>
#include <lookback/plan.h>
#include <lookback/plugin.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lab_null {
	const struct lookback_host *host; /* borrowed */
	FILE *record;			  /* owned; NULL: nowhere */
};

static const struct lookback_option options[] = {
	{ "record", LOOKBACK_TEXT, NULL,
	    "file to add a line to for each call" },
	{ 0 },
};

/* A line at once, so that it is there if the host is killed after it. */
__attribute__((format(printf, 2, 3))) static int
record(struct lab_null *lab, const char *fmt, ...)
{
	va_list ap;

	if (lab->record == NULL)
		return 0;
	va_start(ap, fmt);
	(void)vfprintf(lab->record, fmt, ap);
	va_end(ap);
	(void)fputc('\n', lab->record);
	if (fflush(lab->record) != 0)
		return lab->host->fail(
		    lab->host->ctx, errno, "record: %s", strerror(errno));
	return 0;
}

static int
lab_null_open(const struct lookback_host *host,
    const struct lookback_setting *settings, void **ret_self)
{
	struct lab_null *lab = calloc(1, sizeof(*lab));

	if (lab == NULL)
		return host->fail(host->ctx, ENOMEM, "out of memory");
	lab->host = host;
	/* There is one option, so a setting can only be that. */
	if (settings->key != NULL &&
	    (lab->record = fopen(settings->value, "ae")) == NULL) {
		int err = errno;

		free(lab);
		return host->fail(
		    host->ctx, err, "%s: %s", settings->value, strerror(err));
	}
	*ret_self = lab;
	return 0;
}

static void
lab_null_close(void *self)
{
	struct lab_null *lab = self;

	if (lab->record != NULL)
		(void)fclose(lab->record);
	free(lab);
}

/* It tells no change, since it makes none. */
static int
lab_null_apply(void *self, const struct lookback_plan *plan,
    lookback_finding_fn *tell, void *ctx)
{
	(void)tell;
	(void)ctx;
	return record(self, "apply %s: %zu steps", plan->lab, plan->n_steps);
}

/* Nothing ever stands. */
static int
lab_null_observe(void *self, const struct lookback_plan *plan,
    lookback_finding_fn *tell, void *ctx)
{
	struct lookback_finding finding = { .size = sizeof(finding),
		.state = LOOKBACK_MISSING,
		.text = "lab-null builds nothing" };

	for (; finding.step < plan->n_steps; finding.step++)
		tell(ctx, &finding);
	return record(self, "observe %s", plan->lab);
}

static int
lab_null_attach(void *self, const struct lookback_place *place,
    const char *interface, int *ret_fd)
{
	struct lab_null *lab = self;

	if (ret_fd != NULL)
		return lab->host->fail(
		    lab->host->ctx, EOPNOTSUPP, "makes no tap");
	return record(lab, "attach %s to %s", interface, place->dev);
}

static int
lab_null_detach(
    void *self, const struct lookback_place *place, const char *interface)
{
	return record(self, "detach %s from %s", interface, place->dev);
}

/* No probe and no trace: there is nothing to send a packet to. */
static const struct lookback_lab ops = {
	.size = sizeof(ops),
	.apply = lab_null_apply,
	.observe = lab_null_observe,
	.attach = lab_null_attach,
	.detach = lab_null_detach,
};

static const struct lookback_plugin plugin = {
	.abi = LOOKBACK_PLUGIN_ABI,
	.size = sizeof(plugin),
	.kind = LOOKBACK_LAB,
	.name = "lab-null",
	.version = "1",
	.about = "builds nothing and records what it was asked",
	.options = options,
	.open = lab_null_open,
	.close = lab_null_close,
	.ops = &ops,
};

const struct lookback_plugin *
lookback_plugin(void)
{
	return &plugin;
}
