/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/request.h"

#include <stdio.h>

#include "base/command_options.h"
#include "base/log.h"
#include "base/version.h"
#include "store/here.h"

static const char help[] =
    "usage: lget [OPTION]... REF...\n"
    "\n"
    "Bring back what lsearch found. REF is SERIES[@TIME]:/PATH, or a line of\n"
    "lsearch as it was printed; - reads them from stdin. It is taken from\n"
    "wherever it still lies: the live file, an archive, an image, a lab.\n"
    "\n"
    "      --to DIR          where to; default: the working directory\n"
    "  -O, --stdout          print the content of files\n"
    "  -r, --recursive       directories with all that was below them\n"
    "      --owner           give back user and group, setuid and setgid\n"
    "      --force           replace files that are there\n"
    "  -n, --dry-run         only say what would be taken from where\n"
    "\n"
    "      --trust-image     let this kernel mount images that nothing else\n"
    "                        can read\n"
    "  -i, --identity FILE   private key to log in to a lab's machine with\n"
    "      --known-hosts FILE\n"
    "                        its host keys\n"
    "      --host-key-alias NAME\n"
    "                        the name there of the machine it is a copy of\n"
    "\n"
    "      --store DIR       the store; default: the central one, else the\n"
    "                        local\n"
    "      --config FILE     settings that name this host\n"
    "                        (" HERE_FILE ")\n"
    "  -q, --quiet           only what went wrong\n"
    "  -v, --verbose         each file, and why a place was passed over\n"
    "  -h, --help            print this\n"
    "  -V, --version         print the version\n";

int
request_read(struct request *ret, int argc, char **argv, int *ret_status)
{
	struct request o = { 0 };
	bool version = false;
	const struct command_option known[] = {
		{ "to", &o.to, NULL },
		{ "O,stdout", NULL, &o.to_stdout },
		{ "r,recursive", NULL, &o.recursive },
		{ "owner", NULL, &o.owner },
		{ "force", NULL, &o.force },
		{ "n,dry-run", NULL, &o.dry_run },
		{ "trust-image", NULL, &o.trust_image },
		{ "i,identity", &o.identity, NULL },
		{ "known-hosts", &o.known_hosts, NULL },
		{ "host-key-alias", &o.host_key_alias, NULL },
		{ "store", &o.store, NULL },
		{ "config", &o.config, NULL },
		{ "q,quiet", NULL, &o.quiet },
		{ "v,verbose", NULL, &o.verbose },
		{ "V,version", NULL, &version },
		{ NULL, NULL, NULL },
	};
	const char *what = NULL;
	int first;

	if (command_options(known, help, argc, argv, &first, ret_status) != 0)
		return 1;
	if (version) {
		(void)puts("lget (Lookback) " LOOKBACK_VERSION);
		*ret_status = COMMAND_DONE;
		return 1;
	}
	o.refs = argv + first;
	o.n_refs = (size_t)(argc - first);
	if (o.n_refs == 0)
		what = "nothing to bring back is named; try 'lget --help'";
	else if (o.to_stdout && (o.recursive || o.to != NULL || o.owner))
		what = "-O prints content: -r, --to and --owner do not go with "
		       "it";
	if (what == NULL) {
		*ret = o;
		return 0;
	}
	log_error("%s", what);
	*ret_status = COMMAND_WRONG;
	return 1;
}
