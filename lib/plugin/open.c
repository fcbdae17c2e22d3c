/*
 * A plugin in use: the services that it is lent, and what it says.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plugin/plugin_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/interrupt.h"
#include "base/log.h"

__attribute__((format(printf, 3, 4))) static int
service_fail(void *ctx, int code, const char *fmt, ...)
{
	struct plugin_handle *handle = ctx;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(handle->why, sizeof(handle->why), fmt, ap);
	va_end(ap);
	if (code == 0)
		return -EIO;
	return code > 0 ? -code : code;
}

__attribute__((format(printf, 3, 4))) static void
service_log(void *ctx, uint32_t level, const char *fmt, ...)
{
	const struct plugin_handle *handle = ctx;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (level == LOOKBACK_NOTE)
		log_note("%s: %s", handle->plugin->info.name, text);
	else
		log_warn("%s: %s", handle->plugin->info.name, text);
}

static int
service_stopping(void *ctx)
{
	const struct plugin_handle *handle = ctx;

	return !handle->finish && interrupt_asked() != 0;
}

int
plugin_open(struct plugin_handle *handle, const struct plugin *plugin,
    const struct lookback_setting *given, struct err *err)
{
	struct lookback_setting *settings;
	int rc;

	*handle = (struct plugin_handle){
		.plugin = plugin,
		.host = { .size = sizeof(handle->host),
		    .ctx = handle,
		    .fail = service_fail,
		    .log = service_log,
		    .stopping = service_stopping },
	};
	if ((rc = plugin_settings(&settings, &plugin->info, given, err)) == 0) {
		rc = plugin_result(handle,
		    plugin->info.open(&handle->host, settings, &handle->self),
		    err);
		free(settings);
		if (rc > 0)
			rc = err_set(err, ERR_FORMAT,
			    "%s: open returns %d: not 0, and no failure",
			    plugin->info.name, rc);
	}
	if (rc != 0)
		handle->plugin = NULL;
	return rc;
}

void
plugin_close(struct plugin_handle *handle)
{
	if (handle->plugin == NULL)
		return;
	handle->plugin->info.close(handle->self);
	handle->plugin = NULL;
}

int
plugin_result(struct plugin_handle *handle, int rc, struct err *err)
{
	if (rc < 0) {
		errno = -rc;
		if (handle->why[0] == '\0')
			(void)err_sys(err, "failed and does not say why");
		else
			(void)err_set(err, ERR_SYS, "%s", handle->why);
		err->sys = -rc;
		rc = err_wrap(err, "%s", handle->plugin->info.name);
	}
	handle->why[0] = '\0';
	return rc;
}
