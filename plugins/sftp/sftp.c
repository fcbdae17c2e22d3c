/*
 * sftp: another machine's files over SSH. For a restored machine, which answers
 * at a masked address with the host key of the one that it is a copy of.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <lookback/plugin.h>
#include <lookback/source.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "remote/remote.h"
#include "remote/sftp_read.h"
#include "remote/sftp_walk.h"

static const struct lookback_option options[] = {
	{ "key", LOOKBACK_TEXT, NULL,
	    "private key to log in with; else the agent's and those of "
	    "~/.ssh" },
	{ "known-hosts", LOOKBACK_TEXT, NULL,
	    "file of host keys, the only one that counts" },
	{ "host-key-alias", LOOKBACK_TEXT, NULL,
	    "name there that vouches for it: of the machine it is a copy of" },
	{ "timeout", LOOKBACK_NUMBER, "60",
	    "seconds without an answer until it is given up" },
	{ 0 },
};

struct sftp_source {
	const struct lookback_host *host;	/* borrowed */
	char *key, *known_hosts, *alias, *path; /* owned; NULL: none */
	int timeout_s;
	uint32_t path_max, depth_max;
	struct remote *remote; /* owned, as are all */
	struct sftp *sftp;
	struct sftp_walk *walk;
};

/* ---- errors ---- */

static int
failed(struct sftp_source *s, const struct err *err)
{
	char text[sizeof(err->where) + sizeof(err->cause)];
	int error = EIO;

	switch (err->code) {
	case ERR_NOMEM:
		error = ENOMEM;
		break;
	case ERR_SYS:
		error = err->sys;
		break;
	case ERR_FORMAT:
		error = EPROTO;
		break;
	case ERR_USAGE:
		error = EINVAL;
		break;
	case ERR_BUSY:
		error = ETIMEDOUT;
		break;
	case ERR_CANCELLED:
		error = ECANCELED;
		break;
	case ERR_REFUSED:
		error = EACCES;
		break;
	default:
		break;
	}
	return s->host->fail(
	    s->host->ctx, error, "%s", err_text(err, text, sizeof(text)));
}

/* ---- its life ---- */

static void
sftp_source_close(void *self)
{
	struct sftp_source *s = self;

	sftp_walk_close(s->walk);
	sftp_end(s->sftp);
	remote_abort(s->remote);
	free(s->key);
	free(s->known_hosts);
	free(s->alias);
	free(s->path);
	free(s);
}

static int
take_setting(struct sftp_source *s, const struct lookback_setting *set)
{
	char **to = NULL;
	long long n;

	if (strcmp(set->key, "timeout") == 0) {
		if (!text_int(set->value, 1, 86400, &n))
			return s->host->fail(s->host->ctx, EINVAL,
			    "timeout: 1 to 86400 seconds");
		s->timeout_s = (int)n;
		return 0;
	}
	if (strcmp(set->key, "key") == 0)
		to = &s->key;
	else if (strcmp(set->key, "known-hosts") == 0)
		to = &s->known_hosts;
	else if (strcmp(set->key, "host-key-alias") == 0)
		to = &s->alias;
	if (to != NULL && (*to = strdup(set->value)) == NULL)
		return s->host->fail(s->host->ctx, ENOMEM, "out of memory");
	return 0;
}

static int
sftp_source_open(const struct lookback_host *host,
    const struct lookback_setting *settings, void **ret_self)
{
	struct sftp_source *s = calloc(1, sizeof(*s));
	int rc = 0;

	if (s == NULL)
		return host->fail(host->ctx, ENOMEM, "out of memory");
	s->host = host;
	for (; rc == 0 && settings->key != NULL; settings++)
		rc = take_setting(s, settings);
	if (rc != 0) {
		sftp_source_close(s);
		return rc;
	}
	*ret_self = s;
	return 0;
}

static int
write_remote(void *ctx, const void *data, size_t len, struct err *err)
{
	return remote_write(ctx, data, len, err);
}

static int
read_remote(void *ctx, void *data, size_t len, size_t *ret, struct err *err)
{
	return remote_read_some(ctx, data, len, ret, err);
}

static int
stopping(void *ctx)
{
	const struct lookback_host *host = ctx;

	return host->stopping(host->ctx);
}

/* Logged in, and the server started. It has said nothing yet that was looked
 * at, but for the log-in itself. */
static int
sftp_source_attach(void *self, const struct lookback_origin *origin)
{
	struct sftp_source *s = self;
	struct remote_options o = {
		.host = origin->host,
		.port = (int)origin->port,
		.user = origin->user,
		.own_user = true,
		.identity = s->key,
		.known_hosts = s->known_hosts,
		.host_key_alias = s->alias,
		.timeout_s = s->timeout_s,
		.how_to_enrol = "its public half belongs into that account's "
				"~/.ssh/authorized_keys there",
		.how_to_name_key = "option key",
	};
	struct err err = ERR_INIT;
	bool no_path = origin->path == NULL || origin->path[0] == '\0';

	if (origin->host == NULL)
		return s->host->fail(s->host->ctx, EINVAL,
		    "no host in it: sftp://USER@HOST/PATH");
	if (s->host->size > offsetof(struct lookback_host, stopping)) {
		o.stopping = stopping;
		o.ctx = (void *)(uintptr_t)s->host;
	}
	if ((s->path = strdup(no_path ? "/" : origin->path)) == NULL)
		return s->host->fail(s->host->ctx, ENOMEM, "out of memory");
	s->path_max = origin->limits->path;
	s->depth_max = origin->limits->depth;
	if (remote_open_subsystem(&s->remote, &o, "sftp", &err) != 0)
		return failed(s, &err);
	return 0;
}

static int
sftp_source_about(void *self, struct lookback_about *about)
{
	struct sftp_source *s = self;
	struct sftp_stream stream = {
		.write = write_remote, .read = read_remote, .ctx = s->remote
	};
	struct err err = ERR_INIT;

	if (sftp_begin(&s->sftp, &stream, &err) != 0)
		return failed(s, &err);
	about->fields = LOOKBACK_TYPE | LOOKBACK_MODE | LOOKBACK_OWNER |
	    LOOKBACK_SIZE | LOOKBACK_MTIME | LOOKBACK_TARGET;
	about->format = "sftp";
	return 0;
}

/* ---- the listing ---- */

static void
put_entry(struct lookback_item *item, const struct entry *e)
{
	item->fields = e->fields;
	item->type = e->type;
	item->mode = e->mode;
	item->uid = e->uid;
	item->gid = e->gid;
	item->bytes = e->size;
	item->mtime = e->mtime;
	item->target = e->target;
	item->target_len = e->target_len;
}

static int
sftp_source_next(void *self, struct lookback_item *item)
{
	static const uint32_t kinds[] = {
		[SFTP_WALK_ENTRY] = LOOKBACK_ENTRY,
		[SFTP_WALK_UNREAD] = LOOKBACK_UNREAD,
		[SFTP_WALK_UNLOOKED] = LOOKBACK_UNLOOKED,
		[SFTP_WALK_OUTSIDE] = LOOKBACK_OUTSIDE,
	};
	struct sftp_source *s = self;
	struct sftp_walk_options o = { .root = s->path,
		.path_max = s->path_max,
		.depth_max = s->depth_max };
	struct sftp_walk_item met = { 0 };
	struct err err = ERR_INIT;
	int rc = 0;

	if (s->walk == NULL)
		rc = sftp_walk_open(&s->walk, s->sftp, &o, &err);
	if (rc == 0)
		rc = sftp_walk_next(s->walk, &met, &err);
	if (rc < 0)
		return failed(s, &err);
	if (rc == 1)
		return 1;
	item->kind = kinds[met.kind];
	item->path = met.path;
	item->len = met.len;
	if (met.kind == SFTP_WALK_ENTRY)
		put_entry(item, &met.entry);
	else {
		item->error = met.error;
		item->why = met.error == 0 ? met.why : NULL;
	}
	return 0;
}

/* ---- content ---- */

struct giving {
	lookback_piece_fn *give;
	void *ctx;
	size_t i;
	uint64_t end; /* of what was given */
	bool stopped;
	struct sftp_outcome outcome;
};

static int
give_part(void *ctx, uint64_t off, const void *data, size_t len, bool last)
{
	struct giving *g = ctx;
	struct lookback_piece piece = { .size = sizeof(piece),
		.offset = off,
		.data = data,
		.len = len,
		.last = last,
		.has_mtime = last && g->outcome.has_mtime,
		.mtime = g->outcome.mtime };
	int rc = g->give(g->ctx, g->i, &piece);

	g->end = off + len;
	g->stopped = rc != 0;
	return rc;
}

static int
give_why(struct giving *g)
{
	const struct sftp_outcome *outcome = &g->outcome;
	struct lookback_piece piece = { .size = sizeof(piece),
		.offset = g->end,
		.data = "",
		.why = outcome->error != 0 ? strerror(outcome->error) :
					     outcome->why,
		.error = outcome->error };

	return g->give(g->ctx, g->i, &piece);
}

static int
sftp_source_read(void *self, const struct lookback_want *want, size_t n,
    lookback_piece_fn *give, void *ctx)
{
	struct sftp_source *s = self;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < n; i++) {
		struct giving g = { .give = give, .ctx = ctx, .i = i };
		int rc = sftp_read_file(s->sftp, want[i].path, want[i].len,
		    give_part, &g, &g.outcome, &err);

		if (rc == 0 && g.outcome.found == SFTP_BROKEN) {
			rc = give_why(&g);
			g.stopped = rc != 0;
		}
		if (rc != 0)
			return g.stopped ? rc : failed(s, &err);
	}
	return 0;
}

static const struct lookback_source ops = {
	.size = sizeof(ops),
	.flags = LOOKBACK_FAR,
	.attach = sftp_source_attach,
	.about = sftp_source_about,
	.next = sftp_source_next,
	.read = sftp_source_read,
};

static const struct lookback_plugin plugin = {
	.abi = LOOKBACK_PLUGIN_ABI,
	.size = sizeof(plugin),
	.kind = LOOKBACK_SOURCE,
	.name = "sftp",
	.version = "1",
	.about = "another machine's files over SSH",
	.options = options,
	.open = sftp_source_open,
	.close = sftp_source_close,
	.ops = &ops,
};

const struct lookback_plugin *
lookback_plugin(void)
{
	return &plugin;
}
