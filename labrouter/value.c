/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "value.h"
#include "base/text.h"
#include "base/when.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS INT64_C(1000000)
/* A gateway's network: smaller ones hold no machine beside it. */
#define LEN_MIN 8
#define LEN_MAX 30

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool
read_quad(const char *s, size_t len, uint32_t *ret)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr a;

	if (len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	if (inet_pton(AF_INET, text, &a) != 1)
		return false;
	*ret = ntohl(a.s_addr);
	return true;
}

static bool
read_number(
    const char *s, size_t len, long long min, long long max, long long *ret)
{
	char text[8];

	if (len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	return text_int(text, min, max, ret);
}

static bool
read_prefix(const char *s, size_t len, struct prefix *ret)
{
	const char *slash = memchr(s, '/', len);
	long long n;

	if (slash == NULL || !read_quad(s, (size_t)(slash - s), &ret->addr) ||
	    !read_number(slash + 1, len - (size_t)(slash - s) - 1, 0, 32, &n))
		return false;
	ret->len = (unsigned)n;
	return true;
}

static bool
is_machines(uint32_t addr)
{
	unsigned net = addr >> 24;

	return net != 0 && net != 127 && net < 224;
}

/* For "%.*s": hostile values are long. */
static int
shown(size_t len)
{
	return len < 64 ? (int)len : 64;
}

int
value_addr(const struct config_item *item, const char *s, size_t len,
    uint32_t *ret, struct err *err)
{
	if (!read_quad(s, len, ret))
		return config_bad(item, err,
		    "\"%.*s\" is not an address: want one like 192.168.149.36",
		    shown(len), s);
	if (!is_machines(*ret))
		return config_bad(item, err, "%.*s can be no machine's address",
		    shown(len), s);
	return 0;
}

int
value_host(const struct config_item *item, const char *s, size_t len,
    struct prefix *ret, struct err *err)
{
	uint32_t host;

	if (!read_prefix(s, len, ret))
		return config_bad(item, err,
		    "\"%.*s\": want an address with its network's length, "
		    "like 192.168.149.2/24",
		    shown(len), s);
	if (ret->len < LEN_MIN || ret->len > LEN_MAX)
		return config_bad(item, err,
		    "%.*s: a network's length is from /%d to /%d", shown(len),
		    s, LEN_MIN, LEN_MAX);
	host = ret->addr & ~prefix_mask(ret->len);
	if (!is_machines(ret->addr) || host == 0 ||
	    host == ~prefix_mask(ret->len))
		return config_bad(item, err,
		    "%.*s: no machine can have a network's first or last "
		    "address, or one outside 1.0.0.0 to 223.255.255.255",
		    shown(len), s);
	return 0;
}

int
value_network(const struct config_item *item, const char *s, size_t len,
    struct prefix *ret, struct err *err)
{
	uint32_t net;

	if (!read_prefix(s, len, ret))
		return config_bad(item, err,
		    "\"%.*s\" is not a network: want one like "
		    "192.168.150.0/24, a single address with /32",
		    shown(len), s);
	net = ret->addr & prefix_mask(ret->len);
	if (net != ret->addr)
		return config_bad(item, err,
		    "%.*s has bits behind its /%u: write %u.%u.%u.%u/%u",
		    shown(len), s, ret->len, net >> 24, net >> 16 & 255,
		    net >> 8 & 255, net & 255, ret->len);
	return 0;
}

/* ---- ports ---- */

static int
by_first(const void *a, const void *b)
{
	const struct port_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

static void
join_ranges(struct ports *p)
{
	size_t n = 0;

	qsort(p->range, p->n, sizeof(*p->range), by_first);
	for (size_t i = 1; i < p->n; i++) {
		struct port_range *last = &p->range[n];

		if (p->range[i].first > last->last + 1)
			p->range[++n] = p->range[i];
		else if (p->range[i].last > last->last)
			last->last = p->range[i].last;
	}
	p->n = n + 1;
}

static bool
read_range(const char *s, size_t len, struct port_range *ret)
{
	const char *dash = memchr(s, '-', len);
	size_t n = dash == NULL ? len : (size_t)(dash - s);
	long long first, last;

	if (!read_number(s, n, 1, UINT16_MAX, &first))
		return false;
	last = first;
	if (dash != NULL &&
	    !read_number(dash + 1, len - n - 1, first, UINT16_MAX, &last))
		return false;
	*ret = (struct port_range){ (uint16_t)first, (uint16_t)last };
	return true;
}

int
value_ports(const struct config_item *item, const char *s, size_t len,
    struct ports *ret, struct err *err)
{
	struct ports p = { 0 };
	size_t n = 1;

	for (size_t i = 0; i < len; i++)
		n += s[i] == ',';
	if ((p.range = calloc(n, sizeof(*p.range))) == NULL)
		return err_nomem(err);
	for (const char *end = s + len; p.n < n; s++) {
		const char *stop = memchr(s, ',', (size_t)(end - s)), *last;

		last = stop = stop == NULL ? end : stop;
		while (s < last && is_space(*s))
			s++;
		while (last > s && is_space(last[-1]))
			last--;
		if (!read_range(s, (size_t)(last - s), &p.range[p.n])) {
			free(p.range);
			return config_bad(item, err,
			    "\"%.*s\" is no port: want numbers from 1 to 65535 "
			    "and ranges, like 80,443,8000-8010",
			    shown((size_t)(last - s)), s);
		}
		p.n++;
		s = stop;
	}
	join_ranges(&p);
	*ret = p;
	return 0;
}

/* ---- names and times ---- */

bool
value_is_name(const char *s)
{
	size_t len = strlen(s);

	if (len == 0 || len > LAB_NAME_MAX || !text_is_utf8(s, len))
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return false;
	return true;
}

int
value_take_device(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	const char *s = item->value;
	bool good = *s != '\0' && *s != '-' && strlen(s) < IFNAMSIZ &&
	    strcmp(s, ".") != 0 && strcmp(s, "..") != 0;

	for (size_t i = 0; s[i] != '\0'; i++)
		good = good &&
		    (isalnum((unsigned char)s[i]) ||
			strchr("._-+@,", s[i]) != NULL);
	if (!good)
		return config_bad(item, err,
		    "\"%.64s\" is no interface's name: want one like eth0, "
		    "of at most %d characters",
		    s, IFNAMSIZ - 1);
	return take_text(row, into, item, err);
}

int
value_take_wait(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	size_t len = strlen(item->value);
	struct err why = ERR_INIT;
	long long ms;
	int64_t ns;

	if (len > 2 && strcmp(item->value + len - 2, "ms") == 0 &&
	    read_number(item->value, len - 2, 0, 9999999, &ms))
		ns = ms * NS_PER_MS;
	else if (duration_parse(item->value, &ns, &why) != 0)
		return config_bad(item, err,
		    "\"%.64s\" is not a length of time: want 300ms, 2s or "
		    "1min",
		    item->value);
	if (ns < row->min * NS_PER_MS || ns > row->max * NS_PER_MS)
		return config_bad(item, err,
		    "\"%.64s\" is not within %lldms and %llds", item->value,
		    row->min, row->max / 1000);
	memcpy((char *)into + row->offset, &ns, sizeof(ns));
	return 0;
}
