/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_nft.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define VERSION 1 /* of these texts */

struct address
address(uint32_t a)
{
	struct address t;

	snprintf(t.text, sizeof(t.text), "%u.%u.%u.%u", a >> 24,
	    (a >> 16) & 255, (a >> 8) & 255, a & 255);
	return t;
}

struct address
prefix(uint32_t a, unsigned len)
{
	struct address t;

	snprintf(t.text, sizeof(t.text), "%u.%u.%u.%u/%u", a >> 24,
	    (a >> 16) & 255, (a >> 8) & 255, a & 255, len & 63);
	return t;
}

int
plan_add_addr(struct buf *b, uint32_t addr)
{
	return buf_add_str(b, address(addr).text);
}

int
plan_add_prefix(struct buf *b, uint32_t addr, unsigned len)
{
	return buf_add_str(b, prefix(addr, len).text);
}

void
say(struct rules *r, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (buf_add_str(&r->b, text) != 0)
		r->failed = true;
}

void
element_begin(struct rules *r)
{
	say(r, "%s", r->listing ? ",\n\t\t\t" : "\t\telements = {\n\t\t\t");
	r->listing = true;
}

void
set_begin(struct rules *r, const char *kind, const char *name, const char *type,
    bool interval)
{
	say(r, "\t%s %s {\n\t\ttype %s\n", kind, name, type);
	if (interval)
		say(r, "\t\tflags interval\n");
}

void
set_end(struct rules *r)
{
	say(r, "%s\t}\n", r->listing ? "\n\t\t}\n" : "");
	r->listing = false;
}

void
table_begin(struct rules *r, const char *family)
{
	table_begin_as(r, family, "lookback");
}

void
table_begin_as(struct rules *r, const char *family, const char *name)
{
	say(r, "table %s %s\ndelete table %s %s\n", family, name, family, name);
	say(r, "table %s %s {\n", family, name);
	say(r, "\tcomment \"labrouter %d " PLAN_HASH "0000000000000000\"\n",
	    VERSION);
}

void
chain_begin(struct rules *r, const char *name, const char *hook)
{
	say(r, "\tchain %s {\n\t\ttype %s\n", name, hook);
	r->closed = strstr(hook, "policy drop") != NULL;
}

void
chain_end(struct rules *r)
{
	if (r->closed)
		RULE(r, "drop");
	say(r, "\t}\n");
	r->closed = false;
}

const char *
table_end(struct plan *p, struct rules *r)
{
	const char *text;

	say(r, "}\n");
	p->failed |= r->failed;
	text = plan_keep(p, &r->b);
	buf_done(&r->b);
	return text;
}

const char *
proto_name(enum lab_proto proto)
{
	switch (proto) {
	case LAB_TCP:
		return "tcp";
	case LAB_UDP:
		return "udp";
	case LAB_ICMP:
		return "icmp";
	case LAB_ANY:
		break;
	}
	return "";
}

struct address
port_text(struct port_range range)
{
	struct address t;

	if (range.first == range.last)
		snprintf(t.text, sizeof(t.text), "%u", range.first);
	else
		snprintf(
		    t.text, sizeof(t.text), "%u-%u", range.first, range.last);
	return t;
}
