/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/haul_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/path.h"
#include "sys/file.h"

/* Gathered at a time: with a bound of memory, and for stdout one of the room that
 * the content takes until all of it is there. */
#define BYTES_MAX ((size_t)48 * 1024 * 1024)
#define ITEM_BYTES (sizeof(struct item) + 64)
#define SPOOL_MAX ((uint64_t)1024 * 1024 * 1024)
/* More files than these are brought to the disk all at once. */
#define SYNC_MAX 64
#define COPY_BYTES ((size_t)256 * 1024)

int
haul_new(struct haul **ret, const struct haul_setup *setup, struct err *err)
{
	struct haul *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return err_nomem(err);
	h->setup = *setup;
	*ret = h;
	return 0;
}

static void
item_done(struct haul *h, struct item *it)
{
	const struct target *t = h->setup.target;

	if (it->body.temp[0] != '\0')
		target_remove(t, it->rel, it->body.temp);
	if (it->kept[0] != '\0')
		target_remove(t, it->rel, it->kept);
	free(it->path);
	free(it->rel);
	free(it->there);
	free(it->tried);
}

static void
clear(struct haul *h)
{
	for (size_t i = 0; i < h->n; i++)
		item_done(h, &h->item[i]);
	h->n = 0;
	h->bytes = 0;
	h->content = 0;
}

void
haul_free(struct haul *h)
{
	if (h == NULL)
		return;
	clear(h);
	twins_done(&h->twins);
	free(h->item);
	free(h->order);
	free(h);
}

static int
reserve(struct haul *h, struct err *err)
{
	size_t cap = 2 * h->cap + 16;
	struct item **order;
	struct item *item;

	if (h->n < h->cap)
		return 0;
	if ((item = reallocarray(h->item, cap, sizeof(*item))) != NULL)
		h->item = item;
	order = reallocarray(h->order, cap, sizeof(struct item *));
	if (order != NULL)
		h->order = order;
	if (item == NULL || order == NULL)
		return err_nomem(err);
	h->cap = cap;
	return 0;
}

int
haul_add(struct haul *h, const struct wanted *w, const struct moment *m,
    const char *rel, bool top, struct err *err)
{
	struct item *it;
	int rc;

	if ((rc = reserve(h, err)) != 0)
		return rc;
	it = &h->item[h->n];
	*it = (struct item){ .series = w->series,
		.moment = *m,
		.len = w->len,
		.entry = w->version.entry,
		.top = top,
		.path = strndup(w->path, w->len),
		.rel = strdup(rel) };
	it->entry.fields &= (uint8_t)~ENTRY_TARGET;
	if (it->path == NULL || it->rel == NULL) {
		free(it->path);
		free(it->rel);
		return err_nomem(err);
	}
	h->n++;
	h->bytes += ITEM_BYTES + 2 * w->len + strlen(rel);
	if (it->entry.fields & ENTRY_SIZE)
		h->content += it->entry.size < SPOOL_MAX ? it->entry.size :
							   SPOOL_MAX;
	return 0;
}

bool
haul_is_full(const struct haul *h)
{
	return h->bytes >= BYTES_MAX ||
	    (h->setup.target->nameless && h->content >= SPOOL_MAX);
}

/* ---- taking ---- */

static int
place(struct haul *h, struct item *it, struct outcome *o, struct err *err)
{
	const struct target *t = h->setup.target;
	struct err why = ERR_INIT;
	int rc;

	if (!t->nameless) {
		rc = target_place(t, it->rel, it->body.temp, h->sync, &why);
		if (rc == ERR_NOMEM) {
			*err = why;
			return rc;
		}
		if (rc != 0) {
			log_err(&why);
			item_failed(it, o, true);
			target_remove(t, it->rel, it->body.temp);
		}
		it->body.temp[0] = '\0';
	}
	if (it->state == ITEM_READY)
		it->state = ITEM_DONE;
	if (it->kept[0] != '\0')
		target_remove(t, it->rel, it->kept);
	it->kept[0] = '\0';
	return 0;
}

/* Whether one content serves both. */
static bool
same_version(const struct entry *a, const struct entry *b)
{
	return a->fields == b->fields && a->size == b->size &&
	    a->mtime == b->mtime && a->mtime_ns == b->mtime_ns;
}

/* In the spool the same content needs to be there but once: those of run[once]
 * and behind it that are wanted a second time. */
static void
share(struct item **run, size_t once, size_t n)
{
	for (size_t i = once; i < n; i++) {
		struct item *const *first = bsearch(
		    &run[i], run, once, sizeof(struct item *), item_there_cmp);

		if (first == NULL || (*first)->state != ITEM_READY ||
		    !same_version(&(*first)->entry, &run[i]->entry))
			continue;
		run[i]->body = (*first)->body;
		run[i]->state = ITEM_READY;
	}
}

/* Those of one source, of which some may be wanted twice: what cannot be shared
 * comes in the next round. */
static int
take_run(struct haul *h, struct item **run, size_t n, struct outcome *o,
    struct err *err)
{
	size_t once = 0, done = 0;
	int rc;

	for (size_t i = 0; i < n; i++)
		if (once == 0 ||
		    path_cmp(run[once - 1]->there, run[once - 1]->place.len,
			run[i]->there, run[i]->place.len) != 0) {
			struct item *it = run[i];

			run[i] = run[once];
			run[once++] = it;
		}
	if ((rc = haul_read(h, run, once, err)) == 0 && !h->sync)
		rc = target_sync(h->setup.target, err);
	if (rc == 0 && h->setup.target->nameless)
		share(run, once, n);
	for (size_t i = 0; i < n && rc == 0; i++)
		if (run[i]->state == ITEM_READY)
			rc = place(h, run[i], o, err);
	for (size_t i = 0; i < n && rc == 0; i++)
		if (run[i]->state == ITEM_DONE)
			run[done++] = run[i];
	return rc != 0 ? rc : tell_taken(h, run, done, err);
}

static int
take_round(struct haul *h, size_t n, struct outcome *o, struct err *err)
{
	size_t len;
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i += len) {
		struct item **run = h->order + i;

		len = 1;
		while (
		    i + len < n && run[len]->place.snap == run[0]->place.snap)
			len++;
		if (!h->setup.options->dry_run) {
			rc = take_run(h, run, len, o, err);
			continue;
		}
		rc = tell_taken(h, run, len, err);
		for (size_t k = 0; k < len; k++)
			run[k]->state = ITEM_DONE;
	}
	return rc;
}

/* ---- to stdout, in the order of the references ---- */

static int
copy_out(int spool, const struct item *it, char *space, struct err *err)
{
	int rc = 0;

	for (uint64_t at = 0; at < it->body.end && rc == 0;) {
		uint64_t left = it->body.end - at;
		ssize_t n = pread(spool, space,
		    left < COPY_BYTES ? (size_t)left : COPY_BYTES,
		    (off_t)(it->body.base + at));

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO; /* somebody cut it off */
		if (n <= 0)
			return err_sys(err, "%s", it->rel);
		rc = file_write(STDOUT_FILENO, space, (size_t)n, "stdout", err);
		at += (uint64_t)n;
	}
	return rc;
}

static int
print_all(struct haul *h, struct err *err)
{
	const struct target *t = h->setup.target;
	char *space;
	int rc = 0;

	if (!t->nameless || h->setup.options->dry_run)
		return 0;
	if ((space = malloc(COPY_BYTES)) == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < h->n && rc == 0; i++)
		if (h->item[i].state == ITEM_DONE)
			rc = copy_out(t->spool, &h->item[i], space, err);
	free(space);
	if (rc == 0 && ftruncate(t->spool, 0) != 0)
		rc = err_sys(err, "what was gathered");
	return rc;
}

int
haul_take(struct haul *h, struct outcome *o, struct err *err)
{
	size_t n = 0;
	int rc;

	h->sync = h->n <= SYNC_MAX;
	while ((rc = haul_choose(h, &n, o, err)) == 0 && n > 0)
		if ((rc = take_round(h, n, o, err)) != 0)
			break;
	progress_end();
	if (rc == 0)
		rc = print_all(h, err);
	clear(h);
	return rc;
}
