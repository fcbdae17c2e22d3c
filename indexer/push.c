/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "push.h"

#include "base/log.h"
#include "base/text.h"
#include "commands.h"
#include "push_session.h"
#include "remote/remote.h"

/* The command that is asked for; the key's line there decides what runs. */
#define COMMAND "lindex receive"

static int
link_read(void *ctx, void *data, size_t len, struct err *err)
{
	return remote_read(ctx, data, len, err);
}

static int
link_write(void *ctx, const void *data, size_t len, struct err *err)
{
	return remote_write(ctx, data, len, err);
}

static int
link_end(void *ctx, struct err *err)
{
	return remote_end(ctx, err);
}

static int
push_over(struct remote *remote, struct store *store,
    const struct push_options *o, struct push_result *result, struct err *err)
{
	struct wire_link link = { .ctx = remote,
		.read = link_read,
		.write = link_write,
		.end = link_end };
	int rc = push_session(&link, store, o, result, err);

	wire_link_done(&link);
	return rc;
}

/* One line for whoever looks on; a timer's log stays short. */
static void
tell_result(const struct push_options *o, const struct push_result *result,
    unsigned long long sent)
{
	char size[TEXT_SIZE];

	if (progress_wanted())
		log_note("pushed %zu snapshot%s to %s, %s", result->snapshots,
		    result->snapshots == 1 ? "" : "s", o->server,
		    text_size(sent, size));
}

static int
push_store(const struct settings *s, struct store *store,
    const struct push_options *o, struct err *err)
{
	struct remote_options there = { .host = s->server,
		.port = s->port,
		.user = s->user,
		.identity = s->key,
		.known_hosts = s->known_hosts,
		.how_to_enrol = "there, as root: "
				"lindex enrol NAME-OF-THIS-HOST PUBLIC-KEY",
		.how_to_name_key = "[Server] key in lindex.conf" };
	struct push_result result;
	unsigned long long sent, received;
	struct remote *remote;
	int rc, status = 0;

	progress("connecting to %s", s->server);
	rc = remote_open(&remote, &there, COMMAND, err);
	progress_end();
	if (rc != 0)
		return rc;
	if ((rc = push_over(remote, store, o, &result, err)) != 0) {
		remote_abort(remote);
		return rc;
	}
	remote_traffic(remote, &sent, &received);
	if ((rc = remote_close(remote, &status, err)) != 0)
		return rc;
	if (status != 0)
		return err_set(err, ERR_REFUSED,
		    "lindex receive there ended with status %d", status);
	tell_result(o, &result, sent);
	return 0;
}

/* Whether there is anything that a push could be about. */
static int
find_own_series(
    struct store *store, const char *host, bool *ret, struct err *err)
{
	struct catalog cat;
	bool found = false;
	int rc;

	if ((rc = catalog_read(&cat, store, err)) != 0)
		return rc;
	for (size_t i = 0; i < cat.n_series && !found; i++)
		found = push_name_below(cat.series[i].name, host) != NULL;
	if (!found && cat.n_series > 0)
		log_warn("no series of host %s in %s: nothing to push; series "
			 "%s is another host's",
		    host, store_dir(store), cat.series[0].name);
	catalog_done(&cat);
	*ret = found;
	return 0;
}

int
push_to_server(const struct settings *s, const char *dir, const char *host)
{
	struct push_options o = { .host = host, .server = s->server };
	struct err err = ERR_INIT;
	struct store *store;
	bool found;
	int status = LINDEX_DONE;

	if (s->server == NULL) {
		log_error("no server to push to: [Server] server in %s",
		    SETTINGS_FILE);
		return LINDEX_ERROR;
	}
	if (store_open(&store, dir, STORE_WRITE, &err) != 0) {
		log_err(&err);
		return LINDEX_ERROR;
	}
	if (find_own_series(store, host, &found, &err) != 0)
		status = LINDEX_ERROR;
	else if (found && push_store(s, store, &o, &err) != 0) {
		(void)err_wrap(&err, "server %s", s->server);
		status = LINDEX_PARTLY;
	}
	store_close(store);
	if (status != LINDEX_DONE)
		log_err(&err);
	return status;
}
