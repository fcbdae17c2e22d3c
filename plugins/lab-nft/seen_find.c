/*
 * One of what is kept, searched in the order in which it lies.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"
#include "seen_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- in which order they lie ---- */

static int
rising(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

int
seen_compare_addresses(const void *x, const void *y)
{
	const struct seen_address *a = x, *b = y;
	int c = rising((unsigned)a->index, (unsigned)b->index);

	if (c == 0)
		c = rising(a->addr, b->addr);
	return c != 0 ? c : rising(a->len, b->len);
}

static int
compare_prefixes(const void *x, const void *y)
{
	const struct seen_route *a = x, *b = y;
	int c = rising(a->addr, b->addr);

	return c != 0 ? c : rising(a->len, b->len);
}

static int
compare_tables(const void *x, const void *y)
{
	const struct seen_route *a = x, *b = y;
	int c = compare_prefixes(a, b);

	return c != 0 ? c : rising(a->table, b->table);
}

int
seen_compare_routes(const void *x, const void *y)
{
	const struct seen_route *a = x, *b = y;
	int c = compare_tables(a, b);

	return c != 0 ? c : rising(a->order, b->order);
}

int
seen_compare_neighbours(const void *x, const void *y)
{
	const struct seen_neighbour *a = x, *b = y;
	int c = rising((unsigned)a->index, (unsigned)b->index);

	return c != 0 ? c : rising(a->addr, b->addr);
}

/* ---- one of them ---- */

int
seen_address(struct job *job, struct netns *ns, int index, uint32_t addr,
    unsigned len, struct seen_address **ret)
{
	const struct seen_address key = {
		.index = index, .addr = addr, .len = len
	};
	const struct seen_list *list;
	int rc = seen_get(job, ns, SEEN_ADDRESSES, &list);

	*ret = NULL;
	if (rc == 0 && list->n != 0)
		*ret = bsearch(&key, list->items, list->n, sizeof(key),
		    seen_compare_addresses);
	return rc;
}

int
seen_neighbour(struct job *job, struct netns *ns, enum seen_kind kind,
    int index, uint32_t addr, struct seen_neighbour **ret)
{
	const struct seen_neighbour key = { .index = index, .addr = addr };
	const struct seen_list *list;
	int rc = seen_get(job, ns, kind, &list);

	*ret = NULL;
	if (rc == 0 && list->n != 0)
		*ret = bsearch(&key, list->items, list->n, sizeof(key),
		    seen_compare_neighbours);
	/* For the kernel, a proxy without a device is one on each of them. */
	if (rc == 0 && *ret == NULL && kind == SEEN_PROXIES && index != 0)
		return seen_neighbour(job, ns, kind, 0, addr, ret);
	return rc;
}

int
seen_routes(struct job *job, struct netns *ns, uint32_t table, uint32_t addr,
    unsigned len, struct seen_route **ret, size_t *ret_n)
{
	const struct seen_route key = {
		.table = table, .addr = addr, .len = len
	};
	seen_compare_fn *const compare = table == 0 ? compare_prefixes :
						      compare_tables;
	const struct seen_list *list;
	struct seen_route *r = NULL, *end;
	int rc = seen_get(job, ns, SEEN_ROUTES, &list);

	*ret = NULL;
	*ret_n = 0;
	if (rc == 0 && list->n != 0)
		r = bsearch(&key, list->items, list->n, sizeof(key), compare);
	if (r == NULL)
		return rc;
	end = (struct seen_route *)list->items + list->n;
	while (
	    r > (struct seen_route *)list->items && compare(r - 1, &key) == 0)
		r--;
	*ret = r;
	while (r < end && compare(r, &key) == 0)
		r++;
	*ret_n = (size_t)(r - *ret);
	return 0;
}

int
seen_link(
    struct job *job, struct netns *ns, const char *name, struct link **ret)
{
	const struct seen_list *list;
	int rc = seen_get(job, ns, SEEN_LINKS, &list);
	struct link *l = list->items;

	*ret = NULL;
	for (size_t i = 0; rc == 0 && i < list->n; i++)
		if (strcmp(l[i].name, name) == 0) {
			*ret = &l[i];
			break;
		}
	return rc;
}

const struct link *
seen_link_of(const struct netns *ns, int index)
{
	const struct seen_list *list = &ns->seen.list[SEEN_LINKS];
	const struct link *l = list->items;

	for (size_t i = 0; i < list->n; i++)
		if (l[i].index == index)
			return &l[i];
	return NULL;
}
