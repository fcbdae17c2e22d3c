/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "use.h"
#include "base/command_options.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "commands.h"
#include "labs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the lab's Attach is on this host; a NIC where it is not here. */
static enum lab_attach
attach_here(const struct lab *lab)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/sys/class/net/%s/bridge",
	    lab->production.attach);
	return access(path, F_OK) == 0 ? LAB_BRIDGE : LAB_NIC;
}

int
lab_use_begin(struct lab_use *use, const char *file, bool stop, struct err *err)
{
	int rc;

	memset(use, 0, sizeof(*use));
	use->stop = stop;
	if ((rc = lab_read_text(&use->text, file, err)) == 0 &&
	    (rc = lab_parse(&use->lab, file, (const char *)use->text.data,
		 use->text.len, err)) == 0) {
		use->attach = attach_here(&use->lab);
		rc = stop ? lab_plan_stop(&use->lab, &use->plan, err) :
			    lab_plan(&use->lab, use->attach, &use->plan, err);
	}
	if (rc != 0)
		lab_use_end(use);
	return rc;
}

int
lab_use_begin_named(struct lab_use *use, const char *name, bool bridges,
    bool *ret_any, struct err *err)
{
	struct remains remains = { 0 };
	int rc;

	memset(use, 0, sizeof(*use));
	use->stop = true;
	use->lab.name = strdup(name);
	use->lab.plugin = strdup("lab-nft");
	if (use->lab.name == NULL || use->lab.plugin == NULL)
		rc = err_nomem(err);
	else if ((rc = remains_find(&remains, &use->lab, bridges, err)) == 0)
		rc = lab_plan_stop_named(&use->lab, &remains, &use->plan, err);
	*ret_any = remains.front || remains.n_cells > 0 ||
	    remains.n_bridges > 0;
	remains_done(&remains);
	if (rc != 0)
		lab_use_end(use);
	return rc;
}

int
lab_use_open(struct lab_use *use, struct err *err)
{
	static const struct lookback_setting nothing[] = { { 0 } };
	int rc;

	if ((rc = plugin_load_lab(&use->plugin, use->lab.plugin, err)) != 0)
		return rc;
	rc = plugin_open(&use->handle, &use->plugin, nothing, err);
	use->handle.finish = use->stop;
	return rc;
}

void
lab_use_end(struct lab_use *use)
{
	plugin_close(&use->handle);
	lab_plan_free(use->plan);
	lab_done(&use->lab);
	buf_done(&use->text);
}

int
labs_each(char *const *words, lab_file_fn *fn, void *ctx)
{
	int status = LABROUTER_DONE;
	struct strlist files = { 0 };
	struct err err = ERR_INIT;

	if (labs_find(&files, LABS_DIR, words, &err) != 0) {
		log_err(&err);
		status = LABROUTER_ERROR;
	}
	for (size_t i = 0; i < files.n; i++) {
		struct err why = ERR_INIT;
		int one;

		if (interrupt_asked() != 0) {
			log_note("stopped before %s", files.item[i]);
			break;
		}
		one = fn(files.item[i], ctx, &why);
		if (one < 0) {
			log_err(&why);
			if (geteuid() != 0 &&
			    (why.sys == EPERM || why.sys == EACCES))
				log_note("only root can do this");
			one = one == ERR_FORMAT ? LABROUTER_PROBLEMS :
						  LABROUTER_ERROR;
		}
		status = one > status ? one : status;
	}
	strlist_done(&files);
	return status;
}

int
labs_each_json(int argc, char **argv, const char *help, lab_file_fn *fn)
{
	bool json = false;
	const struct command_option options[] = { { "json", NULL, &json },
		{ NULL, NULL, NULL } };
	int first, status;

	if (command_options(options, help, argc, argv, &first, &status) != 0)
		return status;
	return labs_each(argv + first, fn, &json);
}
