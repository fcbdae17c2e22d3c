/*
 * lindex receive: what sshd runs for a host's key. Speaks the push protocol
 * on standard input and output and heeds nothing else: neither the command
 * that the other side asked for nor its environment.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/when.h"
#include "base/command_options.h"
#include "receive_session.h"
#include "server_settings.h"
#include "settings.h"
#include "store/maintain.h"

#define LOCK_WAIT_MS 15000
#define IDLE_MAX_S 86400
/* Hosts push at about the same time; one merge serves all of them, and does
 * not get in their way. */
#define MERGE_AFTER_S 4

static const char help[] =
    "usage: lindex receive [OPTION]... --host NAME\n"
    "Receive a push on standard input; for a line of authorized_keys.\n"
    "\n"
    "  --config FILE  settings (" SERVER_SETTINGS_FILE ")\n"
    "  --host NAME    the host that pushes\n"
    "  --store DIR    the central store (" STORE_CENTRAL ")\n"
    "  -h, --help     this text\n";

struct given {
	const char *config, *host, *store;
};

/* 0 to go on, else 1 with the exit status. */
static int
parse(int argc, char **argv, struct given *o, int *ret_status)
{
	const struct command_option options[] = {
		{ "config", &o->config, NULL },
		{ "host", &o->host, NULL },
		{ "store", &o->store, NULL },
		{ NULL, NULL, NULL },
	};

	if (command_options(options, help, argc, argv, NULL, ret_status) != 0)
		return 1;
	if (o->host == NULL || !host_name_is_valid(o->host))
		log_error("receive: --host must name the host that pushes");
	else if (isatty(STDIN_FILENO) || isatty(STDOUT_FILENO))
		log_error("receive: this is a terminal; lindex push talks to "
			  "it, people do not");
	else
		return 0;
	return 1;
}

static struct receive_limits
limits_of(const struct quota *q)
{
	return (struct receive_limits){ .bytes = q->max_bytes,
		.entries = q->max_entries,
		.path_bytes = q->max_path_length,
		.expansion = q->max_expansion_ratio,
		.snapshots_a_day = q->max_snapshots_per_day };
}

static int
idle_seconds(const struct quota *q)
{
	int64_t s = q->idle_timeout_ns / NS_PER_S;

	return s < 1 ? 1 : s > IDLE_MAX_S ? IDLE_MAX_S : (int)s;
}

static int
receive(struct store *store, const char *host, const struct quota *q,
    struct receive_result *result, struct err *err)
{
	struct receive_options o = { .host = host,
		.limits = limits_of(q),
		.lock_wait_ms = LOCK_WAIT_MS };
	struct wire_fds fds = { STDIN_FILENO, STDOUT_FILENO, idle_seconds(q) };
	struct wire_link link = { 0 };
	int rc;

	wire_link_fds(&link, &fds);
	rc = receive_session(&link, store, &o, result, err);
	wire_link_done(&link);
	return rc;
}

/* ---- afterwards ---- */

static void
merge_store(const char *dir)
{
	struct err err = ERR_INIT, log_err = ERR_INIT;
	struct merge_result merged;
	struct store *store;
	char text[sizeof(err.where) + sizeof(err.cause)];

	if (store_open(&store, dir, STORE_WRITE, &err) != 0)
		return;
	if (store_merge(store, MERGE_TIERED, &merged, NULL, NULL, &err) != 0)
		(void)store_log(store, "error", NULL,
		    err_text(&err, text, sizeof(text)), &log_err);
	store_close(store);
}

/* Merge in a process that has nothing of the connection: sshd, and with it
 * the client, wait for whoever holds its pipes. That it fails is no matter;
 * the timer merges as well. */
static void
merge_behind(const char *dir)
{
	int null;

	if (fork() != 0)
		return;
	(void)setsid();
	if (chdir("/") != 0 || (null = open("/dev/null", O_RDWR)) < 0)
		_exit(1);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	(void)close_range(STDERR_FILENO + 1, ~0u, 0);
	(void)sleep(MERGE_AFTER_S);
	merge_store(dir);
	_exit(0);
}

int
cmd_receive(int argc, char **argv)
{
	struct given o = { 0 };
	struct receive_result result = { 0 };
	struct server_settings s;
	struct err err = ERR_INIT;
	struct store *store;
	struct quota quota;
	const char *dir;
	int status;

	if (parse(argc, argv, &o, &status) != 0)
		return status;
	if (server_settings_load(&s, o.config, &err) != 0) {
		log_err(&err);
		return LINDEX_ERROR;
	}
	quota = server_quota(&s, o.host);
	dir = o.store != NULL ? o.store : s.store;
	status = LINDEX_DONE;
	if (store_open(&store, dir, STORE_CREATE, &err) == 0) {
		(void)receive(store, o.host, &quota, &result, &err);
		store_close(store);
	}
	if (err.code != 0) {
		(void)err_wrap(&err, "receive %s", o.host);
		log_err(&err);
		status = LINDEX_ERROR;
	}
	if (result.snapshots > 0)
		merge_behind(dir);
	server_settings_done(&s);
	return status;
}
