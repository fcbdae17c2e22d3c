/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "end_options.h"

#include <getopt.h>
#include <stdio.h>

#include "base/log.h"
#include "commands.h"

int
end_options_parse(const char *command, const char *help, int argc, char **argv,
    struct end_options *o, int *ret_status)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "host", required_argument, NULL, 'H' },
		{ "store", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*ret_status = LINDEX_ERROR;
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case 'H':
			o->host = optarg;
			break;
		case 's':
			o->store = optarg;
			break;
		case 'h':
			(void)fputs(help, stdout);
			*ret_status = LINDEX_DONE;
			return 1;
		default:
			return 1;
		}
	}
	if (optind < argc) {
		log_error("%s: \"%s\" is not an option", command, argv[optind]);
		return 1;
	}
	return 0;
}
