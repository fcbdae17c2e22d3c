/*
 * labrouter check: what is wrong in lab files.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command_options.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "check.h"
#include "commands.h"
#include "host.h"
#include "labs.h"
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: labrouter check [--json] [LAB...]\n"
    "\n"
    "Name what is wrong in lab files, what contradicts what in and among "
    "them,\n"
    "and which of their networks this host has already.\n"
    "\n"
    "      --json   one JSON object a lab\n"
    "  -h, --help   show this and exit\n"
    "\n"
    "Exit status: 0 no errors, perhaps warnings; 1 errors; 2 a file or this\n"
    "host's routes cannot be read.\n"
    "\n" LABS_HELP;

/* A line of the answer; files' names and their text may hold anything. */
static void
say(const char *text)
{
	struct buf b = { 0 };

	if (text_tame(&b, text, strlen(text)) == 0)
		printf("%s\n", buf_str(&b));
	buf_done(&b);
}

struct labs {
	struct lab *lab; /* owned */
	size_t n;
	bool json;
};

static int
end_json(struct buf *b, struct json *j)
{
	int rc = json_end(j);

	if (rc == 0)
		(void)fwrite(b->data, 1, b->len, stdout);
	buf_done(b);
	return rc;
}

static void
json_finding(struct json *j, const char *severity, int line, const char *text)
{
	json_item(j);
	json_string(j, "severity", severity);
	if (line > 0)
		json_int(j, "line", line);
	else
		json_null(j, "line");
	json_bytes(j, "text", text);
}

/* A file that is no lab. */
static int
show_unread(const char *file, const char *text, bool json)
{
	struct buf b = { 0 };
	struct json j;

	if (!json) {
		say(text);
		return 0;
	}
	j = json_begin(&b);
	json_int(&j, "v", 1);
	json_string(&j, "type", "check");
	json_null(&j, "lab");
	json_bytes(&j, "file", file);
	json_int(&j, "errors", 1);
	json_int(&j, "warnings", 0);
	json_list(&j, "findings");
	json_finding(&j, "error", 0, text);
	json_close(&j);
	json_list_end(&j);
	return end_json(&b, &j);
}

/* Those that can be read; what keeps the others from it is told. Returns the
 * status. */
static int
read_labs(const struct strlist *files, struct labs *ret)
{
	int status = LABROUTER_DONE;

	for (size_t i = 0; i < files->n; i++) {
		struct err err = ERR_INIT;
		char text[sizeof(err.where) + sizeof(err.cause)];

		if (lab_read(&ret->lab[ret->n], files->item[i], &err) == 0)
			ret->n++;
		else if (err.code == ERR_FORMAT &&
		    show_unread(files->item[i],
			err_text(&err, text, sizeof(text)), ret->json) == 0) {
			if (status == LABROUTER_DONE)
				status = LABROUTER_PROBLEMS;
		} else {
			log_err(&err);
			status = LABROUTER_ERROR;
		}
	}
	return status;
}

/* A lab's findings: `n` from the first. */
static void
show_text(const struct lab_finding *first, size_t n,
    const struct lab *const *labs, const struct lab *lab)
{
	if (n == 0)
		printf("%s: nothing is wrong\n", lab->name);
	for (size_t i = 0; i < n; i++) {
		char text[1024];

		say(lab_finding_text(&first[i], labs, text, sizeof(text)));
	}
}

static int
show_json(const struct lab_finding *first, size_t n,
    const struct lab *const *labs, const struct lab *lab)
{
	struct buf b = { 0 };
	struct json j = json_begin(&b);
	size_t warnings = 0;

	for (size_t i = 0; i < n; i++)
		warnings += first[i].warning;
	json_int(&j, "v", 1);
	json_string(&j, "type", "check");
	json_string(&j, "lab", lab->name);
	json_bytes(&j, "file", lab->file);
	json_uint(&j, "errors", n - warnings);
	json_uint(&j, "warnings", warnings);
	json_list(&j, "findings");
	for (size_t i = 0; i < n; i++) {
		const struct lab_finding *f = &first[i];

		json_finding(
		    &j, f->warning ? "warning" : "error", f->line, f->text);
		if (f->other_line != 0) {
			json_bytes(&j, "other_file", labs[f->other_lab]->file);
			json_int(&j, "other_line", f->other_line);
		}
		json_close(&j);
	}
	json_list_end(&j);
	return end_json(&b, &j);
}

/* Lab by lab. */
static int
show(const struct lab_findings *found, const struct lab *const *labs, size_t n,
    bool json)
{
	size_t at = 0;
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		size_t first = at;

		while (at < found->n && found->item[at].lab == i)
			at++;
		if (json)
			rc = show_json(
			    &found->item[first], at - first, labs, labs[i]);
		else
			show_text(
			    &found->item[first], at - first, labs, labs[i]);
	}
	return rc;
}

static int
check_labs(const struct labs *labs, struct err *err)
{
	const struct lab **list = calloc(labs->n + 1, sizeof(struct lab *));
	struct lab_findings found = { 0 };
	struct host host = { 0 };
	int rc;

	if (list == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < labs->n; i++)
		list[i] = &labs->lab[i];
	if ((rc = host_read(&host, err)) == 0 &&
	    (rc = lab_check(&found, list, labs->n, &host.seen, err)) == 0) {
		rc = show(&found, list, labs->n, labs->json) != 0 ?
		    err_nomem(err) :
		    found.n_errors > 0;
	}
	lab_findings_done(&found);
	host_done(&host);
	free(list);
	return rc;
}

static int
check_files(const struct strlist *files, bool json)
{
	struct labs labs = { calloc(files->n, sizeof(struct lab)), 0, json };
	struct err err = ERR_INIT;
	int rc, status = LABROUTER_ERROR;

	if (labs.lab == NULL)
		rc = err_nomem(&err);
	else {
		status = read_labs(files, &labs);
		rc = check_labs(&labs, &err);
	}
	if (rc < 0) {
		log_err(&err);
		status = LABROUTER_ERROR;
	} else if (rc == 1 && status == LABROUTER_DONE)
		status = LABROUTER_PROBLEMS;
	for (size_t i = 0; i < labs.n; i++)
		lab_done(&labs.lab[i]);
	free(labs.lab);
	return status;
}

int
labrouter_check(int argc, char **argv)
{
	bool json = false;
	const struct command_option options[] = { { "json", NULL, &json },
		{ NULL, NULL, NULL } };
	struct strlist files = { 0 };
	struct err err = ERR_INIT;
	int first, status;

	if (command_options(options, help, argc, argv, &first, &status) != 0)
		return status;
	if (labs_find(&files, LABS_DIR, argv + first, &err) == 0)
		status = check_files(&files, json);
	else {
		log_err(&err);
		status = LABROUTER_ERROR;
	}
	strlist_done(&files);
	return status;
}
