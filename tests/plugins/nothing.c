/*
 * Returns no table.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <lookback/plugin.h>

#include <stddef.h>

const struct lookback_plugin *
lookback_plugin(void)
{
	return NULL;
}
