/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command_options.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>

#include "base/log.h"

/* What getopt_long returns for the first of the table. */
#define FIRST 256

/* "x,NAME" */
static bool
has_letter(const struct command_option *o)
{
	return o->name[0] != '\0' && o->name[1] == ',';
}

/* One more argument: 0, or -1 where there are too many, which was told. */
static int
take_text(const struct command_option *o, const char *text)
{
	size_t n = 0;

	if (o->name[0] == '+')
		while (o->text[n] != NULL)
			n++;
	if (n == COMMAND_TEXTS_MAX) {
		log_error(
		    "--%s: no more than %d", o->name + 1, COMMAND_TEXTS_MAX);
		return -1;
	}
	o->text[n] = text;
	return 0;
}

int
command_options(const struct command_option *known, const char *help, int argc,
    char **argv, int *ret_first, int *ret_status)
{
	struct option longs[COMMAND_OPTIONS_MAX + 2] = { { "help", no_argument,
	    NULL, 'h' } };
	char letters[2 * COMMAND_OPTIONS_MAX + 2] = "h", *letter = letters + 1;
	int c;

	for (int n = 0; known[n].name != NULL; n++) {
		const struct command_option *o = &known[n];

		assert(n < COMMAND_OPTIONS_MAX);
		longs[n + 1] = (struct option){ o->name,
			o->text != NULL ? required_argument : no_argument, NULL,
			FIRST + n };
		if (o->name[0] == '+')
			longs[n + 1].name++;
		if (!has_letter(o))
			continue;
		longs[n + 1].name += 2;
		*letter++ = o->name[0];
		if (o->text != NULL)
			*letter++ = ':';
	}
	*ret_status = COMMAND_WRONG;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == 'h') {
			(void)fputs(help, stdout);
			*ret_status = COMMAND_DONE;
			return 1;
		}
		for (int n = 0; c < FIRST && known[n].name != NULL; n++)
			if (has_letter(&known[n]) && known[n].name[0] == c)
				c = FIRST + n;
		if (c < FIRST)
			return 1;
		if (known[c - FIRST].text != NULL) {
			if (take_text(&known[c - FIRST], optarg) != 0)
				return 1;
		} else
			*known[c - FIRST].flag = true;
	}
	if (ret_first != NULL)
		*ret_first = optind;
	else if (optind < argc) {
		log_error("\"%s\" is not an option", argv[optind]);
		return 1;
	}
	return 0;
}
