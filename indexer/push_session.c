/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "push_private.h"

#include <string.h>

#include "base/log.h"

/* ---- what both say ---- */

static int
server_error(struct push *p, struct err *err)
{
	return err_set(err, ERR_REFUSED, "it says: %s", buf_str(&p->link->in));
}

int
push_next(struct push *p, enum wire_type *ret, struct err *err)
{
	for (;;) {
		int rc = wire_link_next(p->link, ret, err);

		if (rc == 1)
			return err_set(err, ERR_NOTFOUND,
			    "connection closed by the server");
		if (rc != 0)
			return rc;
		if (*ret == WIRE_ERROR)
			return server_error(p, err);
		if (*ret != WIRE_NOTE)
			return 0;
		log_warn(
		    "server %s: %s", p->options->server, buf_str(&p->link->in));
	}
}

int
push_expect(struct push *p, enum wire_type want, struct err *err)
{
	enum wire_type got;
	int rc;

	if ((rc = push_next(p, &got, err)) != 0)
		return rc;
	if (got != want)
		return err_set(err, ERR_FORMAT, "it sent %s where %s is due",
		    wire_type_name(got), wire_type_name(want));
	return 0;
}

int
push_out(struct push *p, bool all, struct err *err)
{
	struct err why = ERR_INIT;
	enum wire_type type;
	size_t n = p->link->out.len;
	int rc;

	rc = all ? wire_link_flush(p->link, err) :
		   wire_link_relieve(p->link, err);
	if (rc == 0) {
		p->sent += n - p->link->out.len;
		return 0;
	}
	/* Where the server hung up, it may have said why, or that it is no
	 * server of ours. */
	while (push_next(p, &type, &why) == 0)
		;
	if (why.code == ERR_REFUSED || why.code == ERR_FORMAT)
		*err = why;
	return rc;
}

/* ---- the whole ---- */

const char *
push_name_below(const char *series, const char *host)
{
	size_t n = strlen(host);

	if (strncmp(series, host, n) != 0)
		return NULL;
	if (series[n] == '/')
		return series + n + 1;
	return series[n] == '\0' ? series + n : NULL;
}

static int
greet(struct push *p, struct err *err)
{
	struct wire_hello hello = { .version = WIRE_VERSION };
	int rc;

	memcpy(hello.store, store_id(p->store), sizeof(hello.store));
	if (wire_put_hello(&p->link->out, &hello) != 0)
		return err_nomem(err);
	if ((rc = push_out(p, true, err)) != 0 ||
	    (rc = push_expect(p, WIRE_WELCOME, err)) != 0 ||
	    (rc = wire_get_welcome(
		 &p->version, p->link->in.data, p->link->in.len, err)) != 0)
		return rc;
	if (p->version < 1 || p->version > WIRE_VERSION)
		return err_set(err, ERR_VERSION,
		    "it speaks version %u of the push protocol, we speak %u",
		    p->version, WIRE_VERSION);
	return 0;
}

/* Say that this is all, and hear whether the other side agrees. */
static int
part(struct push *p, struct err *err)
{
	enum wire_type type;
	int rc;

	if (wire_put_bye(&p->link->out) != 0)
		return err_nomem(err);
	if ((rc = push_out(p, true, err)) != 0 ||
	    (p->link->end != NULL &&
		(rc = p->link->end(p->link->ctx, err)) != 0))
		return rc;
	if ((rc = push_next(p, &type, err)) == 0)
		return err_set(err, ERR_FORMAT, "it sent %s after the end",
		    wire_type_name(type));
	if (rc != ERR_NOTFOUND)
		return rc;
	err_clear(err); /* it hung up, as it should */
	return 0;
}

static int
push_all(struct push *p, struct err *err)
{
	const struct catalog *cat = &p->view->cat;
	int rc;

	if ((rc = greet(p, err)) != 0)
		return rc;
	for (size_t i = 0; i < cat->n_series; i++) {
		const char *name = push_name_below(
		    cat->series[i].name, p->options->host);

		if (name == NULL)
			continue;
		if ((rc = push_series(p, &cat->series[i], name, err)) != 0)
			return err_wrap(err, "series %s", cat->series[i].name);
	}
	return part(p, err);
}

int
push_session(struct wire_link *link, struct store *store,
    const struct push_options *o, struct push_result *ret, struct err *err)
{
	struct push p = {
		.link = link, .store = store, .options = o, .result = ret
	};
	int rc;

	*ret = (struct push_result){ 0 };
	if ((rc = view_open(&p.view, store, err)) == 0) {
		if ((p.batch = wire_batch_new()) == NULL)
			rc = err_nomem(err);
		else
			rc = push_all(&p, err);
	}
	progress_end();
	wire_batch_free(p.batch);
	view_close(p.view);
	return rc;
}
