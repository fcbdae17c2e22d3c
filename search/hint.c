/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/hint.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* Hosts told by name in one line; the others are counted. */
#define NAMED 5

/* One reason, and who has it. */
struct reason {
	char text[512];
	struct buf series; /* names, ", " between them */
	size_t n;
};

struct reasons {
	struct reason *item; /* owned */
	size_t n;
};

/* A name alone may stand anywhere. */
static bool
name_a_path(const char *words, size_t len)
{
	const char *slash = len == 0 ? NULL : memrchr(words, '/', len);

	return slash != NULL && (slash != words || len > 1);
}

int
hint_probe(struct buf *ret, const char *root, const char *words, size_t len,
    bool *ret_names_only)
{
	if (!name_a_path(words, len))
		return 0;
	*ret_names_only = words[0] != '/';
	buf_clear(ret);
	if (*ret_names_only &&
	    (buf_add_str(ret, root) != 0 || buf_add_byte(ret, '/') != 0))
		return -1;
	for (size_t i = 0; i < len; i++) {
		/* No empty components. */
		if (words[i] == '/' && ret->len > 0 &&
		    ret->data[ret->len - 1] == '/')
			continue;
		if (buf_add_byte(ret, (uint8_t)words[i]) != 0)
			return -1;
	}
	/* "/tmp/": something below it. */
	if (ret->data[ret->len - 1] == '/' && buf_add_str(ret, "x") != 0)
		return -1;
	return 1;
}

static int
reason_add(struct reasons *r, const char *text, const char *series)
{
	struct reason *at, *more;
	size_t i = 0;

	while (i < r->n && strcmp(r->item[i].text, text) != 0)
		i++;
	if (i == r->n) {
		more = reallocarray(r->item, r->n + 1, sizeof(*more));
		if (more == NULL)
			return -1;
		r->item = more;
		r->item[r->n] = (struct reason){ 0 };
		(void)strncpy(
		    r->item[r->n].text, text, sizeof(r->item[r->n].text) - 1);
		r->n++;
	}
	at = &r->item[i];
	if (at->n++ >= NAMED)
		return 0;
	if (at->n > 1 && buf_add_str(&at->series, ", ") != 0)
		return -1;
	return buf_add_str(&at->series, series);
}

/* Ask one snapshot's scope about every pattern. */
static int
ask(struct reasons *r, const struct scope *scope, const char *series,
    const struct query *q)
{
	/* Without the slash of "/". */
	const char *root = scope->root == NULL || strlen(scope->root) < 2 ?
	    "" :
	    scope->root;
	struct buf path = { 0 };
	int rc = 0;

	for (size_t i = 0; i < q->n && rc >= 0; i++) {
		const char *words, *why;
		char text[sizeof(r->item->text)];
		size_t len;
		bool names_only;

		words = pattern_words(q->pattern[i], &len);
		rc = hint_probe(&path, root, words, len, &names_only);
		if (rc <= 0)
			continue;
		why = scope_prunes(scope, (const char *)path.data, path.len,
		    text, sizeof(text));
		if (why != NULL &&
		    (!names_only || strncmp(why, "PRUNENAMES", 10) == 0))
			rc = reason_add(r, why, series);
	}
	buf_done(&path);
	return rc < 0 ? rc : 0;
}

static bool
names_a_path(const struct query *q)
{
	bool any = false;

	for (size_t i = 0; i < q->n && !any; i++) {
		size_t len;
		const char *words = pattern_words(q->pattern[i], &len);

		any = name_a_path(words, len);
	}
	return any;
}

int
hint_pruned(struct store *s, const struct catalog *cat, const struct hits *hits,
    const struct query *q, struct err *err)
{
	struct reasons r = { 0 };
	int rc = 0;

	if (!names_a_path(q))
		return 0;
	for (size_t i = 0; i < cat->n_series && rc == 0; i++) {
		struct horizon h = hits_horizon(hits, i);
		struct scope scope = { 0 };

		if (h.n == 0)
			continue;
		rc = snapshot_scope(&scope, s, &h.snaps[h.n - 1], err);
		if (rc == ERR_NOTFOUND) {
			rc = 0; /* dropped meanwhile */
			continue;
		}
		if (rc == 0 && ask(&r, &scope, cat->series[i].name, q) != 0)
			rc = err_nomem(err);
		scope_done(&scope);
	}
	for (size_t i = 0; i < r.n; i++) {
		struct reason *w = &r.item[i];
		const char *who = buf_str(&w->series);

		if (rc == 0 && w->n > NAMED)
			log_note("%s and %zu more do not look there: %s", who,
			    w->n - NAMED, w->text);
		else if (rc == 0)
			log_note("%s %s not look there: %s", who,
			    w->n == 1 ? "does" : "do", w->text);
		buf_done(&w->series);
	}
	free(r.item);
	return rc;
}
