/*
 * labrouter plan: what starting a lab would do, or stopping it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command_options.h"
#include "base/json.h"
#include "base/text.h"
#include "commands.h"
#include "labs.h"
#include "ready.h"
#include "use.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: labrouter plan [--stop] [--json] [LAB...]\n"
    "\n"
    "Print the steps that make a lab stand, in their order, as commands of "
    "ip,\n"
    "sysctl, nft and arping, each below the line of the lab file that it is "
    "for.\n"
    "Nothing is changed.\n"
    "\n"
    "      --json   as JSON Lines, a step each\n"
    "      --stop   print the steps that take the lab away\n"
    "  -h, --help   show this and exit\n"
    "\n"
    "Exit status: 0 done; 1 a lab has errors; 2 a file cannot be read, or what "
    "it\n"
    "asks cannot be planned.\n"
    "\n" LABS_HELP;

/* A comment for a shell, which no file's name can end. */
static int
put_place(struct buf *to, const char *file, int line)
{
	if (buf_add(to, "# ", 2) != 0 || text_tame(to, file, strlen(file)) != 0)
		return -1;
	return line == 0 ? buf_add_byte(to, '\n') :
			   buf_printf(to, ":%d\n", line);
}

static int
put_plan(struct buf *to, const struct lab *lab, const struct lookback_plan *p)
{
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct lookback_step *step = &p->steps[i];

		if (((i == 0 || step->line != p->steps[i - 1].line) &&
			put_place(to, lab->file, step->line) != 0) ||
		    lab_step_text(to, step) != 0 || buf_add_byte(to, '\n') != 0)
			return -1;
	}
	return 0;
}

static int
put_json(struct buf *to, const struct lab *lab, const struct lookback_plan *p)
{
	struct buf text = { 0 };
	int rc = 0;

	for (size_t i = 0; i < p->n_steps && rc == 0; i++) {
		const struct lookback_step *step = &p->steps[i];
		struct json j = json_begin(to);

		buf_clear(&text);
		rc = lab_step_text(&text, step);
		json_int(&j, "v", 1);
		json_string(&j, "type", "step");
		json_string(&j, "lab", lab->name);
		json_uint(&j, "step", i);
		json_bytes(&j, "file", lab->file);
		json_int(&j, "line", step->line);
		if (step->netns != NULL)
			json_string(&j, "netns", step->netns);
		else
			json_null(&j, "netns");
		json_bytes(&j, "command", buf_str(&text));
		if (json_end(&j) != 0)
			rc = -1;
	}
	buf_done(&text);
	return rc;
}

struct order {
	bool stop, json;
};

static int
plan_file(const char *file, void *ctx, struct err *err)
{
	const struct order *o = ctx;
	struct lab_use use;
	struct buf text = { 0 };
	int rc;

	if ((rc = lab_use_begin(&use, file, o->stop, err)) != 0)
		return o->stop ? rc : lab_unplanned(file, rc, err);
	if ((o->json ? put_json(&text, &use.lab, use.plan) :
		       put_plan(&text, &use.lab, use.plan)) != 0)
		rc = err_nomem(err);
	else
		(void)fwrite(text.data, 1, text.len, stdout);
	buf_done(&text);
	lab_use_end(&use);
	return rc;
}

int
labrouter_plan(int argc, char **argv)
{
	struct order o = { 0 };
	const struct command_option options[] = { { "json", NULL, &o.json },
		{ "stop", NULL, &o.stop }, { NULL, NULL, NULL } };
	int first, status;

	if (command_options(options, help, argc, argv, &first, &status) != 0)
		return status;
	return labs_each(argv + first, plan_file, &o);
}
