/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "scan_tell.h"
#include "base/log.h"
#include "base/text.h"
#include "base/when.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
scan_told_begin(struct scan_told *t)
{
	*t = (struct scan_told){ .began = when_now() };
}

void
scan_told_done(struct scan_told *t)
{
	strlist_done(&t->shown);
}

int
scan_origin(const char *host, const char *root, struct buf *ret)
{
	static const char plain[] =
	    "-._~/"
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	int bad = buf_printf(ret, "file://%s", host);

	for (const char *p = root; *p != '\0'; p++)
		bad = bad ||
		    (strchr(plain, *p) != NULL ?
			    buf_add_byte(ret, (uint8_t)*p) :
			    buf_printf(ret, "%%%02X", (unsigned char)*p));
	return bad ? -1 : 0;
}

static void
tell_list(const char *what, const struct strlist *list)
{
	struct buf words = { 0 };

	for (size_t i = 0; i < list->n; i++)
		if (buf_add_byte(&words, ' ') != 0 ||
		    buf_add_str(&words, list->item[i]) != 0)
			break;
	log_note("  %s:%s", what, list->n == 0 ? " none" : buf_str(&words));
	buf_done(&words);
}

void
scan_tell_scope(const char *series, const struct scope *scope)
{
	log_note("a scan of %s from %s on leaves out what is below", series,
	    scope->root);
	tell_list("paths", &scope->prunepaths);
	tell_list("directories named", &scope->prunenames);
	tell_list("mounts of the types", &scope->prunefs);
	log_note("  bind mounts: %s", scope->prune_bind_mounts ? "yes" : "no");
	tell_list("so these mounts", &scope->pruned_mounts);
}

void
scan_tell_root(struct store *store, const struct snapshot_row *was,
    const char *series, const char *root)
{
	struct scope scope = { 0 };
	struct err ignored = ERR_INIT;

	if (snapshot_scope(&scope, store, was, &ignored) != 0)
		return;
	if (scope.root != NULL && strcmp(scope.root, root) != 0)
		log_warn("the snapshot of %s before began at %s, this one "
			 "begins at %s: the rest becomes unseen",
		    series, scope.root, root);
	scope_done(&scope);
}

void
scan_tell_pruned(const struct scope *scope, const struct walk_item *item)
{
	struct buf below = { 0 };
	char text[512];
	const char *why = NULL;

	/* It is kept from what lies below it. */
	if (buf_add(&below, item->path, item->len) == 0 &&
	    buf_add_str(&below, "/.") == 0)
		why = scope_prunes(scope, (const char *)below.data, below.len,
		    text, sizeof(text));
	log_note("leaving out what is below %s: %s", item->path,
	    why != NULL ? why : "pruned");
	buf_done(&below);
}

void
scan_tell_path(const char *path, size_t len)
{
	struct buf quoted = { 0 };

	if (!isatty(STDOUT_FILENO)) {
		(void)fwrite(path, 1, len, stdout);
		(void)putchar('\n');
	} else if (text_quote(&quoted, path, len) == 0)
		puts(buf_str(&quoted));
	buf_done(&quoted);
}

void
scan_tell_progress(
    const struct scan_told *t, const char *part, const char *path, size_t len)
{
	int64_t passed;

	if (!progress_wanted())
		return;
	passed = when_now() - t->began;
	progress("%s%" PRIu64 " entries, %" PRIu64 "/s, %.*s",
	    part != NULL ? part : "", t->entries,
	    passed <= 0 ? 0 :
			  t->entries * 1000 /
		    ((uint64_t)(passed / (NS_PER_S / 1000)) + 1),
	    (int)(len < 4096 ? len : 4096), path);
}

int
scan_note_unread(struct scan_told *t, const char *path, size_t len, int error,
    const char *why)
{
	struct buf line = { 0 };
	int rc = 0;

	if (why == NULL || why[0] == '\0')
		why = error == 0 ? NULL : strerrordesc_np(error);
	t->unread++;
	if (t->shown.n < SCAN_UNREAD_SHOWN) {
		if (buf_add(&line, path, len) != 0 ||
		    buf_printf(&line, ": %s",
			why != NULL ? why : "unknown error") != 0 ||
		    strlist_add(&t->shown, buf_str(&line), line.len) != 0)
			rc = -1;
		buf_done(&line);
	}
	return rc;
}

void
scan_tell_clock(
    const char *series, int64_t clock_ns, const struct record_result *r)
{
	char clock[WHEN_TEXT], date[WHEN_TEXT];

	if (r->clock_back)
		log_warn("the clock says %s, before the last snapshot of %s; "
			 "this one is dated %s",
		    when_rfc3339(clock_ns, clock), series,
		    when_rfc3339(r->date_ns, date));
}

void
scan_tell_result(const struct scan_told *t, const char *from,
    const char *series, const struct record_result *r, bool verbose)
{
	const char *colon = from != NULL ? ": " : "";
	char date[WHEN_TEXT];
	int64_t passed = when_now() - t->began;

	if (from == NULL)
		from = "";
	if (t->unread > 0) {
		log_warn("%s%s%" PRIu64 " paths could not be looked at; what "
			 "they held before stays",
		    from, colon, t->unread);
		for (size_t i = 0; i < t->shown.n; i++)
			log_note("  %s", t->shown.item[i]);
		if (t->unread > t->shown.n)
			log_note(
			    "  and %" PRIu64 " more", t->unread - t->shown.n);
	}
	if (verbose || isatty(STDERR_FILENO))
		log_note("%s%s%s, snapshot %" PRIu64 " of %s: %" PRIu64
			 " entries; %" PRIu64 " new or changed, %" PRIu64
			 " gone, %" PRIu64 " unseen; %" PRId64 ".%" PRId64 " s",
		    from, colon, series, r->number, when_text(r->date_ns, date),
		    r->entries, r->puts, r->gone, r->unseen, passed / NS_PER_S,
		    passed % NS_PER_S / (NS_PER_S / 10));
}
