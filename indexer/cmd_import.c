/*
 * lindex import: databases and lists that other programs made.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"

#include <string.h>

#include "base/command_options.h"
#include "base/log.h"
#include "base/when.h"
#include "import.h"
#include "name_pattern.h"
#include "base/stop.h"
#include "upkeep.h"

static const char help[] =
    "usage: lindex import [OPTION]... FILE...\n"
    "\n"
    "Records databases of mlocate, plocate or GNU locate, each as a snapshot "
    "of\n"
    "the series HOST/import, in the order of their dates. What is there "
    "already\n"
    "is passed over.\n"
    "\n"
    "  --name PATTERN   what the names of the files say, instead of\n"
    "                   " IMPORT_PATTERN "\n"
    "  --host NAME      the host of all files\n"
    "  --date TIME      the date of the one file\n"
    "  --format FORMAT  mlocate, plocate, list or mtree; default: what the "
    "file\n"
    "                   says that it is\n"
    "  --config FILE    settings (" SETTINGS_FILE ")\n"
    "  --store DIR      the store; default: the central one, else the local\n"
    "  -h, --help       print this\n";

struct given {
	const char *config, *store, *host, *date, *name, *format;
};

static int
check_format(const char *format, struct err *err)
{
	static const char *const formats[] = { "mlocate", "plocate", "list",
		"mtree" };

	if (format == NULL)
		return 0;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(format, formats[i]) == 0)
			return 0;
	return err_set(err, ERR_USAGE,
	    "--format: \"%.64s\" is not mlocate, plocate, list or mtree",
	    format);
}

static int
settle(
    struct import_request *r, const struct given *g, size_t n, struct err *err)
{
	int rc;

	r->host = g->host;
	r->format = g->format;
	r->pattern = g->name != NULL ? g->name : IMPORT_PATTERN;
	if (n == 0)
		return err_set(err, ERR_USAGE, "no file is named");
	if (g->host != NULL && !host_name_is_valid(g->host))
		return err_set(err, ERR_USAGE,
		    "--host: \"%.64s\" is not the name of a host", g->host);
	if ((rc = check_format(g->format, err)) != 0 ||
	    (rc = name_pattern_check(r->pattern, err)) != 0)
		return rc;
	if (g->date == NULL)
		return 0;
	if (n > 1)
		return err_set(
		    err, ERR_USAGE, "--date is for one file, not for %zu", n);
	r->has_date = true;
	return when_parse(g->date, when_now(), WHEN_START, &r->date_ns, err);
}

static int
import(const struct given *g, char **names, size_t n)
{
	struct import_request r = { .stop = stop_on_signals() };
	struct upkeep_rules rules;
	char here[HOST_NAME_SIZE];
	struct err err = ERR_INIT;
	const char *dir = g->store;
	int status = LINDEX_ERROR;

	r.here = here;
	r.rules = &rules;
	if (settle(&r, g, n, &err) == 0 &&
	    upkeep_rules_read(&rules, NULL, g->config, &err) == 0) {
		if (dir == NULL && g->config != NULL)
			dir = rules.local.store;
		if (settings_host(&rules.local, NULL, here, &err) == 0 &&
		    upkeep_open(&r.store, dir, STORE_CREATE, &err) == 0) {
			upkeep_rules_for(&rules, r.store);
			status = import_files(&r, names, n);
			store_close(r.store);
		}
		upkeep_rules_done(&rules);
	}
	if (err.code != 0)
		log_err(&err);
	return status;
}

int
cmd_import(int argc, char **argv)
{
	struct given g = { 0 };
	const struct command_option options[] = {
		{ "config", &g.config, NULL },
		{ "date", &g.date, NULL },
		{ "format", &g.format, NULL },
		{ "host", &g.host, NULL },
		{ "name", &g.name, NULL },
		{ "store", &g.store, NULL },
		{ NULL, NULL, NULL },
	};
	int first, status;

	if (command_options(options, help, argc, argv, &first, &status) != 0)
		return status;
	return import(&g, argv + first, (size_t)(argc - first));
}
