/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/matcher.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "search/dfa.h"
#include "search/pattern_private.h"

struct matcher {
	const struct pattern *pattern;
	struct dfa *dfa;
	regex_t regex;
	bool has_regex;
	unsigned n_asked; /* of regexec, since it was compiled */
	bool failed;	  /* it has, for want of memory */
};

int
matcher_new(struct matcher **ret, const struct pattern *pat, struct err *err)
{
	struct matcher *m;
	int rc;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		return err_nomem(err);
	m->pattern = pat;
	if (pat->program != NULL &&
	    (rc = dfa_new(&m->dfa, pat->program, err)) != 0)
		goto fail;
	if (pat->last_word == LAST_REGEX) {
		if ((rc = pattern_regcomp(&m->regex, pat, err)) != 0)
			goto fail;
		m->has_regex = true;
	}
	*ret = m;
	return 0;
fail:
	matcher_free(m);
	return rc;
}

void
matcher_free(struct matcher *m)
{
	if (m == NULL)
		return;
	dfa_free(m->dfa);
	if (m->has_regex)
		regfree(&m->regex);
	free(m);
}

/* glibc remembers every state that it ever met: it is made to forget now and
 * then. When memory fails in that, the old one goes on. */
static bool
regex_matches(struct matcher *m, const char *path)
{
	regex_t fresh;
	struct err err;
	int rc;

	if (++m->n_asked == 4096) {
		m->n_asked = 0;
		if (pattern_regcomp(&fresh, m->pattern, &err) == 0) {
			regfree(&m->regex);
			m->regex = fresh;
		}
	}
	rc = regexec(&m->regex, path, 0, NULL, 0);
	m->failed = m->failed || (rc != 0 && rc != REG_NOMATCH);
	return rc == 0;
}

static const char *
basename_of(const char *path, const char *end)
{
	const char *slash = memrchr(path, '/', (size_t)(end - path));

	return slash == NULL ? path : slash + 1;
}

/* Everything but the literal. */
static bool
matches(struct matcher *m, const char *path, const char *end)
{
	const struct pattern *pat = m->pattern;
	const struct pattern_options *o = &pat->options;

	if (m->dfa != NULL && pat->backward &&
	    !dfa_match_back(m->dfa, path, end))
		return false;
	if (o->basename)
		path = basename_of(path, end);
	if (m->dfa != NULL && !pat->backward && !dfa_match(m->dfa, path))
		return false;
	switch (pat->last_word) {
	case LAST_TREE:
		break;
	case LAST_REGEX:
		return regex_matches(m, path);
	case LAST_GLOB:
		return fnmatch(pat->text, path,
			   o->ignore_case ? FNM_CASEFOLD : 0) == 0;
	}
	return true;
}

/* The path that holds byte `pos` of the text: at or behind i. */
static size_t
path_at(const struct path_list *l, size_t i, size_t pos)
{
	size_t step = 1, hi;

	while (i + step < l->n && l->off[i + step] <= pos) {
		i += step;
		step *= 2;
	}
	hi = i + step < l->n ? i + step : l->n;
	while (hi - i > 1) {
		size_t mid = i + (hi - i) / 2;

		if (l->off[mid] <= pos)
			i = mid;
		else
			hi = mid;
	}
	return i;
}

static size_t
next_with_literal(struct matcher *m, const struct path_list *l, size_t i)
{
	const struct pattern *pat = m->pattern;
	const char *end = l->text + l->off[l->n], *p = l->text + l->off[i];

	while ((p = needle_find(&pat->needle, p, end)) != NULL) {
		const char *path, *path_end;

		i = path_at(l, i, (size_t)(p - l->text));
		path = l->text + l->off[i];
		path_end = l->text + l->off[i + 1] - 1;
		if (pat->options.basename) {
			const char *base = basename_of(path, path_end);

			if (p < base) {
				p = base;
				continue;
			}
		}
		if (pat->all_literal || matches(m, path, path_end))
			return i;
		if (++i == l->n)
			break;
		p = path_end + 1;
	}
	return l->n;
}

size_t
matcher_next(struct matcher *m, const struct path_list *l, size_t from)
{
	if (from >= l->n)
		return l->n;
	if (m->pattern->needle.n > 0)
		return next_with_literal(m, l, from);
	for (; from < l->n; from++)
		if (matches(m, l->text + l->off[from],
			l->text + l->off[from + 1] - 1))
			return from;
	return l->n;
}

bool
matcher_failed(const struct matcher *m)
{
	return m->failed;
}
