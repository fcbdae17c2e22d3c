/*
 * A configuration file: what is taken has the strings that were promised, and
 * the conversions of its values stand any of them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
take(void *ctx, const struct config_item *item, struct err *err)
{
	struct strlist *words = ctx;
	struct err ignored = ERR_INIT;
	uint64_t size;
	long long n;
	bool b;

	if (strlen(item->section) + strlen(item->name) == 0 &&
	    item->key == NULL)
		abort();
	if (item->key == NULL)
		return strcmp(item->section, "Unknown") == 0 ?
		    config_unknown(item, err) :
		    0;
	if (*item->key == '\0')
		abort();
	(void)config_bool(item, &b, &ignored);
	if (config_int(item, 1, 65535, &n, &ignored) == 0 &&
	    (n < 1 || n > 65535))
		abort();
	(void)config_size(item, &size, &ignored);
	return config_words(item, words, err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct strlist words = { 0 };
	struct err err = ERR_INIT;

	if (config_parse("f", (const char *)data, len, take, &words, &err) !=
		0 &&
	    (err.cause[0] == '\0' || strncmp(err.where, "f:", 2) != 0))
		abort();
	strlist_done(&words);
	return 0;
}
