/*
 * lindex scan --source: one source that is not the live file system.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/log.h"
#include "base/stop.h"
#include "commands.h"
#include "record.h"
#include "scan.h"
#include "sys/idle.h"
#include "upkeep.h"

#include <string.h>
#include <unistd.h>

/* ---- which series ---- */

static int
check_series(const char *series, const char *host, struct err *err)
{
	size_t n = strlen(host);

	if (!series_name_is_valid(series))
		return err_set(err, ERR_USAGE,
		    "\"%.128s\" is not the name of a series", series);
	/* That of the host alone is its live file system's. */
	if (strncmp(series, host, n) != 0 || series[n] != '/')
		return err_set(err, ERR_USAGE,
		    "--series %.128s does not begin with %s/, the --host",
		    series, host);
	return 0;
}

/* HOST/SCHEME, and of a path the last name up to its first dot, where that
 * leaves something: web01/archive/etc. */
static int
name_series(
    struct buf *ret, const struct uri *uri, const char *host, struct err *err)
{
	const char *slash = strrchr(uri->path, '/');
	const char *name = slash != NULL ? slash + 1 : uri->path;
	size_t begun, n = strcspn(name, ".");

	if (buf_printf(ret, "%s/%s", host, uri->scheme) != 0)
		return err_nomem(err);
	begun = ret->len;
	if (n > 0 && buf_printf(ret, "/%.*s", (int)n, name) != 0)
		return err_nomem(err);
	if (!series_name_is_valid(buf_str(ret)))
		return err_set(err, ERR_USAGE,
		    "\"%.128s\" makes no name of a series: give one by "
		    "--series",
		    buf_str(ret) + begun + 1);
	return 0;
}

static int
settle_series(struct buf *ret, const struct scan_request *r,
    const struct uri *uri, struct err *err)
{
	if (r->series == NULL)
		return name_series(ret, uri, r->host, err);
	if (buf_add_str(ret, r->series) != 0)
		return err_nomem(err);
	return check_series(r->series, r->host, err);
}

/* ---- the scan ---- */

/* All that may be wrong with what was asked for, before anything is made. */
static int
settle(struct record_request *q, struct buf *series,
    const struct scan_request *r, struct err *err)
{
	char here[HOST_NAME_SIZE];
	int rc;

	if ((rc = uri_parse(&q->origin, r->source, err)) != 0)
		return err_wrap(err, "--source");
	if ((rc = settle_series(series, r, &q->origin, err)) != 0 ||
	    (rc = settings_host(&r->settings, NULL, here, err)) != 0 ||
	    (rc = origin_complete(&q->origin, here, err)) != 0)
		return rc;
	q->series = buf_str(series);
	return 0;
}

int
scan_source(const struct scan_request *r)
{
	struct record_request q = {
		.source = { .settings = r->setting, .stop = stop_on_signals() },
		.in_order = true,
		.names_only = r->names_only,
		.verbose = r->verbose,
	};
	struct record_result result;
	struct buf series = { 0 };
	struct err err = ERR_INIT;
	int rc, status = LINDEX_ERROR;

	if (!isatty(STDIN_FILENO))
		idle_process();
	if ((rc = settle(&q, &series, r, &err)) == 0 &&
	    (rc = record_attach(&q, &err)) == 0) {
		rc = store_open(&q.store, r->store, STORE_CREATE, &err);
		if (rc == 0)
			rc = record_source(&q, &result, &err);
		else
			source_close(q.attached);
	}
	if (rc == ERR_CANCELLED)
		log_error("stopped by signal %d; nothing was committed",
		    *q.source.stop);
	else if (rc != 0)
		log_err(&err);
	else {
		status = result.complete ? LINDEX_DONE : LINDEX_PARTLY;
		upkeep_merge_after(q.store);
	}
	store_close(q.store);
	uri_done(&q.origin);
	buf_done(&series);
	return status;
}

int
scan_any(const struct scan_request *r)
{
	return r->source != NULL ? scan_source(r) : scan_live(r);
}
