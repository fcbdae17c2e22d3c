/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "status.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "record.h"

/* Whether it was started with another text than the file has now. */
static int
is_changed(const struct lab_use *use, bool *ret, struct err *err)
{
	char path[RECORD_PATH];
	struct buf was = { 0 };
	int rc = 0;

	*ret = false;
	if (record_is_there(RECORD_STANDS, use->lab.name)) {
		(void)record_path(RECORD_STANDS, use->lab.name, path);
		rc = lab_read_text(&was, path, err);
		*ret = rc == 0 &&
		    (was.len != use->text.len ||
			(was.len > 0 &&
			    memcmp(was.data, use->text.data, was.len) != 0));
	}
	buf_done(&was);
	return rc;
}

static int
tell(struct status *st, bool json, struct err *err)
{
	struct buf text = { 0 };
	int rc = 0;

	if ((json ? status_json(&text, st) : status_text(&text, st)) != 0)
		rc = err_nomem(err);
	else
		(void)fwrite(text.data, 1, text.len, stdout);
	buf_done(&text);
	return rc;
}

/* Of a lab that drifts, what should count may not be there, which is told. */
static int
count(struct status *st, struct lab_use *use, struct err *err)
{
	int rc;

	if (st->seen->state == LAB_DOWN)
		return 0;
	rc = counts_read(&st->counts, use, err);
	return rc < 0 && st->seen->state == LAB_STANDS ? rc : 0;
}

static int
look(struct lab_use *use, bool gone, const struct status_order *order,
    struct err *err)
{
	struct lab_seen seen = { 0 };
	struct status st = { .use = use, .seen = &seen, .gone = gone };
	int rc;

	st.no_attach = if_nametoindex(use->lab.production.attach) == 0;
	st.unfinished = record_is_there(RECORD_STARTING, use->lab.name);
	if ((rc = is_changed(use, &st.changed, err)) == 0 &&
	    (rc = lab_use_open(use, err)) == 0 &&
	    (rc = lab_observe(&seen, use, err)) == 0 &&
	    ((!order->json && !order->verbose) ||
		(rc = count(&st, use, err)) == 0) &&
	    (rc = tell(&st, order->json, err)) == 0)
		rc = seen.state == LAB_STANDS ? LABROUTER_DONE :
						LABROUTER_PROBLEMS;
	counts_done(&st.counts);
	lab_seen_done(&seen);
	return rc;
}

int
status_file(const char *file, void *ctx, struct err *err)
{
	char name[LAB_FILE_NAME_MAX + 1], path[RECORD_PATH];
	struct err ignored = ERR_INIT;
	struct lab_use use;
	bool gone = false;
	int rc;

	if ((rc = lab_use_begin(&use, file, false, err)) != 0 &&
	    err->sys == ENOENT && lab_file_name(name, file, &ignored) == 0 &&
	    record_is_there(RECORD_STANDS, name)) {
		gone = true;
		rc = lab_use_begin(
		    &use, record_path(RECORD_STANDS, name, path), false, err);
	}
	if (rc != 0)
		return rc;
	rc = look(&use, gone, ctx, err);
	lab_use_end(&use);
	return rc;
}
