/*
 * The options of lindex scan and lindex run, most of them updatedb(8)'s.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/log.h"
#include "commands.h"
#include "scan.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char options_help[] =
    "\n"
    "      --config FILE         settings (" SETTINGS_FILE ")\n"
    "      --host NAME           the series that is recorded (host of the\n"
    "                            settings, else the short host name)\n"
    "      --store DIR           the store (" STORE_LOCAL "),\n"
    "  -o, --output DIR          the same\n"
    "      --names-only          record names and types alone\n"
    "  -v, --verbose             print each path, and a summary\n"
    "  -h, --help                this text\n"
    "\n"
    "Another source than the live file system:\n"
    "      --source URI          archive:FILE, image:FILE, locatedb:FILE,\n"
    "                            file:DIR, sftp://USER@HOST/DIR\n"
    "      --series NAME         the series that is recorded\n"
    "                            (HOST/SCHEME/FILE)\n"
    "      --format NAME         what the file is, where it does not say\n"
    "      --identity FILE, --known-hosts FILE\n"
    "                            the key and the known servers of sftp\n"
    "      --host-key-alias NAME  the known server whose copy it is\n"
    "      --trust-image         the kernel may mount the image\n"
    "\n"
    "As in updatedb(8):\n"
    "  -U, --database-root DIR   walk only what is below DIR\n"
    "  -e, --add-prunepaths PATHS, --add-single-prunepath PATH\n"
    "  -f, --add-prunefs TYPES, -n, --add-prunenames NAMES\n"
    "                            leave out these as well\n"
    "      --prunepaths PATHS, --prunefs TYPES, --prunenames NAMES,\n"
    "      --prune-bind-mounts FLAG\n"
    "                            leave out these, whatever the settings say\n"
    "      --debug-pruning       tell what is left out, and why\n"
    "  -l, --require-visibility FLAG\n"
    "                            no effect: a store is for its group alone\n";

enum { CONFIG = 0x100, HOST, NAMES_ONLY, DEBUG_PRUNING, SOURCE, SERIES };
/* Options that go to the source's plugin: SETTING and the place here. */
enum { SETTING = 0x180 };
static const char *const setting_keys[SCAN_SETTINGS] = { "format", "key",
	"known-hosts", "trust", "host-key-alias" };

struct given {
	const char *config, *host, *store, *root;
	bool names_only;
};

static int
check_visibility(const char *flag, struct err *err)
{
	static const char *const flags[] = { "0", "1", "no", "yes" };

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(flag, flags[i]) == 0)
			return 0;
	return err_set(err, ERR_USAGE,
	    "--require-visibility: \"%.64s\" is not 0, 1, no or yes", flag);
}

static int
take_setting(struct scan_request *r, int i, const char *value, struct err *err)
{
	struct lookback_setting *s = r->setting;

	for (; s->key != NULL; s++)
		if (s->key == setting_keys[i])
			return err_set(
			    err, ERR_USAGE, "an option is given twice");
	s->key = setting_keys[i];
	s->value = value != NULL ? value : "yes";
	return 0;
}

static int
take_options(struct scan_request *r, struct given *g, int argc, char **argv,
    const char *help, struct err *err)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, CONFIG },
		{ "database-root", required_argument, NULL, 'U' },
		{ "debug-pruning", no_argument, NULL, DEBUG_PRUNING },
		{ "format", required_argument, NULL, SETTING },
		{ "help", no_argument, NULL, 'h' },
		{ "host", required_argument, NULL, HOST },
		{ "host-key-alias", required_argument, NULL, SETTING + 4 },
		{ "identity", required_argument, NULL, SETTING + 1 },
		{ "known-hosts", required_argument, NULL, SETTING + 2 },
		{ "names-only", no_argument, NULL, NAMES_ONLY },
		{ "output", required_argument, NULL, 'o' },
		{ "require-visibility", required_argument, NULL, 'l' },
		{ "series", required_argument, NULL, SERIES },
		{ "source", required_argument, NULL, SOURCE },
		{ "store", required_argument, NULL, 'o' },
		{ "trust-image", no_argument, NULL, SETTING + 3 },
		{ "verbose", no_argument, NULL, 'v' },
		PRUNE_LONG_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int c, rc = 0;

	while (rc == 0 &&
	    (c = getopt_long(argc, argv, "U:hl:o:v" PRUNE_SHORT_OPTIONS, longs,
		 NULL)) != -1) {
		switch (c) {
		case CONFIG:
			g->config = optarg;
			break;
		case HOST:
			g->host = optarg;
			break;
		case NAMES_ONLY:
			g->names_only = true;
			break;
		case DEBUG_PRUNING:
			r->debug_pruning = true;
			break;
		case SOURCE:
			r->source = optarg;
			break;
		case SERIES:
			r->series = optarg;
			break;
		case SETTING:
		case SETTING + 1:
		case SETTING + 2:
		case SETTING + 3:
		case SETTING + 4:
			rc = take_setting(r, c - SETTING, optarg, err);
			break;
		case 'U':
			g->root = optarg;
			break;
		case 'l':
			rc = check_visibility(optarg, err);
			break;
		case 'o':
			g->store = optarg;
			break;
		case 'v':
			r->verbose = true;
			break;
		case 'h':
			printf("%s%s", help, options_help);
			return 1;
		default:
			rc = prune_option(&r->prune, c, optarg, err);
			/* getopt has told what it is. */
			if (rc == 1)
				return err_set(err, ERR_USAGE, "%s", "");
		}
	}
	if (rc == 0 && optind < argc)
		return err_set(err, ERR_USAGE, "\"%.128s\" is not an option",
		    argv[optind]);
	return rc;
}

/* What speaks of the live file system, and what does not. */
static int
check_together(
    const struct scan_request *r, const struct given *g, struct err *err)
{
	if (r->source != NULL &&
	    (g->root != NULL || r->debug_pruning || r->prune.given != 0))
		return err_set(err, ERR_USAGE,
		    "nothing is left out of a --source: -U and the options "
		    "that prune are for the live file system");
	if (r->source == NULL && (r->series != NULL || r->setting[0].key))
		return err_set(err, ERR_USAGE,
		    "--series, --format, --identity, --known-hosts, "
		    "--host-key-alias and --trust-image go with --source");
	return 0;
}

static int
settle(struct scan_request *r, const struct given *g, struct err *err)
{
	int rc;

	if ((rc = check_together(r, g, err)) != 0 ||
	    (rc = settings_load(&r->settings, g->config, err)) != 0)
		return rc;
	if ((rc = settings_host(&r->settings, g->host, r->host, err)) != 0)
		return rc;
	r->store = g->store != NULL ? g->store : r->settings.store;
	r->names_only = g->names_only || r->settings.names_only;
	r->root = g->root != NULL ? g->root : "/";
	return 0;
}

int
scan_request_parse(struct scan_request *ret, int argc, char **argv,
    const char *help, int *ret_status)
{
	struct err err = ERR_INIT;
	struct given given = { 0 };
	int rc;

	*ret = (struct scan_request){ 0 };
	rc = take_options(ret, &given, argc, argv, help, &err);
	if (rc == 0)
		rc = settle(ret, &given, &err);
	if (rc == 0)
		return 0;
	scan_request_done(ret);
	*ret_status = rc == 1 ? LINDEX_DONE : LINDEX_ERROR;
	if (err.cause[0] != '\0')
		log_err(&err);
	return 1;
}

void
scan_request_done(struct scan_request *r)
{
	settings_done(&r->settings);
	prune_options_done(&r->prune);
	*r = (struct scan_request){ 0 };
}
