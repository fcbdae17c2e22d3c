/*
 * A shared object that is no plugin.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
extern int no_plugin;
__attribute__((visibility("default"))) int no_plugin = 1;
