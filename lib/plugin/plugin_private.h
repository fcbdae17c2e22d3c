/*
 * Within lib/plugin.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef PLUGIN_PRIVATE_H
#define PLUGIN_PRIVATE_H

#include "plugin/plugin.h"

#include <limits.h>

/* The file of a plugin: a name with a '/' itself, else NAME.so in the first
 * folder that has it. */
int plugin_find(char ret[static PATH_MAX], const char *name, struct err *);

/* Each option of the table once, with its value: *ret is one allocation, the
 * texts are the arguments'. */
int plugin_settings(struct lookback_setting **ret,
    const struct lookback_plugin *, const struct lookback_setting *given,
    struct err *);

#endif
