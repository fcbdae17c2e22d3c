/*
 * What a packet is asked about, from the words of a command line.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "trace_private.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static int
take_addr(uint32_t *ret, const char *word, const char *what, struct err *err)
{
	struct in_addr a;

	if (inet_pton(AF_INET, word, &a) != 1)
		return err_set(err, ERR_USAGE,
		    "%s \"%s\" is no address; write it like 192.168.150.36",
		    what, word);
	*ret = ntohl(a.s_addr);
	return 0;
}

static int
take_proto(struct trace_flow *f, const char *word, struct err *err)
{
	if (word == NULL || strcmp(word, "icmp") == 0)
		f->proto = LAB_ICMP;
	else if (strcmp(word, "tcp") == 0)
		f->proto = LAB_TCP;
	else if (strcmp(word, "udp") == 0)
		f->proto = LAB_UDP;
	else
		return err_set(err, ERR_USAGE,
		    "\"%s\" is no protocol; write tcp, udp or icmp", word);
	return 0;
}

int
trace_words(struct trace_flow *f, char *const *words, struct err *err)
{
	long long port = 0;
	size_t n = 0;
	int rc;

	while (words[n] != NULL)
		n++;
	if (n < 2 || n > 4)
		return err_set(err, ERR_USAGE, "write SRC DST [PROTO [PORT]]");
	if ((rc = take_addr(&f->src, words[0], "source", err)) != 0 ||
	    (rc = take_addr(&f->dst, words[1], "destination", err)) != 0 ||
	    (rc = take_proto(f, words[2], err)) != 0)
		return rc;
	if (f->proto == LAB_ICMP && n == 4)
		return err_set(err, ERR_USAGE, "icmp has no port");
	if (f->proto != LAB_ICMP &&
	    (n < 4 || !text_int(words[3], 1, UINT16_MAX, &port)))
		return err_set(
		    err, ERR_USAGE, "%s takes a port, 1 to 65535", words[2]);
	f->port = (uint16_t)port;
	return 0;
}

int
trace_named_side(
    size_t *ret_from, const struct lab *lab, const char *name, struct err *err)
{
	for (size_t i = 0; i < lab->n_networks; i++)
		if (strcmp(lab->network[i].name, name) == 0) {
			*ret_from = i;
			return 0;
		}
	if (lab->nat.line != 0 && strcmp(name, "nat") == 0) {
		*ret_from = lab->n_networks;
		return 0;
	}
	if (strcmp(name, "production") != 0)
		return err_set(err, ERR_USAGE, "%s has no network \"%s\"",
		    lab->file, name);
	*ret_from = TRACE_PRODUCTION;
	return 0;
}

int
trace_side(
    size_t *ret_from, const struct lab *lab, uint32_t src, struct err *err)
{
	const bool outer = prefix_holds(lab->production.address, src);
	size_t from = TRACE_PRODUCTION, n = outer, len = 0;
	char sides[300] = "";

	for (size_t i = 0; i < lab->n_networks; i++) {
		const struct lab_network *net = &lab->network[i];

		if (!prefix_holds(net->gateway, src))
			continue;
		from = i;
		n++;
		if (len < sizeof(sides))
			len += (size_t)snprintf(sides + len,
			    sizeof(sides) - len, "--from \"%s\", ", net->name);
	}
	if (lab->nat.line != 0 && prefix_holds(lab->nat.address, src)) {
		from = lab->n_networks;
		n++;
		if (len < sizeof(sides))
			(void)snprintf(
			    sides + len, sizeof(sides) - len, "--from nat, ");
	}
	if (n > 1)
		return err_set(err, ERR_USAGE,
		    IP_FMT " may be on several sides; say which one: %s%s",
		    IP(src), sides, outer ? "--from production" : "...");
	*ret_from = from;
	return 0;
}
