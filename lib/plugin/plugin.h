/*
 * The plugin host: finds a plugin, loads it, opens it, and says in one line why
 * not. What a plugin is stands in <lookback/plugin.h>.
 *
 *	struct plugin plugin;
 *	struct plugin_handle handle;
 *
 *	if ((rc = plugin_load_lab(&plugin, "lab-nft", err)) != 0 ||
 *	    (rc = plugin_open(&handle, &plugin, settings, err)) != 0)
 *		return rc;
 *	rc = plugin_result(&handle,
 *	    plugin.lab.observe(handle.self, plan, tell, NULL), err);
 *	plugin_close(&handle);
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef PLUGIN_PLUGIN_H
#define PLUGIN_PLUGIN_H

#include "base/err.h"

#include <lookback/lab.h>
#include <lookback/plugin.h>
#include <lookback/source.h>

#include <stdbool.h>

/* A plugin in memory, where it stays; there is nothing to free. What a plugin
 * built against older headers does not have is NULL in these copies. */
struct plugin {
	struct lookback_plugin info;
	struct lookback_lab lab;
	struct lookback_source source;
};

/* Of this name ([a-z0-9-]), from the folders of plugins; or, where it holds a
 * '/', this file. The folders lie where the program does, whatever the working
 * directory or the environment: for PREFIX/bin/PROGRAM, PREFIX/plugins (build/)
 * and PREFIX/lib/lookback/plugins (installed).
 * ERR_NOTFOUND: there is none. ERR_VERSION: it, or this program, is too old for
 * the other. ERR_FORMAT: it is no plugin, is not whole, or of another kind. */
int plugin_load_lab(struct plugin *, const char *name, struct err *);
int plugin_load_source(struct plugin *, const char *name, struct err *);

/* Open for use. It must not move until it is closed. */
struct plugin_handle {
	const struct plugin *plugin; /* borrowed; NULL: closed */
	void *self;		     /* the plugin's; what operations take */
	struct lookback_host host;   /* lent to the plugin */
	/* Set once it is open: a signal that waits (base/interrupt.h) ends no
	 * operation. */
	bool finish;
	char why[512]; /* what it last said of a failure */
};

/* `given` ends with a NULL key; keys and values are checked against the
 * plugin's options (ERR_USAGE). After an error the handle is closed. */
int plugin_open(struct plugin_handle *, const struct plugin *,
    const struct lookback_setting *given, struct err *);
/* A closed one stays closed. */
void plugin_close(struct plugin_handle *);

/* What an operation returned, as ours: 0 and more as it is; a failure as
 * ERR_SYS with the plugin's errno and words. Once after each call. */
int plugin_result(struct plugin_handle *, int rc, struct err *);

#endif
