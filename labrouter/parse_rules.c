/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "model.h"
#include "parse.h"
#include "value.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

void *
lab_list_grow(void *list, size_t n, size_t size)
{
	char *more = list;

	/* Room for 1, 2, 4, 8 ...: n is its own measure. */
	if ((n & (n - 1)) == 0)
		more = reallocarray(list, n == 0 ? 1 : 2 * n, size);
	if (more != NULL)
		memset(more + n * size, 0, size);
	return more;
}

static int
want(const struct config_item *item, struct err *err, const char *form)
{
	return config_bad(item, err, "\"%.96s\": want %s", item->value, form);
}

/* ---- Static = OUTER -> INNER ---- */

int
lab_take_static(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	static const char form[] =
	    "OUTER -> INNER, like 192.168.149.136 -> 192.168.149.36";
	struct lab_network *net = into;
	struct lab_static *list, s = { .line = item->line };
	struct words left, right;
	struct word outer, inner;
	int rc;

	(void)row;
	if (!words_split(item->value, &left, &right))
		return want(item, err, form);
	outer = word_next(&left);
	inner = word_next(&right);
	if (outer.len == 0 || inner.len == 0 || !words_done(&left) ||
	    !words_done(&right))
		return want(item, err, form);
	if ((rc = value_addr(item, outer.s, outer.len, &s.outer, err)) != 0 ||
	    (rc = value_addr(item, inner.s, inner.len, &s.inner, err)) != 0)
		return rc;
	list = lab_list_grow(net->statics, net->n_statics, sizeof(*list));
	if (list == NULL)
		return err_nomem(err);
	net->statics = list;
	list[net->n_statics++] = s;
	return 0;
}

/* ---- Publish = OUTER tcp|udp PORTS -> INNER [PORT] ---- */

/* The port behind INNER, which only one port can become. */
static int
take_inner_port(const struct config_item *item, struct word word,
    struct lab_publish *pub, struct err *err)
{
	struct ports one = { 0 };
	bool single;
	int rc;

	if ((rc = value_ports(item, word.s, word.len, &one, err)) != 0)
		return rc;
	pub->inner_port = one.range[0].first;
	single = one.n == 1 && one.range[0].first == one.range[0].last &&
	    pub->ports.n == 1 &&
	    pub->ports.range[0].first == pub->ports.range[0].last;
	free(one.range);
	if (!single)
		return config_bad(item, err,
		    "only one port can become another one: write a line for "
		    "each port");
	return 0;
}

static int
read_publish(
    const struct config_item *item, struct lab_publish *pub, struct err *err)
{
	static const char form[] = "OUTER tcp|udp PORTS -> INNER [PORT], like "
				   "203.0.113.7 tcp 80,443 -> 192.168.149.36";
	struct words left, right;
	struct word outer, inner, port;
	int rc;

	if (!words_split(item->value, &left, &right))
		return want(item, err, form);
	outer = word_next(&left);
	inner = word_next(&right);
	port = word_next(&right);
	if (outer.len == 0 || inner.len == 0 || !words_done(&right))
		return want(item, err, form);
	if ((rc = value_addr(item, outer.s, outer.len, &pub->outer, err)) != 0)
		return rc;
	rc = words_ports(
	    item, &left, word_next(&left), &pub->proto, &pub->ports, err);
	if (rc != 0)
		return rc == 1 ? want(item, err, form) : rc;
	if ((rc = value_addr(item, inner.s, inner.len, &pub->inner, err)) != 0)
		return rc;
	return port.len == 0 ? 0 : take_inner_port(item, port, pub, err);
}

int
lab_take_publish(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct lab_network *net = into;
	struct lab_publish *list, pub = { .line = item->line };
	int rc = read_publish(item, &pub, err);

	(void)row;
	if (rc != 0) {
		free(pub.ports.range);
		return rc;
	}
	list = lab_list_grow(net->publish, net->n_publish, sizeof(*list));
	if (list == NULL) {
		free(pub.ports.range);
		return err_nomem(err);
	}
	net->publish = list;
	list[net->n_publish++] = pub;
	return 0;
}

/* ---- Allow = [from PREFIX] ADDRESS [tcp|udp PORTS|icmp] ---- */

static int
read_allow(
    const struct config_item *item, struct lab_allow *allow, struct err *err)
{
	static const char form[] =
	    "[from PREFIX] ADDRESS [tcp|udp PORTS | icmp], like "
	    "192.168.149.36 tcp 22,80";
	struct words w = words_of(item->value);
	struct word word = word_next(&w);
	int rc;

	if (word_is(word, "from")) {
		allow->has_from = true;
		word = word_next(&w);
		if (word.len == 0)
			return want(item, err, form);
		rc = value_network(item, word.s, word.len, &allow->from, err);
		if (rc != 0)
			return rc;
		word = word_next(&w);
	}
	if (word.len == 0)
		return want(item, err, form);
	if ((rc = value_addr(item, word.s, word.len, &allow->addr, err)) != 0)
		return rc;
	word = word_next(&w);
	if (word.len == 0)
		return 0;
	if (word_is(word, "icmp") && words_done(&w)) {
		allow->proto = LAB_ICMP;
		return 0;
	}
	rc = words_ports(item, &w, word, &allow->proto, &allow->ports, err);
	return rc == 1 ? want(item, err, form) : rc;
}

int
lab_take_allow(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct lab_network *net = into;
	struct lab_allow *list, allow = { .line = item->line };
	int rc = read_allow(item, &allow, err);

	(void)row;
	if (rc != 0) {
		free(allow.ports.range);
		return rc;
	}
	list = lab_list_grow(net->allow, net->n_allow, sizeof(*list));
	if (list == NULL) {
		free(allow.ports.range);
		return err_nomem(err);
	}
	net->allow = list;
	list[net->n_allow++] = allow;
	return 0;
}

/* ---- Join = NETWORK ---- */

int
lab_take_join(const struct setting *row, void *into,
    const struct config_item *item, struct err *err)
{
	struct lab_network *net = into;
	struct lab_join *list;
	char *name;

	(void)row;
	if (*item->value == '\0')
		return config_bad(item, err, "want a network of this file");
	if ((name = strdup(item->value)) == NULL)
		return err_nomem(err);
	list = lab_list_grow(net->join, net->n_join, sizeof(*list));
	if (list == NULL) {
		free(name);
		return err_nomem(err);
	}
	net->join = list;
	list[net->n_join++] = (struct lab_join){ .name = name,
		.line = item->line };
	return 0;
}
