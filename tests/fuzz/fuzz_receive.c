/*
 * A whole push as a client sends it, into a store that has one snapshot of the
 * host: /a and /b, from a store whose id is zeroes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "indexer/receive_session.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/lines.h"
#include "tests/support/scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct scratch scratch;
static struct store *store;
static unsigned runs;

static void
must(int rc)
{
	if (rc != 0)
		abort();
}

static void
remove_store(void)
{
	store_close(store);
	scratch_remove(&scratch);
	store = NULL;
}

static void
make_store(void)
{
	static const struct line lines[] = { { "/a", 1, 0, NULL },
		{ "/b", 2, 0, NULL }, { NULL, 0, 0, NULL } };
	struct scope scope = { 0 };
	struct record_head head = { .series = "web01",
		.origin = "test:",
		.scope = &scope,
		.fields = ENTRY_ALL,
		.date_ns = 1 };
	struct record_result result;
	struct err err = ERR_INIT;
	struct recorder *rec;

	scratch_make(&scratch);
	must(store_open(
	    &store, scratch_path(&scratch, "s"), STORE_CREATE, &err));
	must(scope_set_root(&scope, "/"));
	must(recorder_begin(&rec, store, &head, &err));
	for (const struct line *l = lines; l->path != NULL; l++) {
		struct entry e = line_entry(l);

		must(recorder_observe(rec, l->path, strlen(l->path), &e, &err));
	}
	must(recorder_seal(rec, &result, &err));
	recorder_set_peer(
	    rec, (uint8_t[STORE_ID_SIZE]){ 0 }, 1, &result.digest);
	must(recorder_finish(rec, &result, &err));
	recorder_free(rec);
	scope_done(&scope);
}

static int
take(void *ctx, void *to, size_t len, struct err *err)
{
	struct reader *r = ctx;
	const uint8_t *p;

	if (reader_left(r) == 0)
		return 1;
	if ((p = reader_bytes(r, len)) == NULL)
		return err_set(err, ERR_FORMAT, "the stream ends");
	memcpy(to, p, len);
	return 0;
}

static int
drop(void *ctx, const void *data, size_t len, struct err *err)
{
	(void)ctx;
	(void)data;
	(void)len;
	(void)err;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct receive_options o = { .host = "web01",
		.limits = {
		    .expansion = 1000, .entries = 100000, .bytes = 1 << 24 } };
	struct reader r = reader_of(data, size);
	struct wire_link link = { .ctx = &r, .read = take, .write = drop };
	struct receive_result result;
	struct err err = ERR_INIT;

	runs++;
	if (store == NULL)
		make_store();
	(void)receive_session(&link, store, &o, &result, &err);
	wire_link_done(&link);
	/* Each begins with the same store; its log may grow a little. */
	if (result.snapshots > 0 || runs % 256 == 0)
		remove_store();
	return 0;
}
