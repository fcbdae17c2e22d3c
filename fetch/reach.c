/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/reach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/when.h"

#define WHY 320

struct known {
	bool asked, told;
	enum reach_answer answer;
	char *why; /* owned; NULL: REACH_YES */
};

struct reach {
	const struct catalog *cat;
	const char *here;
	struct known *known; /* by snapshot; owned */
	char why[WHY];	     /* of a file */
};

int
reach_new(struct reach **ret, const struct catalog *cat, const char *here,
    struct err *err)
{
	struct reach *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return err_nomem(err);
	r->cat = cat;
	r->here = here;
	if ((r->known = calloc(cat->n_snaps + 1, sizeof(*r->known))) == NULL) {
		free(r);
		return err_nomem(err);
	}
	*ret = r;
	return 0;
}

void
reach_free(struct reach *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->cat->n_snaps; i++)
		free(r->known[i].why);
	free(r->known);
	free(r);
}

static int64_t
mtime_of(const struct stat *st)
{
	return st->st_mtim.tv_sec * NS_PER_S + st->st_mtim.tv_nsec;
}

/* ---- origins ---- */

static enum reach_answer
look_at_file(const struct uri *uri, char why[static WHY])
{
	struct stat st;

	if (stat(uri->path, &st) != 0) {
		(void)snprintf(why, WHY, "%s",
		    errno == ENOENT || errno == ENOTDIR ?
			"it is gone" :
			strerrordesc_np(errno));
		return REACH_NO_MORE;
	}
	if ((uri->has_size && uri->size != (uint64_t)st.st_size) ||
	    (uri->has_mtime && uri->mtime_ns != mtime_of(&st))) {
		(void)snprintf(why, WHY, "it has changed since it was indexed");
		return REACH_NO_MORE;
	}
	return REACH_YES;
}

static enum reach_answer
look_at(const struct reach *r, const struct place *p, char why[static WHY])
{
	const struct uri *uri = &p->origin->uri;
	const char *host = place_host(p, r->here);

	if (p->origin->kind == PLACE_NONE) {
		(void)snprintf(why, WHY, "it has names and no content");
		return REACH_NEVER;
	}
	if (p->origin->kind == PLACE_LAB && !p->snap->has_peer)
		return REACH_YES;
	if (p->origin->kind == PLACE_LAB)
		host = p->series->name;
	if (host != NULL) {
		(void)snprintf(why, WHY, "it lies on %.*s, and this is %s",
		    (int)strcspn(host, "/"), host, r->here);
		return REACH_NEVER;
	}
	return p->origin->kind == PLACE_LIVE ? REACH_YES :
					       look_at_file(uri, why);
}

/* ---- live files ---- */

static int
live_path(const struct place *p, struct buf *ret)
{
	if (p->origin->kind == PLACE_FILES &&
	    strcmp(p->origin->uri.path, "/") != 0 &&
	    buf_add_str(ret, p->origin->uri.path) != 0)
		return -1;
	return buf_add(ret, p->path, p->len);
}

/* Still the file of the index. */
static int
look_at_live(struct reach *r, const struct place *p, const struct entry *e,
    enum reach_answer *ret, struct err *err)
{
	struct buf path = { 0 };
	struct stat st;
	char date[WHEN_TEXT];

	*ret = REACH_CHANGED;
	if (live_path(p, &path) != 0) {
		buf_done(&path);
		return err_nomem(err);
	}
	if (lstat(buf_str(&path), &st) != 0)
		(void)snprintf(r->why, WHY, "%s",
		    errno == ENOENT || errno == ENOTDIR ?
			"it is gone" :
			strerrordesc_np(errno));
	else if (!S_ISREG(st.st_mode))
		(void)snprintf(r->why, WHY, "it is no regular file any more");
	else if (((e->fields & ENTRY_SIZE) &&
		     (uint64_t)st.st_size != e->size) ||
	    ((e->fields & ENTRY_MTIME) &&
		!mtime_agrees(e,
		    &(struct entry){ .mtime = st.st_mtim.tv_sec,
			.mtime_ns = (uint32_t)st.st_mtim.tv_nsec })))
		(void)snprintf(r->why, WHY, "it has changed, on %s",
		    when_text(mtime_of(&st), date));
	else
		*ret = REACH_YES;
	buf_done(&path);
	return 0;
}

int
reach_check(struct reach *r, const struct place *p, const struct entry *e,
    enum reach_answer *ret, const char **ret_why, struct err *err)
{
	struct known *k = &r->known[p->snap - r->cat->snaps];

	if (!k->asked) {
		char why[WHY] = "";

		k->answer = look_at(r, p, why);
		if ((k->why = strdup(why)) == NULL)
			return err_nomem(err);
		k->asked = true;
	}
	*ret = k->answer;
	*ret_why = k->why;
	if (k->answer != REACH_YES ||
	    (p->origin->kind != PLACE_LIVE && p->origin->kind != PLACE_FILES))
		return 0;
	*ret_why = r->why;
	return look_at_live(r, p, e, ret, err);
}

bool
reach_is_news(struct reach *r, const struct place *p)
{
	struct known *k = &r->known[p->snap - r->cat->snaps];
	bool news = !k->told;

	k->told = true;
	return news;
}

int
reach_words(const struct reach *r, const struct place *p, struct buf *b)
{
	const struct uri *uri = &p->origin->uri;
	const char *host = place_host(p, r->here);

	if (uri->scheme == NULL)
		return buf_add_str(b, p->origin->text);
	if (buf_printf(b, "%s:", uri->scheme) != 0)
		return -1;
	if (p->origin->kind == PLACE_LAB) {
		if (buf_printf(b, "//%s%s%s",
			uri->user != NULL ? uri->user : "",
			uri->user != NULL ? "@" : "",
			uri->host != NULL ? uri->host : "") != 0)
			return -1;
	} else if (host != NULL &&
	    buf_printf(b, "//%.*s", (int)strcspn(host, "/"), host) != 0)
		return -1;
	if (p->origin->kind == PLACE_LIVE || p->origin->kind == PLACE_FILES)
		return live_path(p, b);
	return buf_add_str(b, uri->path);
}
