/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "standing.h"

#include "base/log.h"
#include "commands.h"
#include "ready.h"
#include "record.h"

/* ---- down ---- */

/* 1: there is no plan, in `why`. */
static int
down_by_file(
    const char *file, struct deed *deed, struct err *why, struct err *err)
{
	struct lab_use use;
	int rc;

	if (lab_use_begin(&use, file, true, why) != 0)
		return 1;
	if ((rc = lab_use_open(&use, err)) == 0)
		rc = deed_do(deed, &use, err);
	lab_use_end(&use);
	return rc;
}

/* What is left under the lab's names, such as networks of an earlier file. */
static int
down_by_names(const char *name, bool known, struct deed *deed, bool *ret_any,
    struct err *err)
{
	struct lab_use use;
	int rc;

	if ((rc = lab_use_begin_named(&use, name, !known, ret_any, err)) != 0)
		return rc;
	if ((rc = lab_use_open(&use, err)) == 0)
		rc = deed_do(deed, &use, err);
	lab_use_end(&use);
	return rc;
}

int
standing_take_down(
    const char *name, const char *file, struct deed *deed, struct err *err)
{
	static const enum record_kind kinds[] = { RECORD_STANDS,
		RECORD_STARTING };
	struct err why = ERR_INIT;
	bool known = false;
	bool any;
	int rc = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		char path[RECORD_PATH];

		if (!record_is_there(kinds[i], name))
			continue;
		rc = down_by_file(
		    record_path(kinds[i], name, path), deed, &why, err);
		if (rc < 0)
			return rc;
		if (rc == 0)
			known = true;
		else
			log_err(&why);
	}
	if (!known && file != NULL) {
		err_clear(&why);
		if ((rc = down_by_file(file, deed, &why, err)) < 0)
			return rc;
		known = rc == 0;
	}
	if ((rc = down_by_names(name, known, deed, &any, err)) != 0)
		return rc;
	if (!known && !any && file != NULL) {
		*err = why;
		return err->code;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		record_drop(kinds[i], name);
	return 0;
}

/* ---- up ---- */

static void
undo(const struct lab_use *use)
{
	const char *name = use->lab.name;
	struct deed deed = { 0 };
	struct err err = ERR_INIT;

	if (standing_take_down(name, NULL, &deed, &err) == 0)
		log_note("%s: what was made of it is taken away again", name);
	else {
		(void)err_wrap(&err, "%s: taking away what was made", name);
		log_err(&err);
	}
}

int
standing_bring_up(struct lab_use *use, struct deed *deed, struct err *err)
{
	const char *name = use->lab.name;
	const bool stood = record_is_there(RECORD_STANDS, name);
	int rc;

	if ((rc = lab_ready(use, err)) != 0)
		return rc < 0 ? rc : (int)LABROUTER_PROBLEMS;
	if (deed_do(deed, use, err) == 0)
		return record_finish(name, err);
	log_err(err);
	/* All of it was new where its first step was. */
	if (!stood || deed->made)
		undo(use);
	else
		log_note("%s: what stood of it was left", name);
	return LABROUTER_ERROR;
}
