/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "scan.h"
#include "base/log.h"
#include "base/text.h"
#include "base/when.h"
#include "commands.h"
#include "scan_tell.h"
#include "base/stop.h"
#include "store/recorder.h"
#include "sys/idle.h"
#include "sys/walk.h"
#include "upkeep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAG_SIZE (2 * STORE_ID_SIZE + DIGEST_HEX + 24)
/* Entries between two looks at the clock. */
#define PROGRESS_EACH 1024

/* ---- one scan ---- */

struct scan {
	const struct scan_request *request;
	struct store *store;
	struct series_lock *lock;
	struct recorder *recorder;
	struct walk *walk;
	struct scope scope;
	struct buf cache, tmpdir;
	struct scan_told told;
	int64_t began;
	volatile const int *stop;
};

static void
scan_done(struct scan *s)
{
	walk_close(s->walk);
	recorder_free(s->recorder);
	series_lock_release(s->lock);
	store_close(s->store);
	scope_done(&s->scope);
	buf_done(&s->cache);
	buf_done(&s->tmpdir);
	scan_told_done(&s->told);
}

/* The scan cache speaks of one snapshot of one store. */
static void
make_tag(const struct scan *s, uint64_t number, const struct digest *digest,
    char tag[static TAG_SIZE])
{
	const uint8_t *id = store_id(s->store);
	char hex[DIGEST_HEX];
	size_t n = 0;

	for (size_t i = 0; i < STORE_ID_SIZE; i++)
		n += (size_t)snprintf(tag + n, TAG_SIZE - n, "%02x", id[i]);
	(void)snprintf(tag + n, TAG_SIZE - n, ":%llu:%s",
	    (unsigned long long)number, digest_hex(digest, hex));
}

static int
set_root(struct scope *scope, const char *dir, struct err *err)
{
	/* Paths are recorded without links, whatever way leads to them. */
	char *root = realpath(dir, NULL);
	struct stat st;
	int rc = 0;

	if (dir[0] == '\0')
		rc = err_set(err, ERR_USAGE,
		    "the name of the directory to scan is empty");
	else if (root == NULL || stat(root, &st) != 0)
		rc = err_sys(err, "%s", dir);
	else if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		rc = err_sys(err, "%s", dir);
	} else if (scope_set_root(scope, root) != 0)
		rc = err_nomem(err);
	free(root);
	return rc;
}

/* All that a setting or an option may have wrong, before anything is made. */
static int
settle_scope(struct scan *s, struct err *err)
{
	const struct scan_request *r = s->request;
	int rc;

	if ((rc = set_root(&s->scope, r->root, err)) != 0)
		return rc;
	return prune_settings(&s->scope, &r->settings, &r->prune, err);
}

/* The rest of it: a store has a real path once it is there. */
static int
fill_scope(struct scan *s, struct err *err)
{
	const struct scan_request *r = s->request;
	int rc;

	if ((rc = prune_stores(&s->scope, &r->settings, r->store, err)) != 0)
		return rc;
	return scope_from_mountinfo(&s->scope, "/proc/self/mountinfo", err);
}

static int
open_recorder(struct scan *s, struct err *err)
{
	const struct scan_request *r = s->request;
	struct record_head head = {
		.series = r->host,
		.scope = &s->scope,
		.fields = r->names_only ? ENTRY_TYPE : ENTRY_ALL,
		.clock_ns = s->began,
		.date_ns = s->began,
	};
	struct buf origin = { 0 };
	int rc;

	if (scan_origin(r->host, s->scope.root, &origin) != 0)
		return err_nomem(err);
	head.origin = buf_str(&origin);
	rc = recorder_begin(&s->recorder, s->store, &head, err);
	buf_done(&origin);
	return rc == 0 ? 0 : err_wrap(err, "store %s", r->store);
}

static int
open_walk(struct scan *s, const struct snapshot_row *was, struct err *err)
{
	char tag[TAG_SIZE];
	struct walk_options o = {
		.scope = &s->scope,
		.names_only = s->request->names_only,
		.stop = s->stop,
	};

	if (buf_printf(&s->tmpdir, "%s/tmp", s->request->store) != 0 ||
	    series_path(s->store, s->request->host, ".scan", &s->cache) != 0)
		return err_nomem(err);
	o.tmpdir = buf_str(&s->tmpdir);
	o.cache = buf_str(&s->cache);
	if (was != NULL) {
		make_tag(s, was->number, &was->digest, tag);
		o.cache_tag = tag;
	}
	return walk_open(&s->walk, &o, err);
}

static int
open_all(struct scan *s, struct err *err)
{
	const struct scan_request *r = s->request;
	const struct snapshot_row *was;
	int rc;

	if ((rc = settle_scope(s, err)) != 0 ||
	    (rc = store_open(&s->store, r->store, STORE_CREATE, err)) != 0 ||
	    (rc = series_lock_take(
		 &s->lock, s->store, r->host, "lindex scan", 0, err)) != 0 ||
	    (rc = fill_scope(s, err)) != 0)
		return rc;
	s->began = when_now();
	if ((rc = open_recorder(s, err)) != 0)
		return rc;
	was = recorder_previous(s->recorder);
	if (was == NULL || r->debug_pruning)
		scan_tell_scope(r->host, &s->scope);
	else
		scan_tell_root(s->store, was, r->host, s->scope.root);
	return open_walk(s, was, err);
}

static int
take_item(struct scan *s, const struct walk_item *item, struct err *err)
{
	switch (item->kind) {
	case WALK_ENTRY:
		if (item->pruned && s->request->debug_pruning)
			scan_tell_pruned(&s->scope, item);
		if (s->request->verbose)
			scan_tell_path(item->path, item->len);
		if (++s->told.entries % PROGRESS_EACH == 0)
			scan_tell_progress(
			    &s->told, NULL, item->path, item->len);
		return recorder_observe(
		    s->recorder, item->path, item->len, &item->entry, err);
	case WALK_UNREAD:
	case WALK_UNSTATTED:
		if (scan_note_unread(&s->told, item->path, item->len,
			item->error, NULL) != 0)
			return err_nomem(err);
		return recorder_unread(s->recorder, item->path, item->len,
		    item->kind == WALK_UNREAD, item->error, err);
	case WALK_UNCHANGED:
		return recorder_unchanged(
		    s->recorder, item->path, item->len, err);
	}
	return 0;
}

static int
walk_all(struct scan *s, struct err *err)
{
	struct walk_item item;
	int rc;

	while ((rc = walk_next(s->walk, &item, err)) == 0)
		if ((rc = take_item(s, &item, err)) != 0) {
			(void)err_wrap(err, "store %s", s->request->store);
			break;
		}
	progress_end();
	return rc < 0 ? rc : 0;
}

static int
commit(struct scan *s, struct record_result *result, struct err *err)
{
	struct err late = ERR_INIT;
	char tag[TAG_SIZE];
	int rc;

	if (*s->stop != 0)
		return err_set(err, ERR_CANCELLED, "stopped");
	if ((rc = recorder_finish(s->recorder, result, err)) != 0)
		return err_wrap(err, "store %s", s->request->store);
	make_tag(s, result->number, &result->digest, tag);
	if (walk_commit_cache(s->walk, tag, &late) != 0) {
		log_err(&late);
		log_warn("the next --names-only scan reads all directories");
	}
	return 0;
}

int
scan_live(const struct scan_request *request)
{
	struct scan s = { .request = request };
	struct record_result result = { 0 };
	struct err err = ERR_INIT;
	int rc, status = LINDEX_ERROR;

	/* Nobody waits for a timer's scan. */
	if (!isatty(STDIN_FILENO))
		idle_process();
	s.stop = stop_on_signals();
	scan_told_begin(&s.told);
	if ((rc = open_all(&s, &err)) == 0 && (rc = walk_all(&s, &err)) == 0)
		rc = commit(&s, &result, &err);
	if (rc == ERR_CANCELLED)
		log_error(
		    "stopped by signal %d; nothing was committed", *s.stop);
	else if (rc != 0)
		log_err(&err);
	else {
		scan_tell_clock(request->host, s.began, &result);
		scan_tell_result(
		    &s.told, NULL, request->host, &result, request->verbose);
		status = result.complete ? LINDEX_DONE : LINDEX_PARTLY;
		series_lock_release(s.lock);
		s.lock = NULL;
		upkeep_merge_after(s.store);
	}
	scan_done(&s);
	return status;
}
