/*
 * lindex push: send new snapshots of this host to the central server.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"
#include "end_options.h"

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
    "  -h, --help     this text\n";

int
cmd_push(int argc, char **argv)
{
	char host[HOST_NAME_SIZE];
	struct end_options o = { 0 };
	struct err err = ERR_INIT;
	struct settings s;
	int status;

	if (end_options_parse("push", help, argc, argv, &o, &status) != 0)
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
