/*
 * What is set of a plugin's options.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plugin/plugin_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const struct lookback_option *
find_option(const struct lookback_option *options, const char *key)
{
	for (const struct lookback_option *o = options; o->key != NULL; o++)
		if (strcmp(o->key, key) == 0)
			return o;
	return NULL;
}

static const struct lookback_setting *
find_setting(const struct lookback_setting *given, const char *key)
{
	for (; given->key != NULL; given++)
		if (strcmp(given->key, key) == 0)
			return given;
	return NULL;
}

static const char *
wrong_value(uint32_t type, const char *value)
{
	long long number;

	if (type == LOOKBACK_NUMBER && !text_int(value, 0, LLONG_MAX, &number))
		return "no number";
	if (type == LOOKBACK_BOOL && strcmp(value, "yes") != 0 &&
	    strcmp(value, "no") != 0)
		return "not yes or no";
	return NULL;
}

static int
check_given(const struct lookback_option *options,
    const struct lookback_setting *given, struct err *err)
{
	for (const struct lookback_setting *s = given; s->key != NULL; s++) {
		const struct lookback_option *option = find_option(
		    options, s->key);
		const char *wrong;

		if (option == NULL)
			return err_set(
			    err, ERR_USAGE, "has no option %s", s->key);
		if (find_setting(given, s->key) != s)
			return err_set(
			    err, ERR_USAGE, "%s is given twice", s->key);
		if ((wrong = wrong_value(option->type, s->value)) != NULL)
			return err_set(err, ERR_USAGE, "%s: \"%s\" is %s",
			    s->key, s->value, wrong);
	}
	return 0;
}

int
plugin_settings(struct lookback_setting **ret,
    const struct lookback_plugin *plugin, const struct lookback_setting *given,
    struct err *err)
{
	static const struct lookback_option none = { 0 };
	const struct lookback_option *options = plugin->options != NULL ?
	    plugin->options :
	    &none;
	struct lookback_setting *all;
	size_t n = 0;

	if (check_given(options, given, err) != 0)
		return err_wrap(err, "%s", plugin->name);
	while (options[n].key != NULL)
		n++;
	if ((all = calloc(n + 1, sizeof(*all))) == NULL)
		return err_nomem(err);
	*ret = all;
	for (const struct lookback_option *o = options; o->key != NULL; o++) {
		const struct lookback_setting *s = find_setting(given, o->key);
		const char *value = s != NULL ? s->value : o->dflt;

		if (value != NULL)
			*all++ = (struct lookback_setting){ o->key, value };
	}
	return 0;
}
