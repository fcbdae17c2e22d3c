/*
 * labrouter route: how a backup server or a client reaches the masks.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command_options.h"
#include "base/log.h"
#include "commands.h"
#include "labs.h"
#include "lease.h"
#include "mask_routes.h"
#include "use.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: labrouter route [print|add|del] [--os linux|windows|macos] "
    "[LAB...]\n"
    "\n"
    "The static routes by which a backup server or a client reaches the masks "
    "of\n"
    "labs: print the commands that add them, add them here, or take them "
    "away.\n"
    "Only routes that labrouter made are ever changed. The lab's own host has "
    "them\n"
    "from its start.\n"
    "\n"
    "      --os OS  print commands of another system, also with add and del:\n"
    "               windows or macos; default: linux\n"
    "  -h, --help   show this and exit\n"
    "\n"
    "Exit status: 0 done; 1 a lab has errors, or a route that is not "
    "labrouter's\n"
    "is in the way; 2 it could not be done.\n"
    "\n" LABS_HELP;

enum action { PRINT, ADD, DEL };

struct route_command {
	enum action action;
	enum mask_os os;
};

static int
print(enum mask_os os, bool remove, const struct mask_route *r, struct err *err)
{
	struct buf b = { 0 };
	int rc = 0;

	if (mask_route_text(&b, os, remove, r) != 0)
		rc = err_nomem(err);
	else
		(void)puts(buf_str(&b));
	buf_done(&b);
	return rc;
}

/* Done here only in this system's own words. What is done is printed. */
static int
one(const struct route_command *c, const struct mask_route *r, struct err *err)
{
	int rc = 1;

	if (c->os == MASK_LINUX && c->action == ADD)
		rc = mask_route_add(r, err);
	else if (c->os == MASK_LINUX && c->action == DEL)
		rc = mask_route_del(r, err);
	return rc <= 0 ? rc : print(c->os, c->action == DEL, r, err);
}

static int
one_network(const struct route_command *c, const struct lab *lab,
    const struct lab_network *net, uint32_t router, struct err *err)
{
	const struct mask_route r = { net->mask, router };
	int rc = one(c, &r, err);

	if (rc != 0)
		(void)err_wrap(err, "%s:%d", lab->file, net->mask_line);
	return rc;
}

/* A route that is in the way of one mask is not in that of the others. */
static int
route_lab(const struct route_command *c, struct lab *lab, struct err *err)
{
	int rc = lease_take(lab, err), status = LABROUTER_DONE;

	if (rc == 0)
		rc = err_set(err, ERR_USAGE,
		    "%s:%d: the router's address is DHCP's to give, and known "
		    "to root where the lab stands",
		    lab->file, lab->production.address_line);
	if (rc < 0)
		return rc;
	rc = 0;
	for (size_t i = 0; i < lab->n_networks && rc == 0; i++) {
		rc = one_network(c, lab, &lab->network[i],
		    lab->production.address.addr, err);
		if (rc == ERR_REFUSED) {
			log_err(err);
			err_clear(err);
			status = LABROUTER_PROBLEMS;
			rc = 0;
		}
	}
	return rc != 0 ? rc : status;
}

static int
route_file(const char *file, void *ctx, struct err *err)
{
	struct lab lab;
	int rc;

	if ((rc = lab_read(&lab, file, err)) != 0)
		return rc;
	rc = route_lab(ctx, &lab, err);
	lab_done(&lab);
	return rc;
}

static int
read_os(const char *name, enum mask_os *ret)
{
	static const char *const names[] = {
		[MASK_LINUX] = "linux",
		[MASK_WINDOWS] = "windows",
		[MASK_MACOS] = "macos",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0) {
			*ret = (enum mask_os)i;
			return 0;
		}
	log_error("\"%s\" is no system: want linux, windows or macos", name);
	return -1;
}

/* The first word, where it is one of these. */
static bool
read_action(const char *word, enum action *ret)
{
	static const char *const names[] = {
		[PRINT] = "print", [ADD] = "add", [DEL] = "del"
	};

	for (size_t i = 0; word != NULL && i < sizeof(names) / sizeof(*names);
	     i++)
		if (strcmp(word, names[i]) == 0) {
			*ret = (enum action)i;
			return true;
		}
	return false;
}

int
labrouter_route(int argc, char **argv)
{
	const char *os = "linux";
	const struct command_option options[] = { { "os", &os, NULL },
		{ NULL, NULL, NULL } };
	struct route_command c = { .action = PRINT };
	int first, status;

	if (command_options(options, help, argc, argv, &first, &status) != 0)
		return status;
	if (read_os(os, &c.os) != 0)
		return LABROUTER_ERROR;
	if (read_action(argv[first], &c.action))
		first++;
	return labs_each(argv + first, route_file, &c);
}
