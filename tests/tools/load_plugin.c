/*
 * Load a lab plugin as a program does, open and close it, and say which it is.
 *
 *   load_plugin NAME
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plugin/plugin.h"

#include <stdio.h>

int
main(int argc, char **argv)
{
	static const struct lookback_setting nothing[] = { { 0 } };
	struct err err = ERR_INIT;
	struct plugin_handle handle;
	struct plugin plugin;
	char text[2048];

	if (argc != 2)
		return 2;
	if (plugin_load_lab(&plugin, argv[1], &err) != 0 ||
	    plugin_open(&handle, &plugin, nothing, &err) != 0) {
		(void)fprintf(
		    stderr, "%s\n", err_text(&err, text, sizeof(text)));
		return 2;
	}
	plugin_close(&handle);
	(void)printf("%s %s: %s\n", plugin.info.name, plugin.info.version,
	    plugin.info.about);
	return 0;
}
