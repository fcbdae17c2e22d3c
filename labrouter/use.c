/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "use.h"
#include "base/log.h"
#include "base/text.h"
#include "commands.h"
#include "labs.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NETNS_DIR "/run/netns"
#define PREFIX "lookback." /* of all namespaces of labs */

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

/* The numbers of lookback.LAB.I; whether there is lookback.LAB too. */
static int
find_cells(const char *lab, unsigned **ret, size_t *ret_n, bool *ret_front,
    struct err *err)
{
	DIR *dir = opendir(NETNS_DIR);
	const size_t len = strlen(lab);
	const struct dirent *d;

	while (dir != NULL && (d = readdir(dir)) != NULL) {
		const char *rest;
		long long i;
		void *more;

		if (strncmp(d->d_name, PREFIX, strlen(PREFIX)) != 0 ||
		    strncmp(d->d_name + strlen(PREFIX), lab, len) != 0)
			continue;
		rest = d->d_name + strlen(PREFIX) + len;
		if (*rest == '\0')
			*ret_front = true;
		if (*rest != '.' || !text_int(rest + 1, 1, UINT_MAX, &i))
			continue;
		more = reallocarray(*ret, *ret_n + 1, sizeof(**ret));
		if (more == NULL) {
			(void)closedir(dir);
			return err_nomem(err);
		}
		*ret = more;
		(*ret)[(*ret_n)++] = (unsigned)i;
	}
	if (dir != NULL)
		(void)closedir(dir);
	return 0;
}

int
lab_use_begin_named(
    struct lab_use *use, const char *name, size_t *ret_n, struct err *err)
{
	unsigned *cells = NULL;
	bool front = false;
	size_t n = 0;
	int rc;

	memset(use, 0, sizeof(*use));
	use->lab.name = strdup(name);
	use->lab.plugin = strdup("lab-nft");
	if (use->lab.name == NULL || use->lab.plugin == NULL)
		rc = err_nomem(err);
	else if ((rc = find_cells(name, &cells, &n, &front, err)) == 0)
		rc = lab_plan_stop_named(&use->lab, cells, n, &use->plan, err);
	free(cells);
	if (rc != 0)
		lab_use_end(use);
	else
		*ret_n = n + front;
	return rc;
}

int
lab_use_open(struct lab_use *use, struct err *err)
{
	static const struct lookback_setting nothing[] = { { 0 } };
	int rc;

	if ((rc = plugin_load_lab(&use->plugin, use->lab.plugin, err)) != 0)
		return rc;
	return plugin_open(&use->handle, &use->plugin, nothing, err);
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
		int one = fn(files.item[i], ctx, &why);

		if (one < 0) {
			log_err(&why);
			one = one == ERR_FORMAT ? LABROUTER_PROBLEMS :
						  LABROUTER_ERROR;
		}
		status = one > status ? one : status;
	}
	strlist_done(&files);
	return status;
}
