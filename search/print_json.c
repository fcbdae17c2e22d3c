/*
 * JSON Lines; the schema stands in lsearch(1).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/print.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

#define SCHEMA 1

/* Bytes as KEY where they are UTF-8, else as base64 under KEY_b64. */
static void
bytes(struct json *j, const char *key, const char *p, size_t len)
{
	char name[32];
	struct buf b64 = { 0 };

	if (text_is_utf8(p, len)) {
		json_text(j, key, p, len);
		return;
	}
	(void)snprintf(name, sizeof(name), "%s_b64", key);
	if (text_base64(&b64, p, len) != 0)
		j->failed = true;
	json_text(j, name, (const char *)b64.data, b64.len);
	buf_done(&b64);
}

static void
date(struct json *j, const char *key, int64_t ns)
{
	char text[WHEN_TEXT];

	json_string(j, key, when_rfc3339(ns, text));
}

/* A file's time may lie beyond what nanoseconds in 64 bits reach. */
static void
mtime(struct json *j, const struct entry *e)
{
	int64_t ns;

	if (!__builtin_mul_overflow(e->mtime, NS_PER_S, &ns) &&
	    !__builtin_add_overflow(ns, e->mtime_ns, &ns))
		date(j, "mtime", ns);
	else
		json_null(j, "mtime");
}

static void
entry(struct json *j, const struct entry *e)
{
	char text[8];

	if (e->fields & ENTRY_TYPE)
		json_text(j, "type", &e->type, 1);
	if (e->fields & ENTRY_MODE) {
		(void)snprintf(text, sizeof(text), "%04o", e->mode);
		json_string(j, "mode", text);
	}
	if (e->fields & ENTRY_OWNER) {
		json_uint(j, "uid", e->uid);
		json_uint(j, "gid", e->gid);
	}
	if (e->fields & ENTRY_SIZE)
		json_uint(j, "size", e->size);
	if (e->fields & ENTRY_MTIME)
		mtime(j, e);
	if (e->fields & ENTRY_TARGET)
		bytes(j, "target", e->target, e->target_len);
}

static void
version(struct json *j, const struct version *v)
{
	json_item(j);
	date(j, "from", v->put->date_ns);
	if (v->end != NULL)
		date(j, "to", v->end->date_ns);
	else
		json_null(j, "to");
	entry(j, &v->entry);
	json_close(j);
}

static void
places(struct json *j, struct where *w, const struct place *list, size_t n)
{
	json_list(j, "where");
	for (size_t i = 0; i < n; i++) {
		const char *kind = where_kind(&list[i]);
		const char *origin = list[i].origin->text;

		if (kind == NULL)
			continue;
		json_item(j);
		json_string(j, "kind", kind);
		bytes(j, "origin", origin, strlen(origin));
		json_bool(j, "gone", where_is_gone(w, &list[i]));
		json_close(j);
	}
	json_list_end(j);
}

int
print_json_hit(struct printer *p, const struct hit *hit,
    const struct place *list, size_t n)
{
	const struct options *o = p->options;
	const struct life *life = &hit->life;
	struct json j = json_begin(&p->out);
	struct buf ref = { 0 };

	json_int(&j, "v", SCHEMA);
	json_string(&j, "type", "hit");
	json_text(
	    &j, "host", hit->series->name, series_host_len(hit->series->name));
	json_string(&j, "series", hit->series->name);
	bytes(&j, "path", hit->path, hit->len);
	if (print_reference(&ref, hit, o->selection.has_at) != 0)
		j.failed = true;
	bytes(&j, "ref", (const char *)ref.data, ref.len);
	buf_done(&ref);
	json_string(&j, "state", state_word(life->state));
	date(&j, "state_since", life->since->date_ns);
	date(&j, "first_seen", life->version[0].put->date_ns);
	date(&j, "last_seen", life->last->date_ns);
	json_list(&j, "versions");
	for (size_t i = 0; i < life->n; i++)
		version(&j, &life->version[i]);
	json_list_end(&j);
	if (p->where != NULL)
		places(&j, p->where, list, n);
	return json_end(&j);
}

static void
skipped(struct json *j, const struct skipped *s)
{
	char text[1600];

	json_item(j);
	json_uint(j, "segment", s->segment);
	(void)err_text(s->err, text, sizeof(text));
	json_string(j, "error", text);
	json_close(j);
}

int
printer_summary(
    struct printer *p, const struct summary *s, bool complete, struct err *err)
{
	size_t begun = p->out.len;
	struct json j = json_begin(&p->out);

	json_int(&j, "v", SCHEMA);
	json_string(&j, "type", "summary");
	json_bool(&j, "complete", complete);
	json_uint(&j, "hits", s->hits);
	json_bool(&j, "limited", s->limited);
	json_uint(&j, "hosts", s->hosts);
	json_uint(&j, "series", s->series);
	json_list(&j, "skipped");
	for (size_t i = 0; i < s->n_skipped; i++)
		skipped(&j, &s->skipped[i]);
	json_list_end(&j);
	json_list(&j, "stale");
	for (size_t i = 0; i < s->n_stale; i++) {
		json_item(&j);
		json_string(&j, "series", s->stale[i].series);
		date(&j, "last_snapshot", s->stale[i].last_ns);
		json_close(&j);
	}
	json_list_end(&j);
	return printer_end(p, begun, json_end(&j), err);
}
