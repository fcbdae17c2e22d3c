/*
 * lindex push: send new snapshots of this host to the central server.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"

#include "base/log.h"
#include "base/command_options.h"
#include "push.h"

static const char help[] =
    "usage: lindex push [OPTION]...\n"
    "Send the snapshots that the server does not have yet.\n"
    "\n"
    "  --config FILE  settings (" SETTINGS_FILE ")\n"
    "  --host NAME    whose series are sent (host of the settings, else the\n"
    "                 short host name)\n"
    "  --store DIR    the local store (" STORE_LOCAL ")\n"
    "  -h, --help     this text\n";

int
cmd_push(int argc, char **argv)
{
	const char *config = NULL, *name = NULL, *dir = NULL;
	const struct command_option options[] = {
		{ "config", &config, NULL },
		{ "host", &name, NULL },
		{ "store", &dir, NULL },
		{ NULL, NULL, NULL },
	};
	char host[HOST_NAME_SIZE];
	struct err err = ERR_INIT;
	struct settings s;
	int status;

	if (command_options(options, help, argc, argv, NULL, &status) != 0)
		return status;
	if (settings_load(&s, config, &err) != 0) {
		log_err(&err);
		return LINDEX_ERROR;
	}
	if (settings_host(&s, name, host, &err) != 0) {
		log_err(&err);
		status = LINDEX_ERROR;
	} else
		status = push_to_server(&s, dir != NULL ? dir : s.store, host);
	settings_done(&s);
	return status;
}
