/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/config.h"
#include "base/text.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static bool
is_key_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static int
at(const char *file, int line, struct err *err)
{
	return err_wrap(err, "%s:%d", file, line);
}

int
config_unknown(const struct config_item *item, struct err *err)
{
	const char *quote = *item->name != '\0' ? "\"" : "";
	const char *space = *item->name != '\0' ? " " : "";

	if (item->key == NULL)
		(void)err_set(err, ERR_FORMAT, "unknown section [%s%s%s%s%s]",
		    item->section, space, quote, item->name, quote);
	else if (*item->section == '\0')
		(void)err_set(err, ERR_FORMAT,
		    "unknown key \"%s\" before the first section", item->key);
	else
		(void)err_set(err, ERR_FORMAT, "unknown key \"%s\" in [%s]",
		    item->key, item->section);
	return at(item->file, item->line, err);
}

int
config_bad(
    const struct config_item *item, struct err *err, const char *fmt, ...)
{
	char why[384];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	(void)err_set(err, ERR_FORMAT, "%.96s: %s", item->key, why);
	return at(item->file, item->line, err);
}

/* The end of the line without its comment and the white space before it. */
static char *
end_of_text(char *line)
{
	char *p = line;

	for (; *p != '\0'; p++)
		if ((*p == '#' || *p == ';') && (p == line || is_space(p[-1])))
			break;
	while (p > line && is_space(p[-1]))
		p--;
	return p;
}

/* `[Section]` or `[Section "name"]`, from behind its bracket; cut in place. */
static int
take_section(char *p, struct config_item *item, struct err *err)
{
	char *end = p + strlen(p), *word = p;

	if (end == p || end[-1] != ']')
		return err_set(err, ERR_FORMAT,
		    strchr(p, ']') == NULL ?
			"\"[\" without its \"]\"" :
			"a section stands alone in its line");
	*--end = '\0';
	while (is_key_byte(*p))
		p++;
	if (p == word)
		return err_set(err, ERR_FORMAT, "section name expected");
	item->section = word;
	item->name = "";
	if (p == end)
		return 0;
	if (*p != ' ' || p[1] != '"' || end - p < 4 || end[-1] != '"')
		return err_set(err, ERR_FORMAT,
		    "section \"%.64s\": want [Section] or [Section \"name\"]",
		    word);
	*p = '\0';
	end[-1] = '\0';
	item->name = p + 2;
	if (strchr(item->name, '"') != NULL)
		return err_set(err, ERR_FORMAT,
		    "section name \"%.64s\" holds a quote", item->name);
	return 0;
}

/* `key = value`; cut in place. */
static int
take_key(char *p, struct config_item *item, struct err *err)
{
	char *key = p, *end;

	while (is_key_byte(*p))
		p++;
	end = p;
	while (is_space(*p))
		p++;
	if (end == key || *p != '=')
		return err_set(
		    err, ERR_FORMAT, "\"%.64s\": want key = value", key);
	p++;
	*end = '\0';
	while (is_space(*p))
		p++;
	item->key = key;
	item->value = p;
	return 0;
}

/* A section's strings live until the next one; so copies of both lines. */
struct parser {
	struct config_item item;
	char *section_line; /* owned */
	char *line;	    /* owned */
};

static int
parse_line(struct parser *ps, struct err *err)
{
	struct config_item *item = &ps->item;
	char *p = ps->line;

	while (is_space(*p))
		p++;
	*end_of_text(p) = '\0';
	item->key = item->value = NULL;
	if (*p == '\0')
		return 0;
	if (*p == '[') {
		if (take_section(p + 1, item, err) != 0)
			return at(item->file, item->line, err);
		free(ps->section_line);
		ps->section_line = ps->line;
		ps->line = NULL;
		return 1;
	}
	if (take_key(p, item, err) != 0)
		return at(item->file, item->line, err);
	return 1;
}

int
config_parse(const char *file, const char *text, size_t len,
    int (*take)(void *ctx, const struct config_item *, struct err *), void *ctx,
    struct err *err)
{
	struct parser ps = { .item = {
				 .section = "", .name = "", .file = file } };
	int rc = 0;

	while (len > 0 && rc == 0) {
		const char *eol = memchr(text, '\n', len);
		size_t n = eol == NULL ? len : (size_t)(eol - text);

		ps.item.line++;
		free(ps.line);
		if ((ps.line = strndup(text, n)) == NULL) {
			rc = err_nomem(err);
			break;
		}
		if (strlen(ps.line) != n) {
			(void)err_set(err, ERR_FORMAT, "a NUL byte");
			rc = at(file, ps.item.line, err);
			break;
		}
		if ((rc = parse_line(&ps, err)) == 1)
			rc = take(ctx, &ps.item, err);
		n += eol != NULL;
		text += n;
		len -= n;
	}
	free(ps.section_line);
	free(ps.line);
	return rc;
}

int
config_bool(const struct config_item *item, bool *ret, struct err *err)
{
	static const char *const word[] = { "no", "yes", "0", "1", "false",
		"true", "off", "on" };

	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		if (strcasecmp(item->value, word[i]) == 0) {
			*ret = i % 2 == 1;
			return 0;
		}
	return config_bad(item, err, "\"%.64s\" is not yes or no", item->value);
}

int
config_int(const struct config_item *item, long long min, long long max,
    long long *ret, struct err *err)
{
	if (text_int(item->value, min, max, ret))
		return 0;
	return config_bad(item, err,
	    "\"%.64s\" is not a number from %lld to %lld", item->value, min,
	    max);
}

int
config_size(const struct config_item *item, uint64_t *ret, struct err *err)
{
	static const char units[] = "KMGT";
	const char *s = item->value, *unit;
	size_t len = strlen(s);
	char number[24];
	long long v;
	unsigned shift = 0;

	if (len > 0 && len < sizeof(number)) {
		memcpy(number, s, len + 1);
		unit = strchr(units, s[len - 1] & ~0x20);
		if (s[len - 1] >= 'A' && unit != NULL) {
			shift = 10 * (unsigned)(unit - units + 1);
			number[len - 1] = '\0';
		}
		if (text_int(number, 0, LLONG_MAX >> shift, &v)) {
			*ret = (uint64_t)v << shift;
			return 0;
		}
	}
	return config_bad(item, err,
	    "\"%.64s\" is not a size: want 512, 64K, 10M, 2G or 1T", s);
}

int
config_words(
    const struct config_item *item, struct strlist *list, struct err *err)
{
	for (const char *p = item->value; *p != '\0';) {
		size_t n = 0;

		while (p[n] != '\0' && !is_space(p[n]))
			n++;
		if (n > 0 && strlist_add(list, p, n) != 0)
			return err_nomem(err);
		p += n + (p[n] != '\0');
	}
	return 0;
}
