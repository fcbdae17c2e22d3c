/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "upkeep.h"

#include <getopt.h>
#include <stdio.h>

#include "base/log.h"

enum option_id { OPT_STORE = 256, OPT_HOST, OPT_JSONL, OPT_TIERED };

static const struct {
	struct option option;
	unsigned takes; /* enum upkeep_option; 0: every command */
} known[] = {
	{ { "store", required_argument, NULL, OPT_STORE }, 0 },
	{ { "host", required_argument, NULL, OPT_HOST }, UPKEEP_HOST },
	{ { "jsonl", no_argument, NULL, OPT_JSONL }, UPKEEP_JSONL },
	{ { "tiered", no_argument, NULL, OPT_TIERED }, UPKEEP_TIERED },
	{ { "help", no_argument, NULL, 'h' }, 0 },
};

#define N_KNOWN (sizeof(known) / sizeof(known[0]))

int
upkeep_options(struct upkeep_options *ret, unsigned takes, const char *help,
    int argc, char **argv)
{
	struct option option[N_KNOWN + 1] = { { NULL, 0, NULL, 0 } };
	struct upkeep_options o = { 0 };
	size_t n = 0;
	int c;

	for (size_t i = 0; i < N_KNOWN; i++) {
		if ((known[i].takes & ~takes) == 0)
			option[n++] = known[i].option;
	}
	while ((c = getopt_long(argc, argv, "h", option, NULL)) != -1) {
		switch (c) {
		case OPT_STORE:
			o.store = optarg;
			break;
		case OPT_HOST:
			o.host = optarg;
			break;
		case OPT_JSONL:
			o.jsonl = true;
			break;
		case OPT_TIERED:
			o.tiered = true;
			break;
		case 'h':
			(void)fputs(help, stdout);
			return 1;
		default:
			return -1;
		}
	}
	if (optind < argc) {
		log_error("\"%s\" is not an option", argv[optind]);
		return -1;
	}
	*ret = o;
	return 0;
}
