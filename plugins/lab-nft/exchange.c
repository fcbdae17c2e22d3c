/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "exchange.h"
#include "generation.h"
#include "lab_nft.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLICY_DROP "policy drop;"

struct line {
	const char *text;
	int len;
};

static struct line
next_line(const char **at)
{
	struct line l = { *at, (int)strcspn(*at, "\n") };

	*at += l.len;
	*at += **at == '\n';
	return l;
}

static bool
begins(const struct line *l, const char *with)
{
	return strncmp(l->text, with, strlen(with)) == 0;
}

static bool
ends(const struct line *l, const char *with)
{
	int n = (int)strlen(with);

	return l->len >= n &&
	    strncmp(l->text + l->len - n, with, (size_t)n) == 0;
}

/* The stream's text is there once it is closed. */
static char *
closed(FILE *f, char **text)
{
	if (fclose(f) == 0)
		return *text;
	free(*text);
	return NULL;
}

enum part { SETS, CHAINS };

/* This part of the text, in a table of this name. Sets come with whatever is no
 * chain, and a table of that name goes first. */
static char *
part_of(const char *text, enum part part, const char *family, const char *name)
{
	bool in_table = false, in_chain = false;
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	if (f == NULL)
		return NULL;
	if (part == SETS)
		(void)fprintf(f, "table %s %s\ndelete table %s %s\n", family,
		    name, family, name);
	(void)fprintf(f, "table %s %s {\n", family, name);
	while (*text != '\0') {
		struct line l = next_line(&text);

		if (!in_table) {
			in_table = begins(&l, "table ") && ends(&l, " {");
			continue;
		}
		if (begins(&l, "\tchain "))
			in_chain = true;
		if (begins(&l, "}") || in_chain == (part == CHAINS))
			(void)fprintf(f, "%.*s\n", l.len, l.text);
		if (begins(&l, "\t}"))
			in_chain = false;
	}
	return closed(f, &out);
}

/* What makes a table that stands ready to go: a rule drops what a policy
 * dropped, which accepts from then on. */
static char *
yield_of(const char *listing, const char *family, const char *name)
{
	struct line chain = { "", 0 };
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	if (f == NULL)
		return NULL;
	while (*listing != '\0') {
		struct line l = next_line(&listing);

		if (begins(&l, "\tchain ")) {
			chain.text = l.text + strlen("\tchain ");
			chain.len = (int)strcspn(chain.text, " ");
		} else if (begins(&l, "\t\ttype ") && ends(&l, POLICY_DROP))
			(void)fprintf(f,
			    "add rule %s %s %.*s drop\n"
			    "add chain %s %s %.*s { policy accept; }\n",
			    family, name, chain.len, chain.text, family, name,
			    chain.len, chain.text);
	}
	return closed(f, &out);
}

/* Runs and frees the text. */
static int
run(struct job *job, struct nft_ctx *c, char *text)
{
	int rc = text == NULL ? job_why(job, ENOMEM, "out of memory") :
				rules_run(job, c, text);

	free(text);
	return rc;
}

unsigned
exchange_transactions(const char *text, const char *listing)
{
	return 5U + (strstr(listing, POLICY_DROP) != NULL ? 1 : 0) +
	    (strstr(text, POLICY_DROP) != NULL ? 1 : 0);
}

int
exchange_clear(struct job *job, struct nft_ctx *c, const struct table *t)
{
	char delete[128];

	(void)snprintf(delete, sizeof(delete),
	    "delete table %s %s" EXCHANGE_ASIDE, t->family, t->name);
	return rules_run(job, c, delete);
}

int
exchange_tables(struct job *job, struct nft_ctx *c, const struct table *t,
    const char *text, const char *listing)
{
	char aside[sizeof(t->name) + sizeof(EXCHANGE_ASIDE)];
	int rc;

	(void)snprintf(aside, sizeof(aside), "%s" EXCHANGE_ASIDE, t->name);
	if ((rc = run(job, c, part_of(text, SETS, t->family, aside))) != 0 ||
	    (rc = run(job, c, part_of(text, CHAINS, t->family, aside))) != 0 ||
	    (rc = run(job, c, yield_of(listing, t->family, t->name))) != 0 ||
	    (rc = run(job, c, part_of(text, SETS, t->family, t->name))) != 0 ||
	    (rc = run(job, c, part_of(text, CHAINS, t->family, t->name))) !=
		0 ||
	    (rc = run(job, c, yield_of(text, t->family, aside))) != 0)
		return rc;
	return exchange_clear(job, c, t);
}
