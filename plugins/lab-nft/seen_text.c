/*
 * What a namespace holds, in words.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"

#include <inttypes.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text that grows as far as it can. */
struct line {
	char *at;
	size_t left;
};

static void add(struct line *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
add(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->at, l->left, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= l->left)
		n = l->left == 0 ? 0 : (int)l->left - 1;
	l->at += n;
	l->left -= (size_t)n;
}

static void
add_addr(struct line *l, uint32_t a)
{
	add(l, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}

static void
add_dev(struct line *l, const struct netns *ns, int index)
{
	const struct link *dev = seen_link_of(ns, index);

	if (dev != NULL)
		add(l, " dev %s", dev->name);
	else if (index != 0)
		add(l, " dev #%d", index);
}

static void
add_table(struct line *l, uint32_t table)
{
	if (table == RT_TABLE_MAIN)
		add(l, "main");
	else if (table == RT_TABLE_LOCAL)
		add(l, "local");
	else
		add(l, "%" PRIu32, table);
}

static void
add_route(struct line *l, const struct netns *ns, const struct seen_route *r)
{
	static const char *const types[] = {
		[RTN_LOCAL] = "local ",
		[RTN_BROADCAST] = "broadcast ",
		[RTN_BLACKHOLE] = "blackhole ",
		[RTN_UNREACHABLE] = "unreachable ",
		[RTN_PROHIBIT] = "prohibit ",
		[RTN_THROW] = "throw ",
	};

	add(l, "route %s",
	    r->type < sizeof(types) / sizeof(*types) && types[r->type] != NULL ?
		types[r->type] :
		"");
	if (r->len == 0)
		add(l, "default");
	else
		add_addr(l, r->addr);
	if (r->len != 0)
		add(l, "/%u", r->len);
	if (r->via != 0) {
		add(l, " via ");
		add_addr(l, r->via);
	}
	add_dev(l, ns, r->index);
	add(l, "%s table ", r->onlink ? " onlink" : "");
	add_table(l, r->table);
	if (r->metric != 0)
		add(l, " metric %" PRIu32, r->metric);
	add(l, " proto %u", r->proto);
}

static void
add_rule(struct line *l, const struct seen_rule *r)
{
	add(l, "rule pref %" PRIu32, r->priority);
	if (r->iif[0] != '\0')
		add(l, " iif %s", r->iif);
	if (r->mask != 0)
		add(l, " fwmark 0x%" PRIx32 "/0x%" PRIx32, r->mark, r->mask);
	if (r->odd)
		add(l, " and more");
	if (r->action == FR_ACT_TO_TBL) {
		add(l, " lookup ");
		add_table(l, r->table);
	} else {
		add(l, " action %u", r->action);
	}
}

static void
add_neighbour(struct line *l, const struct netns *ns, enum seen_kind kind,
    const struct seen_neighbour *n)
{
	const uint8_t *m = n->mac;

	add(l, "neighbour %s", kind == SEEN_PROXIES ? "proxy " : "");
	add_addr(l, n->addr);
	if (kind == SEEN_NEIGHBOURS)
		add(l, " lladdr %02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1],
		    m[2], m[3], m[4], m[5]);
	add_dev(l, ns, n->index);
	if (kind == SEEN_NEIGHBOURS && !n->permanent)
		add(l, ", which was learnt");
}

static void
add_address(
    struct line *l, const struct netns *ns, const struct seen_address *a)
{
	add(l, "address ");
	add_addr(l, a->addr);
	add(l, "/%u", a->len);
	add_dev(l, ns, a->index);
	if (a->alone)
		add(l, " noprefixroute");
	if (a->expires)
		add(l, ", which expires");
}

void
seen_text(char text[static SEEN_TEXT], const struct netns *ns,
    enum seen_kind kind, const void *item)
{
	struct line l = { text, SEEN_TEXT };

	text[0] = '\0';
	switch (kind) {
	case SEEN_LINKS:
		add(&l, "link %s", ((const struct link *)item)->name);
		break;
	case SEEN_ADDRESSES:
		add_address(&l, ns, item);
		break;
	case SEEN_ROUTES:
		add_route(&l, ns, item);
		break;
	case SEEN_RULES:
		add_rule(&l, item);
		break;
	case SEEN_NEIGHBOURS:
	case SEEN_PROXIES:
		add_neighbour(&l, ns, kind, item);
		break;
	case SEEN_KINDS:
		break;
	}
}
