/*
 * The content of some members, in one pass; what hard links lead to may take
 * another one.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "archive_plugin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/sum.h"

/* Links that lead to links: no archive of a known program has any. */
#define PASSES_MAX 4

/* Where the content of a wanted path is that came as a hard link without any. */
struct alias {
	struct name to;	 /* owned; path NULL: it came with its own */
	uint64_t before; /* as that was before this member of the archive */
	size_t want;
	bool followed; /* its content came */
};

struct pass {
	struct source_archive *a;
	const struct lookback_want *want;
	size_t n;
	lookback_piece_fn *give;
	void *ctx;
	struct alias *alias;  /* n: of each that is wanted, for the next pass */
	struct alias *follow; /* sorted: what this pass is for; first: none */
	size_t n_follow;
	bool *given; /* n: it got a piece */
	size_t *now; /* those that get the current member's content */
	size_t n_now;
	uint64_t member; /* number of the current one */
};

static int
by_path(const void *key, const void *element)
{
	const struct name *name = key;
	const struct lookback_want *want = element;

	return path_cmp(name->path, name->len, want->path, want->len);
}

/* Its number, or -1. */
static ssize_t
wanted(const struct pass *p, const struct name *name)
{
	const struct lookback_want *want = bsearch(
	    name, p->want, p->n, sizeof(*want), by_path);

	return want != NULL ? want - p->want : -1;
}

static int
compare_names(const struct name *a, const struct name *b)
{
	return path_cmp(a->path, a->len, b->path, b->len);
}

static bool
same_name(const struct name *a, const struct name *b)
{
	return a->len == b->len && memcmp(a->path, b->path, a->len) == 0;
}

static int
by_target(const void *a, const void *b)
{
	const struct alias *x = a, *y = b;

	return compare_names(&x->to, &y->to);
}

/* The first of those that lead to this path. */
static struct alias *
first_follow(const struct pass *p, const struct name *to)
{
	size_t from = 0, until = p->n_follow;

	while (from < until) {
		size_t mid = from + (until - from) / 2;

		if (compare_names(&p->follow[mid].to, to) < 0)
			from = mid + 1;
		else
			until = mid;
	}
	return p->follow + from;
}

static int
give(const struct pass *p, const struct lookback_piece *piece)
{
	int rc;

	for (size_t i = 0; i < p->n_now; i++) {
		p->given[p->now[i]] = true;
		if ((rc = p->give(p->ctx, p->now[i], piece)) != 0)
			return rc;
	}
	return 0;
}

static int
give_why(const struct pass *p, uint64_t offset, int err, const char *why)
{
	const struct lookback_piece piece = { .size = sizeof(piece),
		.offset = offset,
		.error = err,
		.why = why != NULL ? why : "damaged" };

	return give(p, &piece);
}

/* What names of one file have in common: the member with its content; where
 * several have it, as in some cpio, the name that they all lead to. */
static uint64_t
same_of(const struct pass *p)
{
	const struct source_archive *a = p->a;
	struct sum sum = { 0 };

	if (!header_may_link(a))
		return 0;
	if (a->to.len == 0)
		return p->member + 1;
	sum_add(&sum, a->to.path, a->to.len);
	return sum_end(&sum);
}

/* The content of the current member, to all that want it. */
static int
give_content(struct pass *p)
{
	struct source_archive *a = p->a;
	struct archive *ar = a->in.archive;
	struct lookback_piece piece = { .size = sizeof(piece) };
	la_int64_t offset = 0;
	uint64_t end = 0;
	int rc, done;

	if (archive_entry_is_encrypted(a->entry) != 0)
		return give_why(p, 0, ENOKEY, "encrypted");
	while ((rc = archive_read_data_block(
		    ar, &piece.data, &piece.len, &offset)) == ARCHIVE_OK &&
	    (rc = input_count(&a->in, piece.len)) == ARCHIVE_OK) {
		piece.offset = (uint64_t)offset;
		end = piece.offset + piece.len;
		if ((done = give(p, &piece)) != 0)
			return done;
	}
	if (rc != ARCHIVE_EOF) {
		done = give_why(p, end, EIO, archive_error_string(ar));
		return rc != ARCHIVE_FATAL || done != 0 ? done :
							  input_fail(&a->in);
	}
	/* Behind the last block there may be a hole; of a xar it is said there
	 * how long all members were until now. */
	if (offset > 0 && (uint64_t)offset > end &&
	    archive_format(ar) != ARCHIVE_FORMAT_XAR)
		end = (uint64_t)offset;
	if (archive_entry_size_is_set(a->entry) &&
	    (int64_t)end != archive_entry_size(a->entry))
		return give_why(p, end, EIO, "not as long as it should be");
	piece = (struct lookback_piece){ .size = sizeof(piece),
		.offset = end,
		.last = true,
		.same = same_of(p) };
	piece.has_mtime = header_mtime(a, &piece.mtime, &piece.mtime_ns);
	return give(p, &piece);
}

/* ---- who gets it ---- */

static void
drop_alias(struct alias *alias)
{
	free(alias->to.path);
	*alias = (struct alias){ 0 };
}

static int
set_alias(struct pass *p, size_t i, uint64_t before)
{
	const struct name *to = &p->a->to;
	char *path = malloc(to->len);

	if (path == NULL)
		return p->a->host->fail(
		    p->a->host->ctx, ENOMEM, "out of memory");
	memcpy(path, to->path, to->len);
	drop_alias(&p->alias[i]);
	p->alias[i] = (struct alias){ .to = { .path = path, .len = to->len },
		.before = before,
		.want = i };
	return 0;
}

static void
add_now(struct pass *p, size_t i)
{
	drop_alias(&p->alias[i]);
	p->now[p->n_now++] = i;
}

/* In the first pass: the wanted path itself, and in a cpio, where content comes
 * with the last of several names, the names before it. */
static int
choose_wanted(struct pass *p, bool has_content)
{
	const struct source_archive *a = p->a;
	ssize_t self = wanted(p, &a->name), first;

	if (a->to.len == 0 || has_content) {
		if (self >= 0)
			add_now(p, (size_t)self);
		if (a->to.len == 0)
			return 0;
		if ((first = wanted(p, &a->to)) >= 0 && first != self)
			add_now(p, (size_t)first);
		for (size_t i = 0; i < p->n; i++)
			if (p->alias[i].to.path != NULL &&
			    same_name(&p->alias[i].to, &a->to))
				add_now(p, i);
		return 0;
	}
	return self >= 0 ? set_alias(p, (size_t)self, p->member) : 0;
}

/* In later ones: those whose links lead here. */
static int
choose_followed(struct pass *p, const struct name *name, bool has_content)
{
	int rc = 0;

	for (struct alias *f = first_follow(p, name);
	     rc == 0 && f < p->follow + p->n_follow && same_name(&f->to, name);
	     f++) {
		if (p->member >= f->before)
			continue;
		f->followed = has_content;
		if (has_content)
			add_now(p, f->want);
		else
			rc = set_alias(p, f->want, p->member);
	}
	return rc;
}

/* What was given is not what the path is in the end. */
static int
take_back(struct pass *p)
{
	ssize_t i = p->follow == NULL ? wanted(p, &p->a->name) : -1;

	if (i < 0)
		return 0;
	drop_alias(&p->alias[i]);
	if (!p->given[i])
		return 0;
	p->now[p->n_now++] = (size_t)i;
	return give_why(p, 0, 0, "it comes again, as no file");
}

static int
look_at(struct pass *p)
{
	const struct source_archive *a = p->a;
	bool has_content = a->to.len == 0 || archive_entry_size(a->entry) > 0;
	char type = header_type(a);
	int rc;

	p->n_now = 0;
	if (type != 'f' && (type != '\0' || a->to.len == 0))
		return take_back(p);
	if (p->follow == NULL)
		rc = choose_wanted(p, has_content);
	else if ((rc = choose_followed(p, &a->name, has_content)) == 0 &&
	    a->to.len > 0 && has_content)
		rc = choose_followed(p, &a->to, true);
	return rc != 0 || p->n_now == 0 ? rc : give_content(p);
}

/* ---- the passes ---- */

static int
go_through(struct pass *p)
{
	int rc;

	for (p->member = 0; (rc = header_next(p->a)) != 1; p->member++)
		if (rc < 0 || (rc != HEADER_DAMAGED && (rc = look_at(p)) != 0))
			return rc;
	return 0;
}

static void
drop_follow(struct pass *p)
{
	for (size_t i = 0; i < p->n_follow; i++)
		drop_alias(&p->follow[i]);
	free(p->follow);
	p->follow = NULL;
	p->n_follow = 0;
}

/* What led nowhere has no content to be had; what is left is for another pass.
 * 0, or 1 when nothing is left. */
static int
prepare_next(struct pass *p)
{
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < p->n_follow; i++)
		if (!p->follow[i].followed &&
		    p->alias[p->follow[i].want].to.path == NULL) {
			p->now[0] = p->follow[i].want;
			p->n_now = 1;
			if ((rc = give_why(p, 0, ENOENT,
				 "a hard link to what is not there")) != 0)
				return rc;
		}
	drop_follow(p);
	for (size_t i = 0; i < p->n; i++)
		n += p->alias[i].to.path != NULL;
	if (n == 0)
		return 1;
	if ((p->follow = calloc(n, sizeof(*p->follow))) == NULL)
		return p->a->host->fail(
		    p->a->host->ctx, ENOMEM, "out of memory");
	for (size_t i = 0; i < p->n; i++)
		if (p->alias[i].to.path != NULL) {
			p->follow[p->n_follow++] = p->alias[i];
			p->alias[i] = (struct alias){ 0 };
		}
	qsort(p->follow, n, sizeof(*p->follow), by_target);
	return 0;
}

static int
go_through_all(struct pass *p)
{
	int rc = go_through(p);

	for (int i = 1; rc == 0 && (rc = prepare_next(p)) == 0; i++) {
		if (i == PASSES_MAX)
			return p->a->host->fail(
			    p->a->host->ctx, ELOOP, "hard links to hard links");
		if ((rc = header_open(p->a)) == 0)
			rc = go_through(p);
	}
	return rc == 1 ? 0 : rc;
}

int
archive_content(struct source_archive *a, const struct lookback_want *want,
    size_t n, lookback_piece_fn *give_piece, void *ctx)
{
	struct pass p = { .a = a,
		.want = want,
		.n = n,
		.give = give_piece,
		.ctx = ctx,
		.alias = calloc(n + 1, sizeof(*p.alias)),
		.given = calloc(n + 1, sizeof(*p.given)),
		.now = calloc(n + 1, sizeof(*p.now)) };
	int rc;

	if (p.alias == NULL || p.given == NULL || p.now == NULL)
		rc = a->host->fail(a->host->ctx, ENOMEM, "out of memory");
	else
		rc = go_through_all(&p);
	drop_follow(&p);
	for (size_t i = 0; p.alias != NULL && i < n; i++)
		drop_alias(&p.alias[i]);
	free(p.alias);
	free(p.given);
	free(p.now);
	return rc;
}
