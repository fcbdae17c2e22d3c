/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "receive_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"

#define DAY_NS (INT64_C(86400) * NS_PER_S)
#define FUTURE_NS (INT64_C(300) * NS_PER_S)
#define NAME_SHOWN 200

int64_t
receive_date(int64_t claim_ns, int64_t after_ns, int64_t now_ns)
{
	if (claim_ns > now_ns + FUTURE_NS)
		claim_ns = now_ns + FUTURE_NS;
	/* Last, since our own clock may have been set back. */
	if (claim_ns <= after_ns)
		claim_ns = after_ns + 1;
	return claim_ns;
}

int
receive_note(struct receive *r, struct err *err, const char *fmt, ...)
{
	struct err log_err = ERR_INIT;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* A log that cannot be written stops no push. */
	(void)store_log(r->store, "warning", r->series, text, &log_err);
	if (wire_put_text(&r->link->out, WIRE_NOTE, text) != 0)
		return err_nomem(err);
	return 0;
}

int
receive_check_bytes(const struct receive *r, struct err *err)
{
	uint64_t max = r->options->limits.bytes;
	char size[TEXT_SIZE];

	if (max == 0 || r->link->n_in <= max)
		return 0;
	return err_set(err, ERR_REFUSED,
	    "quota: a push of this host may have %s", text_size(max, size));
}

/* ---- a series ---- */

static void
series_end(struct receive *r)
{
	/* Of names without a snapshot nothing stays: there is no end of them. */
	if (r->state.date_ns == INT64_MIN)
		series_lock_forget(r->lock);
	else
		series_lock_release(r->lock);
	r->lock = NULL;
	free(r->series);
	r->series = NULL;
	r->after_noted = false;
}

/* HOST or HOST/NAME, from the name that the client gave. */
static int
series_name(struct receive *r, struct err *err)
{
	const char *name = buf_str(&r->link->in);
	struct buf full = { 0 };
	int failed;

	if (strlen(name) != r->link->in.len)
		return err_set(err, ERR_FORMAT, "SERIES message: not a name");
	failed = buf_add_str(&full, r->options->host) |
	    (*name != '\0' ? buf_printf(&full, "/%s", name) : 0);
	if (!failed)
		r->series = strdup(buf_str(&full));
	buf_done(&full);
	if (r->series == NULL)
		return err_nomem(err);
	if (!series_name_is_valid(r->series))
		return err_set(err, ERR_FORMAT,
		    "SERIES message: \"%.*s\" is not a name", NAME_SHOWN, name);
	return 0;
}

/* Whether a series is this host's. */
static bool
of_host(const struct receive *r, const char *series)
{
	size_t n = strlen(r->options->host);

	return strncmp(series, r->options->host, n) == 0 &&
	    (series[n] == '\0' || series[n] == '/');
}

static uint64_t
count_recent(const struct receive *r, const struct catalog *cat)
{
	int64_t since = when_now() - DAY_NS;
	uint64_t count = 0;

	for (size_t i = 0; i < cat->n_series; i++) {
		size_t n;
		const struct snapshot_row *snaps = catalog_snaps(
		    cat, cat->series[i].id, &n);

		if (!of_host(r, cat->series[i].name))
			continue;
		while (n > 0 && snaps[n - 1].received_ns > since) {
			count++;
			n--;
		}
	}
	return count;
}

static bool
is_of_peer(const struct receive *r, const struct snapshot_row *snap)
{
	return snap->has_peer &&
	    memcmp(snap->peer_store, r->peer, STORE_ID_SIZE) == 0;
}

/* Where the series stands, from its kept snapshots. */
static void
read_state(struct receive *r, const struct snapshot_row *snaps, size_t n)
{
	const struct snapshot_row *newest;

	r->state = (struct wire_state){ .date_ns = INT64_MIN };
	r->after_ns = INT64_MIN;
	r->other_store = r->in_turns = false;
	if (n == 0)
		return;
	newest = &snaps[n - 1];
	r->after_ns = newest->received_ns;
	r->state.date_ns = newest->date_ns;
	if (!newest->has_peer)
		return;
	r->state.known = true;
	memcpy(r->state.store, newest->peer_store, STORE_ID_SIZE);
	r->state.number = newest->peer_number;
	r->state.digest = newest->peer_digest;
	r->other_store = !is_of_peer(r, newest);
	for (size_t i = 0; r->other_store && i < n - 1; i++)
		r->in_turns = r->in_turns || is_of_peer(r, &snaps[i]);
}

static int
series_begin(struct receive *r, struct err *err)
{
	const struct snapshot_row *snaps = NULL;
	const struct series_row *row;
	struct catalog cat = { 0 };
	size_t n = 0;
	int rc;

	series_end(r);
	if ((rc = series_name(r, err)) != 0)
		return rc;
	if ((rc = series_lock_take(&r->lock, r->store, r->series,
		 "lindex receive", r->options->lock_wait_ms, err)) != 0 ||
	    // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): series_end frees it
	    (rc = catalog_read(&cat, r->store, err)) != 0)
		return rc;
	if ((row = catalog_series(&cat, r->series)) != NULL)
		snaps = catalog_snaps(&cat, row->id, &n);
	read_state(r, snaps, n);
	receive_after_read(r);
	r->recent = count_recent(r, &cat);
	catalog_done(&cat);
	if (wire_put_state(&r->link->out, &r->state) != 0)
		return err_nomem(err);
	return wire_link_flush(r->link, err);
}

/* ---- the whole ---- */

static int
unexpected(enum wire_type type, struct err *err)
{
	return err_set(
	    err, ERR_FORMAT, "%s message out of place", wire_type_name(type));
}

static int
greet(struct receive *r, struct err *err)
{
	struct wire_hello hello;
	enum wire_type type;
	int rc;

	if ((rc = wire_link_next(r->link, &type, err)) != 0)
		return rc < 0 ? rc : err_set(err, ERR_FORMAT, "nothing came");
	if (type != WIRE_HELLO)
		return unexpected(type, err);
	if ((rc = wire_get_hello(
		 &hello, r->link->in.data, r->link->in.len, err)) != 0)
		return rc;
	if (hello.version < 1)
		return err_set(err, ERR_VERSION,
		    "version %" PRIu32 " of the push protocol is not known",
		    hello.version);
	/* A newer client may speak ours as well; that is for it to say. */
	r->version = hello.version < WIRE_VERSION ? hello.version :
						    WIRE_VERSION;
	memcpy(r->peer, hello.store, sizeof(r->peer));
	if (wire_put_welcome(&r->link->out, r->version) != 0)
		return err_nomem(err);
	return wire_link_flush(r->link, err);
}

static int
serve(struct receive *r, struct err *err)
{
	enum wire_type type;
	int rc;

	if ((rc = greet(r, err)) != 0)
		return rc;
	while ((rc = wire_link_next(r->link, &type, err)) == 0) {
		/* The client is through with this series. */
		if (r->lock != NULL && type != WIRE_SNAPSHOT)
			receive_after_end(r);
		if (type == WIRE_BYE)
			return 0;
		if (type == WIRE_SERIES)
			rc = series_begin(r, err);
		else if (type == WIRE_SNAPSHOT && r->lock != NULL)
			rc = receive_snapshot(r, err);
		else
			rc = unexpected(type, err);
		if (rc == 0)
			rc = receive_check_bytes(r, err);
		if (rc != 0)
			return rc;
	}
	/* The end between two messages: whoever hung up had nothing left that
	 * we could lose. */
	return rc < 0 ? rc : 0;
}

/* Tell the other side, if it still listens, and the store's log. */
static void
tell(struct receive *r, const struct err *err)
{
	char text[sizeof(err->where) + sizeof(err->cause)];
	struct err ignored = ERR_INIT;

	(void)err_text(err, text, sizeof(text));
	buf_clear(&r->link->out);
	if (wire_put_text(&r->link->out, WIRE_ERROR, text) == 0)
		(void)wire_link_flush(r->link, &ignored);
	(void)store_log(r->store, "error",
	    r->series != NULL ? r->series : r->options->host, text, &ignored);
}

int
receive_session(struct wire_link *link, struct store *store,
    const struct receive_options *o, struct receive_result *ret,
    struct err *err)
{
	struct receive r = {
		.link = link, .store = store, .options = o, .result = ret
	};
	int rc;

	*ret = (struct receive_result){ 0 };
	if ((rc = serve(&r, err)) != 0)
		tell(&r, err);
	series_end(&r);
	wire_events_done(&r.events);
	return rc;
}
