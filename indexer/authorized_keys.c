/*
 * The text of authorized_keys. A line of ours is
 *
 *   restrict,command="LINDEX receive --store S --host H" TYPE BASE64 COMMENT
 *
 * with each word of the command quoted for a shell where need be, and '"' as
 * \" as sshd wants it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "authorized_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define OPTIONS "restrict,command=\""

/* ---- writing a line ---- */

/* What stands inside a quoted option. 0, -1 */
static int
add_option(struct buf *b, const char *s)
{
	int failed = 0;

	for (; *s != '\0'; s++)
		failed |= (*s == '"' ? buf_add_byte(b, '\\') : 0) |
		    buf_add_byte(b, (uint8_t)*s);
	return failed;
}

static int
check_word(const char *what, const char *s, struct err *err)
{
	for (const char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(err, ERR_USAGE,
			    "%s: a path with control characters cannot stand "
			    "in authorized_keys",
			    what);
	if (s[0] != '/')
		return err_set(
		    err, ERR_USAGE, "%s: %s is not an absolute path", what, s);
	return 0;
}

/* What sshd starts for the host. */
static int
add_command(struct buf *b, const struct enrolment *e)
{
	int failed = text_shell(b, e->lindex) |
	    buf_add_str(b, " receive --store ") | text_shell(b, e->store) |
	    buf_add_str(b, " --host ") | text_shell(b, e->host);

	if (e->config != NULL)
		failed |= buf_add_str(b, " --config ") |
		    text_shell(b, e->config);
	return failed;
}

/* The line, with its newline. */
static int
add_line(struct buf *b, const struct enrolment *e, struct err *err)
{
	struct buf command = { 0 };
	int rc, failed;

	if ((rc = check_word("program", e->lindex, err)) != 0 ||
	    (rc = check_word("store", e->store, err)) != 0 ||
	    (e->config != NULL &&
		(rc = check_word("config", e->config, err)) != 0))
		return rc;
	failed = add_command(&command, e) | buf_add_str(b, OPTIONS) |
	    add_option(b, buf_str(&command)) |
	    buf_printf(b, "\" %s %s", e->key->type, e->key->base64);
	if (e->key->comment[0] != '\0')
		failed |= buf_printf(b, " %s", e->key->comment);
	failed |= buf_add_byte(b, '\n');
	buf_done(&command);
	return failed ? err_nomem(err) : 0;
}

/* ---- reading lines ---- */

/* Where the options of a line end: the first space outside quotes. */
static const char *
skip_options(const char *s, const char *end)
{
	bool quoted = false;

	for (; s < end && (quoted || (*s != ' ' && *s != '\t')); s++) {
		if (*s == '\\' && s + 1 < end && s[1] == '"')
			s++;
		else if (*s == '"')
			quoted = !quoted;
	}
	return s;
}

/* One word of a command that add_command wrote, from inside the quoted option,
 * without the quoting. False at the option's end. */
static bool
next_word(const char **s, const char *end, struct buf *ret)
{
	bool quoted = false;

	buf_clear(ret);
	while (*s < end && **s == ' ')
		(*s)++;
	if (*s == end || **s == '"')
		return false;
	for (; *s < end && (quoted || (**s != ' ' && **s != '"')); (*s)++) {
		char c = **s;

		if (c == '\'') {
			quoted = !quoted;
			continue;
		}
		if (c == '\\' && *s + 1 < end && ((*s)[1] == '"' || !quoted))
			c = *++(*s);
		if (buf_add_byte(ret, (uint8_t)c) != 0)
			return false;
	}
	return true;
}

static bool
is_word(struct buf *b, const char *want)
{
	return strcmp(buf_str(b), want) == 0;
}

/* The host whose line this is, in `host`; false when it is not ours. */
static bool
line_host(const char *s, const char *end, struct buf *host)
{
	size_t n = strlen(OPTIONS);
	const char *base;
	bool found;

	if ((size_t)(end - s) < n || memcmp(s, OPTIONS, n) != 0)
		return false;
	s += n;
	if (!next_word(&s, end, host))
		return false;
	base = strrchr(buf_str(host), '/');
	if (base == NULL || strcmp(base, "/lindex") != 0 ||
	    !next_word(&s, end, host) || !is_word(host, "receive"))
		return false;
	do
		found = next_word(&s, end, host);
	while (found && !is_word(host, "--host"));
	return found && next_word(&s, end, host);
}

/* The key of a line, whatever stands before it: as public_key_split. */
static int
line_key(struct public_key *k, const char *s, const char *end)
{
	int rc;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	if (s == end || *s == '#')
		return 1;
	if ((rc = public_key_split(k, s, (size_t)(end - s))) != 1)
		return rc;
	s = skip_options(s, end);
	return public_key_split(k, s, (size_t)(end - s));
}

static bool
same_key(const char *a, const char *b)
{
	struct buf x = { 0 }, y = { 0 };
	bool same;

	same = strcmp(a, b) == 0 ||
	    (base64_decode(&x, a, strlen(a)) == 0 &&
		base64_decode(&y, b, strlen(b)) == 0 && x.len == y.len &&
		memcmp(x.data, y.data, x.len) == 0);
	buf_done(&x);
	buf_done(&y);
	return same;
}

/* A walk over the lines. */
struct line {
	const char *start, *end; /* without the newline */
	size_t number;
	bool ours;
	struct buf host;       /* owned; of one of ours */
	struct public_key key; /* owned; of any with a key */
};

static void
line_done(struct line *l)
{
	buf_done(&l->host);
	public_key_done(&l->key);
}

/* 0, 1 at the end, or an error. Begin with a zeroed struct. */
static int
line_next(struct line *l, const struct buf *text, struct err *err)
{
	const char *all = (const char *)text->data, *nl;
	const char *from = l->start == NULL ? all : l->end + 1;

	public_key_done(&l->key);
	if (text->len == 0 || from >= all + text->len)
		return 1;
	nl = memchr(from, '\n', (size_t)(all + text->len - from));
	l->start = from;
	l->end = nl != NULL ? nl : all + text->len;
	l->number++;
	l->ours = line_host(l->start, l->end, &l->host);
	if (line_key(&l->key, l->start, l->end) < 0)
		return err_nomem(err);
	return 0;
}

/* ---- changing the text ---- */

/* Replace [start, end) of the text. */
static int
splice(struct buf *text, size_t start, size_t end, const struct buf *with,
    struct err *err)
{
	struct buf whole = { 0 };

	if (buf_add(&whole, text->data, start) != 0 ||
	    buf_add(&whole, with->data, with->len) != 0 ||
	    buf_add(&whole, text->data + end, text->len - end) != 0) {
		buf_done(&whole);
		return err_nomem(err);
	}
	buf_done(text);
	*text = whole;
	return 0;
}

/* The host's line as [*start, *end) with its newline; 1 when it has none. */
static int
find_host(const struct buf *text, const char *host, size_t *start, size_t *end,
    struct err *err)
{
	const char *all = (const char *)text->data;
	struct line l = { 0 };
	int rc;

	while ((rc = line_next(&l, text, err)) == 0) {
		if (!l.ours || !is_word(&l.host, host))
			continue;
		*start = (size_t)(l.start - all);
		*end = (size_t)(l.end - all) + (l.end < all + text->len);
		break;
	}
	line_done(&l);
	return rc;
}

/* No other line than the host's own may have the key. */
static int
check_key_is_free(
    const struct buf *text, const struct enrolment *e, struct err *err)
{
	struct line l = { 0 };
	int rc;

	while ((rc = line_next(&l, text, err)) == 0) {
		if (l.key.base64 == NULL ||
		    !same_key(l.key.base64, e->key->base64))
			continue;
		if (!l.ours)
			rc = err_set(err, ERR_REFUSED,
			    "line %zu has this key already, and it is not one "
			    "of lindex enrol",
			    l.number);
		else if (!is_word(&l.host, e->host))
			rc = err_set(err, ERR_REFUSED,
			    "host %s has this key already: each host needs "
			    "its own",
			    buf_str(&l.host));
		if (rc != 0)
			break;
	}
	line_done(&l);
	return rc < 0 ? rc : 0;
}

int
authorized_keys_enrol(struct buf *text, const struct enrolment *e, bool replace,
    enum enrol_outcome *ret, struct err *err)
{
	struct buf line = { 0 };
	size_t start = text->len, end = text->len;
	int found, rc;

	if ((rc = check_key_is_free(text, e, err)) != 0)
		return rc;
	if ((found = find_host(text, e->host, &start, &end, err)) < 0)
		return found;
	if (found == 1 && text->len > 0 && text->data[text->len - 1] != '\n')
		rc = buf_add_byte(&line, '\n') != 0 ? err_nomem(err) : 0;
	if (rc == 0 && (rc = add_line(&line, e, err)) == 0) {
		if (found == 1)
			*ret = ENROL_ADDED;
		else if (end - start == line.len &&
		    memcmp(text->data + start, line.data, line.len) == 0)
			*ret = ENROL_SAME;
		else if (replace)
			*ret = ENROL_REPLACED;
		else
			rc = err_set(err, ERR_REFUSED,
			    "host %s is enrolled with another line; --force "
			    "replaces it",
			    e->host);
	}
	if (rc == 0)
		rc = splice(text, start, end, &line, err);
	buf_done(&line);
	return rc;
}

int
authorized_keys_revoke(struct buf *text, const char *host, struct err *err)
{
	static const struct buf nothing;
	size_t start, end;
	int rc = find_host(text, host, &start, &end, err);

	if (rc == 1)
		return err_set(
		    err, ERR_NOTFOUND, "host %s is not enrolled", host);
	return rc != 0 ? rc : splice(text, start, end, &nothing, err);
}

int
authorized_keys_each(const struct buf *text,
    int (*take)(
	void *ctx, const char *host, const struct public_key *, struct err *),
    void *ctx, struct err *err)
{
	struct line l = { 0 };
	int rc;

	while ((rc = line_next(&l, text, err)) == 0) {
		if (l.ours && l.key.base64 != NULL &&
		    (rc = take(ctx, buf_str(&l.host), &l.key, err)) != 0)
			break;
	}
	line_done(&l);
	return rc == 1 ? 0 : rc;
}
