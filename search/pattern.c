/*
 * A pattern becomes a tree, and the tree says how to match it best:
 *  - all of it is one literal: that is searched in the whole text of a block,
 *    and where it stands says which path it is;
 *  - a literal of some length must be there: the same, and the rest is asked
 *    only of the paths that hold it;
 *  - it is anchored at the end: paths are read backward, mostly a byte or two;
 *  - else each path is read.
 * What a tree cannot say goes to regexec or fnmatch after that.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/pattern_private.h"

#include <stdlib.h>
#include <string.h>

#include "search/tree_needs.h"
#include "search/tree_parser.h"

/* A shorter literal is in too many paths to be worth a search of its own. */
#define LITERAL_WORTH 3

/* ---- what locate(1) makes of a pattern ---- */

/* The length of the bracket expression at p, 0 when it is not closed. */
static size_t
bracket_len(const char *p)
{
	const char *q = p + 1;

	if (*q == '!')
		q++;
	if (*q == ']')
		q++;
	q = *q == '\0' ? NULL : strchr(q, ']');
	return q == NULL ? 0 : (size_t)(q - p) + 1;
}

/* Whether there is a glob character that is not escaped; collects the bytes in
 * front of it, unescaped. */
static int
read_locate(struct pattern *pat, struct err *err)
{
	for (const char *p = pat->text; *p != '\0'; p++) {
		if (*p == '*' || *p == '?') {
			pat->is_glob = true;
			return 0;
		}
		if (*p == '[') {
			if (bracket_len(p) == 0)
				return err_set(err, ERR_USAGE,
				    "its '[' is not closed; write \\[ for "
				    "the character itself");
			pat->is_glob = true;
			return 0;
		}
		if (*p == '\\' && *++p == '\0')
			return err_set(err, ERR_USAGE,
			    "it ends in a backslash; write \\\\ for the "
			    "character itself");
		if (buf_add_byte(&pat->words, (uint8_t)*p) != 0)
			return err_nomem(err);
	}
	return 0;
}

/* ---- compiling ---- */

int
pattern_regcomp(regex_t *ret, const struct pattern *pat, struct err *err)
{
	int flags = REG_NOSUB, rc;
	char text[256];

	if (pat->options.syntax == PATTERN_EXTENDED)
		flags |= REG_EXTENDED;
	if (pat->options.ignore_case)
		flags |= REG_ICASE;
	if ((rc = regcomp(ret, pat->text, flags)) == 0)
		return 0;
	if (rc == REG_ESPACE)
		return err_nomem(err);
	(void)regerror(rc, ret, text, sizeof(text));
	return err_set(err, ERR_USAGE, "%s", text);
}

/* regcomp decides what is an error. But first it is kept from expressions that
 * it would answer with a stack overflow or with gigabytes. */
static int
read_regex(struct tree *tree, struct pattern *pat, struct err *err)
{
	enum tree_syntax syntax = pat->options.syntax == PATTERN_EXTENDED ?
	    TREE_ERE :
	    TREE_BRE;
	regex_t regex;
	int parsed, rc;

	parsed = tree_parse(tree, syntax, pat->options.ignore_case, pat->text,
	    strlen(pat->text), err);
	if (parsed != 0 && parsed != ERR_FORMAT)
		return parsed;
	if ((rc = pattern_regcomp(&regex, pat, err)) != 0) {
		tree_done(tree);
		return rc;
	}
	regfree(&regex);
	if (parsed != 0)
		return err_set(
		    err, ERR_USAGE, "the regular expression is not understood");
	if (tree->superset)
		pat->last_word = LAST_REGEX;
	return 0;
}

static int
read_glob(struct tree *tree, struct pattern *pat, struct err *err)
{
	int rc;

	rc = tree_parse(tree, TREE_GLOB, pat->options.ignore_case, pat->text,
	    strlen(pat->text), err);
	if (rc == 0 && tree->superset)
		pat->last_word = LAST_GLOB;
	return rc;
}

/* A substring, as the tree that a glob "*substring*" is. */
static int
literal_tree(struct tree *ret, struct pattern *pat, struct err *err)
{
	struct tree t = { 0 };
	struct tree_list list = TREE_LIST_INIT;

	for (size_t i = 0; i < pat->words.len; i++) {
		unsigned c = pat->words.data[i];
		uint32_t node = tree_add(&t, TREE_SET);

		if (node == TREE_NONE)
			goto fail;
		byteset_add(&t.node[node].set, c);
		if (pat->options.ignore_case &&
		    ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
			byteset_add(&t.node[node].set, c ^ 0x20);
		tree_append(&t, &list, node);
	}
	if ((t.root = tree_join(&t, TREE_CAT, &list)) == TREE_NONE)
		goto fail;
	*ret = t;
	return 0;
fail:
	tree_done(&t);
	return err_nomem(err);
}

static int
pattern_plan(struct pattern *pat, struct tree *tree, struct err *err)
{
	struct program_options how = { .basename = pat->options.basename };
	int rc;

	tree_trim(tree);
	if ((rc = tree_trigrams(
		 &pat->needs, tree, pat->options.basename, err)) != 0 ||
	    (rc = tree_literal(&pat->literal, tree, &pat->all_literal, err)) !=
		0)
		return rc;
	if (pat->literal.len > 0)
		needle_init(&pat->needle,
		    (const struct needle_byte *)(const void *)pat->literal.data,
		    pat->literal.len / sizeof(struct needle_byte));
	else
		pat->all_literal = false;
	if (pat->all_literal)
		return 0;
	if (pat->needle.n < LITERAL_WORTH)
		pat->needle.n = 0;
	/* A glob may be longer than an automaton should be. */
	if (tree->n > TREE_SIZE_MAX) {
		pat->last_word = LAST_GLOB;
		return 0;
	}
	pat->backward = how.backward = tree_is_end_anchored(tree);
	return program_new(&pat->program, tree, &how, err);
}

int
pattern_new(struct pattern **ret, const char *text,
    const struct pattern_options *options, struct err *err)
{
	struct tree tree = { 0 };
	struct pattern *pat;
	int rc;

	if (*text == '\0')
		return err_set(err, ERR_USAGE,
		    "an empty pattern would match every path; write / or '*' "
		    "for that");
	if ((pat = calloc(1, sizeof(*pat))) == NULL)
		return err_nomem(err);
	pat->text = text;
	pat->options = *options;
	if (options->syntax != PATTERN_LOCATE)
		rc = read_regex(&tree, pat, err);
	else if ((rc = read_locate(pat, err)) == 0)
		rc = pat->is_glob ? read_glob(&tree, pat, err) :
				    literal_tree(&tree, pat, err);
	if (rc == 0)
		rc = pattern_plan(pat, &tree, err);
	tree_done(&tree);
	if (rc != 0) {
		pattern_free(pat);
		return err_wrap(err, "pattern '%s'", text);
	}
	*ret = pat;
	return 0;
}

void
pattern_free(struct pattern *pat)
{
	if (pat == NULL)
		return;
	triquery_done(&pat->needs);
	buf_done(&pat->words);
	buf_done(&pat->literal);
	program_free(pat->program);
	free(pat);
}

const struct triquery *
pattern_needs(const struct pattern *pat)
{
	return &pat->needs;
}

const char *
pattern_words(const struct pattern *pat, size_t *len)
{
	*len = pat->words.len;
	return (const char *)pat->words.data;
}
