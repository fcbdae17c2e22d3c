/*
 * Calls what nobody has.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <lookback/plugin.h>

const struct lookback_plugin *nobody_has_this(void);

const struct lookback_plugin *
lookback_plugin(void)
{
	return nobody_has_this();
}
