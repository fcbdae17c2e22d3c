/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "words.h"
#include "value.h"

#include <string.h>

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

struct words
words_of(const char *value)
{
	return (struct words){ value, value + strlen(value) };
}

bool
words_split(const char *value, struct words *left, struct words *right)
{
	const char *arrow = strstr(value, "->");

	if (arrow == NULL)
		return false;
	*left = (struct words){ value, arrow };
	*right = words_of(arrow + 2);
	return true;
}

struct word
word_next(struct words *w)
{
	struct word ret;

	while (w->p < w->end && is_space(*w->p))
		w->p++;
	ret.s = w->p;
	while (w->p < w->end && !is_space(*w->p))
		w->p++;
	ret.len = (size_t)(w->p - ret.s);
	return ret;
}

bool
word_is(struct word w, const char *s)
{
	return w.len == strlen(s) && memcmp(w.s, s, w.len) == 0;
}

bool
words_done(struct words *w)
{
	return word_next(w).len == 0;
}

int
words_ports(const struct config_item *item, struct words *w, struct word name,
    enum lab_proto *proto, struct ports *ports, struct err *err)
{
	if (word_is(name, "tcp"))
		*proto = LAB_TCP;
	else if (word_is(name, "udp"))
		*proto = LAB_UDP;
	else
		return 1;
	while (w->p < w->end && is_space(*w->p))
		w->p++;
	if (w->p == w->end)
		return 1;
	return value_ports(item, w->p, (size_t)(w->end - w->p), ports, err);
}
