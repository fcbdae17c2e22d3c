/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/reference_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/when.h"

#define DATE_MIN 16 /* "2026-11-02 01:40" */
#define DATE_S 3    /* ":05" */
#define COLUMNS 5   /* in front of the reference */

void
reference_done(struct reference *r)
{
	free(r->series);
	free(r->path);
	free(r->unquoted);
	*r = (struct reference){ 0 };
}

int
reference_text(struct buf *b, const char *series, const char *path, size_t len)
{
	return buf_add_str(b, series) != 0 || buf_add_byte(b, ':') != 0 ||
		buf_add(b, path, len) != 0 ?
	    -1 :
	    0;
}

/* ---- a reference ---- */

/* The first ":/"; NULL: none. */
static const char *
split(const char *text, size_t len)
{
	return memmem(text, len, ":/", 2);
}

static char *
series_of(const char *text, const char *colon)
{
	const char *at = memchr(text, '@', (size_t)(colon - text));

	return strndup(text, (size_t)((at != NULL ? at : colon) - text));
}

bool
reference_begins(const char *text, size_t len)
{
	const char *colon = split(text, len);
	char *series = colon != NULL ? series_of(text, colon) : NULL;
	bool yes = series != NULL && series_name_is_valid(series);

	free(series);
	return yes;
}

static int
take_moment(struct reference *r, const char *text, const char *colon,
    const char *seen, int64_t now, struct err *err)
{
	const char *at = memchr(text, '@', (size_t)(colon - text));
	char *time;
	int rc;

	r->moment = (struct moment){ MOMENT_LAST, 0 };
	if (at == NULL && seen == NULL)
		return 0;
	r->moment.kind = at != NULL ? MOMENT_AT : MOMENT_UNTIL;
	time = at != NULL ? strndup(at + 1, (size_t)(colon - at - 1)) :
			    strdup(seen);
	if (time == NULL)
		return err_nomem(err);
	rc = when_parse(time, now, WHEN_END, &r->moment.ns, err);
	free(time);
	return rc;
}

/* People end directories with slashes. */
static int
take_path(
    char **ret, size_t *ret_len, const char *path, size_t len, struct err *err)
{
	len = path_trim(path, len);
	if (!path_is_valid(path, len))
		return err_set(err, ERR_USAGE,
		    "is no path: it has \"//\", a NUL, or too many bytes");
	if ((*ret = strndup(path, len)) == NULL)
		return err_nomem(err);
	*ret_len = len;
	return 0;
}

int
reference_take(struct reference *ret, const char *text, size_t len,
    const char *seen, int64_t now, struct err *err)
{
	const char *colon = split(text, len);
	struct reference r = { 0 };
	int rc;

	if (colon == NULL)
		return err_set(
		    err, ERR_USAGE, "is no SERIES:/PATH, as lsearch prints it");
	if ((r.series = series_of(text, colon)) == NULL)
		return err_nomem(err);
	if (!series_name_is_valid(r.series))
		rc = err_set(err, ERR_USAGE,
		    "\"%.128s\" is not the name of a series", r.series);
	else if ((rc = take_moment(&r, text, colon, seen, now, err)) == 0)
		rc = take_path(&r.path, &r.len, colon + 1,
		    len - (size_t)(colon + 1 - text), err);
	if (rc != 0) {
		reference_done(&r);
		return rc;
	}
	*ret = r;
	return 0;
}

/* ---- quoted text ---- */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
text_unquote(struct buf *b, const char *text, size_t len)
{
	size_t begun = b->len;
	bool bad = false;

	for (const char *p = text, *end = text + len; p < end && !bad; p++) {
		size_t left = (size_t)(end - p);
		int c = (unsigned char)*p;

		if (c == '\\') {
			c = -1;
			if (left > 1 && p[1] == '\\')
				c = '\\';
			else if (left > 1 && p[1] == 'n')
				c = '\n';
			else if (left > 1 && p[1] == 't')
				c = '\t';
			if (c >= 0)
				p += 1;
			else if (left > 3 && p[1] == 'x' && hex(p[2]) >= 0 &&
			    hex(p[3]) >= 0) {
				c = hex(p[2]) * 16 + hex(p[3]);
				p += 3;
			} else
				bad = true;
		}
		bad = bad || buf_add_byte(b, (uint8_t)c) != 0;
	}
	if (bad)
		b->len = begun;
	return !bad;
}

/* ---- lines ---- */

static bool
is_date(const char *p, size_t len)
{
	static const char form[] = "0000-00-00 00:00";

	if (len < DATE_MIN)
		return false;
	for (size_t i = 0; i < DATE_MIN; i++)
		if (form[i] == '0' ? !isdigit((unsigned char)p[i]) :
				     p[i] != form[i])
			return false;
	return true;
}

/* Its length; 0: none. */
static size_t
date_len(const char *p, size_t len)
{
	if (!is_date(p, len))
		return 0;
	return len >= DATE_MIN + DATE_S && p[DATE_MIN] == ':' &&
		isdigit((unsigned char)p[DATE_MIN + 1]) &&
		isdigit((unsigned char)p[DATE_MIN + 2]) ?
	    DATE_MIN + DATE_S :
	    DATE_MIN;
}

/* Colours, as script(1) keeps them. */
static const char *
skip_colour(const char *p, const char *end)
{
	while (end - p > 2 && p[0] == '\033' && p[1] == '[') {
		const char *q = p + 2;

		while (q < end && (isdigit((unsigned char)*q) || *q == ';'))
			q++;
		if (q == end || *q != 'm')
			break;
		p = q + 1;
	}
	return p;
}

static int
no_line(struct err *err)
{
	return err_set(err, ERR_USAGE,
	    "looks like a line of lsearch, but has "
	    "no SERIES:/PATH behind its columns");
}

/* NULL: there is none. */
static const char *
behind_tab(const char *p, const char *end)
{
	const char *tab = memchr(p, '\t', (size_t)(end - p));

	return tab != NULL ? tab + 1 : NULL;
}

/* Tabs, nothing quoted: the reference may hold tabs itself, and with --where
 * there is one column more. */
static int
take_piped(struct reference *ret, const char *text, size_t len,
    const char *seen, int64_t now, struct err *err)
{
	const char *p = text, *end = text + len;

	for (int i = 0; i < COLUMNS && p != NULL; i++)
		p = behind_tab(p, end);
	if (p != NULL && !reference_begins(p, (size_t)(end - p)))
		p = behind_tab(p, end);
	return p == NULL ?
	    no_line(err) :
	    reference_take(ret, p, (size_t)(end - p), seen, now, err);
}

/* Aligned by two blanks or more; the reference is quoted, but for blanks. */
static int
take_aligned(struct reference *ret, const char *text, size_t len,
    const char *seen, int64_t now, struct err *err)
{
	const char *p = text, *end = text + len;
	struct buf plain = { 0 };
	int rc;

	if (len > 0 && end[-1] == '\r')
		end--;
	do {
		p = memmem(p, (size_t)(end - p), "  ", 2);
		if (p == NULL)
			return no_line(err);
		while (p < end && *p == ' ')
			p++;
	} while (!reference_begins(p, (size_t)(end - p)));
	if (!text_unquote(&plain, p, (size_t)(end - p)))
		rc = err_set(err, ERR_USAGE,
		    "has a \"\\\" that lsearch does not print on a terminal");
	else
		rc = reference_take(
		    ret, buf_str(&plain), plain.len, seen, now, err);
	buf_done(&plain);
	return rc;
}

/* Two dates, and then the other columns. 1: it is none. */
static int
take_line(struct reference *ret, const char *text, size_t len, int64_t now,
    struct err *err)
{
	size_t first = date_len(text, len), gap, last;
	char seen[DATE_MIN + DATE_S + 1] = "";
	bool piped;

	if (first == 0 || first == len)
		return 1;
	piped = text[first] == '\t';
	gap = piped ? 1 : 2;
	if (len - first < gap || (!piped && memcmp(text + first, "  ", 2) != 0))
		return 1;
	last = date_len(text + first + gap, len - first - gap);
	if (last == 0)
		return 1;
	memcpy(seen, text + first + gap, last);
	return piped ? take_piped(ret, text, len, seen, now, err) :
		       take_aligned(ret, text + first + gap + last,
			   len - first - gap - last, seen, now, err);
}

/* As it stands, or as -N prints it on a terminal. */
static int
take_plain(struct reference *ret, const char *text, size_t len, int64_t now,
    struct err *err)
{
	struct reference other = { 0 };
	struct err ignored = ERR_INIT;
	struct buf plain = { 0 };
	int rc = reference_take(ret, text, len, NULL, now, err);

	if (rc != 0 || memchr(text, '\\', len) == NULL)
		return rc;
	if (text_unquote(&plain, text, len) &&
	    reference_take(
		&other, buf_str(&plain), plain.len, NULL, now, &ignored) == 0) {
		ret->unquoted = other.path;
		ret->unquoted_len = other.len;
		other.path = NULL;
	}
	reference_done(&other);
	buf_done(&plain);
	return 0;
}

int
reference_parse(struct reference *ret, const char *text, size_t len,
    int64_t now, struct err *err)
{
	static const char heading[] = "first seen ";
	const char *p = skip_colour(text, text + len);
	size_t left = len - (size_t)(p - text);
	int rc = 1;

	*ret = (struct reference){ 0 };
	if (left == 0 || (left == 1 && *p == '\r') ||
	    (left > strlen(heading) &&
		memcmp(p, heading, strlen(heading)) == 0))
		return 1;
	if (*p == '{')
		return reference_json(ret, p, left, now, err);
	if ((rc = take_line(ret, p, left, now, err)) == 1)
		rc = take_plain(ret, text, len, now, err);
	return rc;
}
