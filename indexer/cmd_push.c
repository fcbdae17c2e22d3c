/*
 * lindex push: send new snapshots of this host to the central server.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"

#include <getopt.h>
#include <stdio.h>

#include "base/log.h"
#include "push.h"

static const char help[] =
    "usage: lindex push [OPTION]...\n"
    "Send the snapshots that the server does not have yet.\n"
    "\n"
    "  --config FILE  settings (" SETTINGS_FILE ")\n"
    "  --host NAME    whose series are sent (host of the settings, else the\n"
    "                 short host name)\n"
    "  --store DIR    the local store (" STORE_LOCAL ")\n"
    "  --help         this text\n";

struct options {
	const char *config, *host, *store;
};

/* 0 to go on, else 1 with the exit status. */
static int
parse(int argc, char **argv, struct options *o, int *ret_status)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "host", required_argument, NULL, 'H' },
		{ "store", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*ret_status = LINDEX_ERROR;
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case 'H':
			o->host = optarg;
			break;
		case 's':
			o->store = optarg;
			break;
		case 'h':
			(void)fputs(help, stdout);
			*ret_status = LINDEX_DONE;
			return 1;
		default:
			return 1;
		}
	}
	if (optind < argc) {
		log_error("push: \"%s\" is not an option", argv[optind]);
		return 1;
	}
	return 0;
}

int
cmd_push(int argc, char **argv)
{
	char host[HOST_NAME_SIZE];
	struct options o = { 0 };
	struct err err = ERR_INIT;
	struct settings s;
	int status;

	if (parse(argc, argv, &o, &status) != 0)
		return status;
	if (settings_load(&s, o.config, &err) != 0) {
		log_err(&err);
		return LINDEX_ERROR;
	}
	if (settings_host(&s, o.host, host, &err) != 0) {
		log_err(&err);
		status = LINDEX_ERROR;
	} else
		status = push_to_server(
		    &s, o.store != NULL ? o.store : s.store, host);
	settings_done(&s);
	return status;
}
