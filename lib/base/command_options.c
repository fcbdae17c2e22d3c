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

int
command_options(const struct command_option *known, const char *help, int argc,
    char **argv, int *ret_first, int *ret_status)
{
	struct option longs[COMMAND_OPTIONS_MAX + 2] = { { "help", no_argument,
	    NULL, 'h' } };
	int c;

	for (int n = 0; known[n].name != NULL; n++) {
		assert(n < COMMAND_OPTIONS_MAX);
		longs[n + 1] = (struct option){ known[n].name,
			known[n].text != NULL ? required_argument : no_argument,
			NULL, FIRST + n };
	}
	*ret_status = COMMAND_WRONG;
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (c == 'h') {
			(void)fputs(help, stdout);
			*ret_status = COMMAND_DONE;
			return 1;
		}
		if (c < FIRST)
			return 1;
		if (known[c - FIRST].text != NULL)
			*known[c - FIRST].text = optarg;
		else
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
