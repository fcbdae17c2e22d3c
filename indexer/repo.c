/*
 * A run over a backup repository.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "repo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "base/when.h"
#include "record.h"
#include "settings.h"
#include "upkeep.h"

struct run {
	const struct repo_request *request;
	const struct repo_settings *settings;
	struct repo_result *result;
	struct catalog cat; /* as it was before; owned */
	size_t n_moved;
	char *moved; /* the first of them; owned */
};

/* So many new segments are merged before more come: each makes the listing that
 * the next backup is compared with a little slower to read. */
#define MERGE_EACH 16

/* ---- one backup ---- */

int
repo_record(const struct repo_request *r, const struct repo_settings *settings,
    const struct backup *b, const char *series, struct repo_result *result,
    struct err *err)
{
	static const struct lookback_setting trust[] = {
		{ "trust", "yes" },
		{ NULL, NULL },
	};
	size_t past = result->indexed + result->known + result->not_kept +
	    result->refused + result->failed;
	bool image = strcmp(b->scheme, "image") == 0;
	char scheme[] = "archive", host[HOST_NAME_SIZE], part[64];
	struct record_request record = {
		.store = r->store,
		.series = series,
		.source = { .settings = image && settings->trust_image ? trust :
									 NULL,
		    .stop = r->stop },
		.has_date = true,
		.date_ns = b->date_ns,
		.additive = b->incremental,
		.told = r->verbose,
		.part = part,
	};
	struct record_result done;
	int rc;

	(void)snprintf(scheme, sizeof(scheme), "%s", b->scheme);
	(void)snprintf(host, sizeof(host), "%s", r->host);
	(void)snprintf(
	    part, sizeof(part), "%zu of %zu: ", past + 1, result->found);
	record.origin = (struct uri){ .scheme = scheme,
		.host = host,
		.path = b->path,
		.has_size = true,
		.has_mtime = true,
		.size = b->size,
		.mtime_ns = b->mtime_ns };
	if ((rc = record_source(&record, &done, err)) == 0) {
		result->indexed++;
		result->incomplete += !done.complete;
		if (result->indexed % MERGE_EACH == 0)
			upkeep_merge_after(r->store);
		return 0;
	}
	/* What stops one backup from being read stops no other. */
	if (rc == ERR_CANCELLED || rc == ERR_NOMEM)
		return rc;
	log_err(err);
	err_clear(err);
	result->failed++;
	return 0;
}

/* ---- one series ---- */

static void
refuse(struct run *r, const struct backup *b, const char *why)
{
	struct buf path = { 0 };

	r->result->refused++;
	if (text_quote(&path, b->path, strlen(b->path)) == 0)
		log_warn("%s: %s", buf_str(&path), why);
	buf_done(&path);
}

/* All that came after it would be older than the newest, for years. */
static bool
is_of_the_future(struct run *r, const struct backup *b)
{
	char when[WHEN_TEXT], why[128];

	if (!when_is_to_come(b->date_ns))
		return false;
	(void)snprintf(why, sizeof(why), "dated %s, which is still to come",
	    when_text(b->date_ns, when));
	refuse(r, b, why);
	return true;
}

static void
refuse_until_rebuilt(struct run *r, const struct backup *b, const char *why)
{
	struct buf text = { 0 };

	if (buf_printf(&text, "%s: lindex repo --rebuild indexes %s anew", why,
		b->series) == 0)
		refuse(r, b, buf_str(&text));
	buf_done(&text);
}

static int
note_moved(struct run *r, const struct backup *b, struct err *err)
{
	r->result->known++;
	if (r->n_moved++ == 0 && (r->moved = strdup(b->path)) == NULL)
		return err_nomem(err);
	return 0;
}

/* It was indexed and pruned, or is late and would be. */
static void
pass_over(struct run *r, const struct backup *b)
{
	struct buf path = { 0 };
	char when[WHEN_TEXT];

	r->result->not_kept++;
	if (r->request->verbose &&
	    text_quote(&path, b->path, strlen(b->path)) == 0)
		log_note("%s: no snapshot of %s is kept of %s", buf_str(&path),
		    when_text(b->date_ns, when), b->series);
	buf_done(&path);
}

/* One that is not known: whether it is to be indexed. */
static int
is_wanted(struct run *r, const struct backup *b, int64_t newest_ns, bool *ret,
    struct err *err)
{
	char when[WHEN_TEXT], why[128];
	bool keep;
	int rc;

	*ret = false;
	if ((rc = upkeep_would_keep(r->request->rules, &r->cat,
		 catalog_series(&r->cat, b->series), b->date_ns, &keep, err)) !=
	    0)
		return rc;
	if (!keep) {
		pass_over(r, b);
	} else if (newest_ns != INT64_MIN &&
	    b->date_ns / NS_PER_S < newest_ns / NS_PER_S) {
		(void)snprintf(why, sizeof(why), "older than the newest, %s",
		    when_text(newest_ns, when));
		refuse_until_rebuilt(r, b, why);
	} else {
		*ret = true;
	}
	return 0;
}

/* The ones of a series, in the order of their dates, by what is indexed. */
static int
run_backup(struct run *r, const struct history *h, const struct backup *b,
    int64_t *newest_ns, struct err *err)
{
	enum history_has has;
	const struct indexed *item = history_find(h, b, &has);
	size_t before = r->result->indexed;
	bool wanted;
	int rc;

	switch (has) {
	case HISTORY_SAME:
		r->result->known++;
		return 0;
	case HISTORY_MOVED:
		return note_moved(r, b, err);
	case HISTORY_CHANGED:
		/* The newest was half written when it was indexed, or is
		 * written again; what is later was compared with it. */
		if (item == &h->item[h->n - 1])
			break;
		refuse_until_rebuilt(r, b, "changed since it was indexed");
		return 0;
	case HISTORY_NONE:
		if ((rc = is_wanted(r, b, *newest_ns, &wanted, err)) != 0 ||
		    !wanted)
			return rc;
		break;
	}
	rc = repo_record(r->request, r->settings, b, b->series, r->result, err);
	if (rc == 0 && r->result->indexed > before && b->date_ns > *newest_ns)
		*newest_ns = b->date_ns;
	return rc;
}

/* Two sources would take turns in it, and each would undo the other's. */
static bool
is_pushed(struct run *r, const struct backup *b, const struct history *h)
{
	if (h->n == 0 || !h->item[h->n - 1].snap.has_peer)
		return false;
	log_error("%s is pushed to this store: its backups here are not "
		  "indexed, unless {set} names another series",
	    b->series);
	r->result->failed++;
	return true;
}

static int
run_series(struct run *r, struct backup *b, size_t n, struct err *err)
{
	struct history h;
	int64_t newest_ns = INT64_MIN;
	int rc;

	while (n > 0 && is_of_the_future(r, &b[n - 1]))
		n--;
	if (n == 0)
		return 0;
	if ((rc = history_read(&h, r->request->store, &r->cat, b->series,
		 r->request->host, err)) != 0)
		return rc;
	if (is_pushed(r, b, &h)) {
		history_done(&h);
		return 0;
	}
	if (r->request->rebuild && h.n > 0) {
		history_done(&h);
		return repo_rebuild(
		    r->request, r->settings, b, n, r->result, err);
	}
	if (h.n > 0)
		newest_ns = h.item[h.n - 1].snap.date_ns;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = run_backup(r, &h, &b[i], &newest_ns, err);
	history_done(&h);
	return rc;
}

/* ---- all of them ---- */

/* Whether a file that was indexed lies in this repository. */
static bool
is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && (path[len] == '/' || len == 1);
}

/* Backups that are gone are noted: their snapshots stay, and can still be
 * searched, but nothing comes back from them. */
static int
note_gone(struct run *r, struct err *err)
{
	struct buf first = { 0 };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < r->cat.n_series; i++) {
		const char *name = r->cat.series[i].name;
		struct history h;

		if (!upkeep_is_backup(name))
			continue;
		if ((rc = history_read(&h, r->request->store, &r->cat, name,
			 r->request->host, err)) != 0)
			break;
		for (size_t k = 0; k < h.n; k++) {
			const char *path = h.item[k].path;

			if (path == NULL || !h.item[k].here ||
			    !is_below(path, r->settings->dir) ||
			    access(path, F_OK) == 0 || errno != ENOENT)
				continue;
			if (r->result->gone++ == 0 &&
			    text_quote(&first, path, strlen(path)) != 0)
				rc = err_nomem(err);
		}
		history_done(&h);
	}
	/* That backups go is what they do: a timer need not tell each night. */
	if (r->result->gone > 0 && rc == 0 &&
	    (r->request->verbose || isatty(STDERR_FILENO)))
		log_note("no longer there, of what was indexed: %s%s",
		    buf_str(&first), r->result->gone > 1 ? " and others" : "");
	buf_done(&first);
	return rc;
}

static int
run_all(struct run *r, struct backups *found, struct err *err)
{
	int rc = 0;

	for (size_t i = 0, n; rc == 0 && i < found->n; i += n) {
		for (n = 1; i + n < found->n &&
		     strcmp(found->item[i].series, found->item[i + n].series) ==
			 0;
		     n++)
			;
		rc = run_series(r, &found->item[i], n, err);
	}
	return rc;
}

static void
tell_moved(const struct run *r)
{
	if (r->n_moved > 0)
		log_note("moved since it was indexed, so that lget does not "
			 "find it: %s%s: lindex repo --rebuild",
		    r->moved, r->n_moved > 1 ? " and others" : "");
}

static void
tell_strangers(const struct strlist *list, bool all)
{
	if (list->n == 0)
		return;
	log_note("no pattern matches %s%s", list->item[0],
	    list->n > 1 && !all ? " and others" : "");
	for (size_t i = 1; all && i < list->n; i++)
		log_note("no pattern matches %s", list->item[i]);
}

int
repo_run(const struct repo_request *request,
    const struct repo_settings *settings, struct repo_result *ret,
    struct err *err)
{
	struct run r = {
		.request = request, .settings = settings, .result = ret
	};
	struct backups found;
	int rc;

	*ret = (struct repo_result){ 0 };
	if ((rc = backups_find(&found, settings, request->host, err)) != 0)
		return rc;
	ret->failed += found.unread;
	ret->found = found.n + found.unread;
	tell_strangers(&found.strangers, request->verbose);
	if ((rc = catalog_read(&r.cat, request->store, err)) == 0 &&
	    (rc = run_all(&r, &found, err)) == 0) {
		catalog_done(&r.cat);
		if ((rc = catalog_read(&r.cat, request->store, err)) == 0)
			rc = note_gone(&r, err);
	}
	tell_moved(&r);
	free(r.moved);
	catalog_done(&r.cat);
	backups_done(&found);
	return rc;
}
