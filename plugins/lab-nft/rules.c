/*
 * Rules: a table is loaded whole, in one transaction, or not at all; one that
 * stands is exchanged in several (exchange.h).
 *
 * Whether a table stands is asked of the kernel: the text goes into a namespace
 * without a name as well, and both are listed. That takes long where there is
 * much, so the table's comment also says which generation of rules its loading
 * made (generation.c). While that one lasts, nobody has changed any rule of the
 * namespace, and the comment, with its hash of the plan, is enough.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/sockios.h>
#include <nftables/libnftables.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exchange.h"
#include "generation.h"

/* A device of this name here, for a table that is for one. */
static int
make_device(struct job *job, const char *dev)
{
	int fd = socket(AF_LOCAL, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0 || ioctl(fd, SIOCBRADDBR, dev) != 0)
		err = errno;
	if (fd >= 0)
		(void)close(fd);
	return err == 0 ? 0 : job_why(job, err, "%s: %s", dev, strerror(err));
}

/* It stays in the namespace that it was made in: `ns`, or where that is NULL
 * one that goes with it, and has such a device where one is named. */
static int
begin(struct job *job, const struct netns *ns, const char *dev,
    struct nft_ctx **ret)
{
	struct nft_ctx *c = NULL;
	int rc = 0;

	if (ns != NULL) {
		rc = netns_enter(job, ns);
	} else {
		job->at = NULL;
		if (unshare(CLONE_NEWNET) != 0)
			rc = job_why(
			    job, errno, "unshare: %s", strerror(errno));
		else if (dev != NULL)
			rc = make_device(job, dev);
		if (rc != 0)
			(void)netns_leave(job);
	}
	if (rc != 0)
		return rc;
	c = nft_ctx_new(NFT_CTX_DEFAULT);
	rc = ns == NULL ? netns_leave(job) : 0;
	if (c != NULL && rc == 0 && nft_ctx_buffer_error(c) == 0 &&
	    nft_ctx_buffer_output(c) == 0) {
		nft_ctx_output_set_flags(c, NFT_CTX_OUTPUT_STATELESS);
		*ret = c;
		return 0;
	}
	if (c != NULL)
		nft_ctx_free(c);
	return rc != 0 ? rc : job_why(job, ENOMEM, "nftables: out of memory");
}

int
rules_begin(struct job *job, const struct netns *ns, struct nft_ctx **ret)
{
	return begin(job, ns, NULL, ret);
}

void
rules_end(struct job *job)
{
	if (job->scratch != NULL)
		nft_ctx_free(job->scratch);
	job->scratch = NULL;
}

/* nft's first line says what and where; the others show the place. */
int
rules_run(struct job *job, struct nft_ctx *c, const char *text)
{
	const char *words;

	if (nft_run_cmd_from_buffer(c, text) == 0)
		return 0;
	words = nft_ctx_get_error_buffer(c);
	return job_why(
	    job, EINVAL, "nft: %.*s", (int)strcspn(words, "\n"), words);
}

/* ---- the plan's text ---- */

/* "FAMILY NAME" of its first line, "table FAMILY NAME". */
static int
name_of(struct job *job, const struct lookback_step *s, struct table *t)
{
	if (sscanf(s->text, "table %15s %63s", t->family, t->name) != 2)
		return job_why(job, EINVAL, "no text of a table");
	return 0;
}

/* Without "table T" and "delete table T" in front: where none stands there is
 * none to replace, and the kernel would take its time to end an empty one. */
static const char *
without_delete(const char *text)
{
	const char *second = text + strcspn(text, "\n");

	if (strncmp(second, "\ndelete table ", 14) != 0)
		return text;
	return second + 1 + strcspn(second + 1, "\n");
}

/* Where `comment "..."` of the table ends; NULL: it has none, or what is hooked
 * to a device goes with that and makes no new generation. */
static const char *
comment_end(const char *text)
{
	const char *at = strstr(text, " device") == NULL ? strchr(text, '{') :
							   NULL;

	if (at == NULL || strncmp(at, "{\n\tcomment \"", 12) != 0)
		return NULL;
	return strpbrk(at + 12, "\"\n");
}

/* A copy whose comment also says the generation that loading it will make. */
static char *
with_generation(const char *text, uint32_t generation)
{
	const char *end = comment_end(text);
	char *copy;

	if (end == NULL)
		return strdup(text);
	return asprintf(&copy, "%.*s" GENERATION "%08" PRIx32 "%s",
		   (int)(end - text), text, generation, end) < 0 ?
	    NULL :
	    copy;
}

/* And without. */
static void
drop_generation(char *listing)
{
	const char *end = comment_end(listing);
	char *at = strstr(listing, GENERATION);

	if (end != NULL && at != NULL && at < end)
		memmove(at, end, strlen(end) + 1);
}

/* ---- is it there, and as it should be? ---- */

/* The table in words: owned; NULL where it cannot be had. */
static char *
listed(struct nft_ctx *c, const struct table *t)
{
	char *list, *text;
	int rc;

	if (asprintf(&list, "list table %s %s", t->family, t->name) < 0)
		return NULL;
	rc = nft_run_cmd_from_buffer(c, list);
	free(list);
	if (rc != 0) {
		(void)nft_ctx_get_error_buffer(c);
		return NULL;
	}
	if ((text = strdup(nft_ctx_get_output_buffer(c))) != NULL)
		drop_generation(text);
	return text;
}

/* The same table, from the plan's text. */
static int
wanted(struct job *job, const struct lookback_step *s, const struct table *t,
    char **ret)
{
	struct nft_ctx *own = NULL, **c = s->dev != NULL ? &own : &job->scratch;
	int rc = *c == NULL ? begin(job, NULL, s->dev, c) : 0;

	if (rc == 0 && (rc = rules_run(job, *c, s->text)) == 0 &&
	    (*ret = listed(*c, t)) == NULL)
		rc = job_why(job, ENOMEM, "out of memory");
	if (own != NULL)
		nft_ctx_free(own);
	return rc;
}

/* The first line that is another one. */
static void
difference(struct look *look, const char *is, const char *want)
{
	const char *a = is, *b = want;
	size_t m, n;

	while (*a != '\0' && *b != '\0') {
		m = strcspn(a, "\n");
		n = strcspn(b, "\n");
		if (m != n || strncmp(a, b, m) != 0)
			break;
		a += m + (a[m] == '\n');
		b += n + (b[n] == '\n');
	}
	a += strspn(a, " \t");
	b += strspn(b, " \t");
	m = strcspn(a, "\n");
	n = strcspn(b, "\n");
	look_is(look, LOOKBACK_DIFFERS,
	    "there is “%.*s” where the plan has “%.*s”", m > 80 ? 80 : (int)m,
	    a, n > 80 ? 80 : (int)n, b);
}

/* 1: what stands in while tables are exchanged, which a kill left. */
static int
is_aside(struct job *job, struct netns *ns, const struct table *t)
{
	struct table aside = { 0 };

	memcpy(aside.family, t->family, sizeof(aside.family));
	(void)snprintf(
	    aside.name, sizeof(aside.name), "%.50s" EXCHANGE_ASIDE, t->name);
	return generation_table(job, ns, &aside);
}

static int
compare(struct job *job, struct netns *ns, const struct lookback_step *s,
    const struct table *t, struct look *look)
{
	char *is = NULL, *want = NULL;
	struct nft_ctx *c = NULL;
	int rc = begin(job, ns, NULL, &c);

	if (rc != 0)
		return rc;
	if ((is = listed(c, t)) == NULL)
		rc = job_why(job, EIO, "nft lists no table %s", t->name);
	else if ((rc = wanted(job, s, t, &want)) == 0 && strcmp(is, want) != 0)
		difference(look, is, want);
	else if (rc == 0 && (rc = is_aside(job, ns, t)) == 1) {
		look_is(look, LOOKBACK_DIFFERS,
		    "there is a table %s" EXCHANGE_ASIDE " as well", t->name);
		rc = 0;
	}
	free(want);
	free(is);
	nft_ctx_free(c);
	return rc;
}

/* True if the comment alone says that this text is what stands. */
static bool
unchanged(const char *text, const struct table *t, uint32_t generation)
{
	const char *end = comment_end(text), *begin;
	char want[TABLE_COMMENT + 32];

	if (end == NULL)
		return false;
	begin = strchr(text, '"') + 1;
	(void)snprintf(want, sizeof(want), "%.*s" GENERATION "%08" PRIx32,
	    (int)(end - begin), begin, generation);
	return strcmp(want, t->comment) == 0;
}

int
rules_look(struct job *job, struct netns *ns, const struct lookback_step *s,
    struct look *look)
{
	struct table t = { 0 };
	uint32_t generation;
	int rc;

	if ((rc = name_of(job, s, &t)) != 0 ||
	    (rc = generation_get(job, ns, &generation)) != 0 ||
	    (rc = generation_table(job, ns, &t)) < 0)
		return rc;
	look_is(look,
	    rc == 1 && s->remove     ? LOOKBACK_DIFFERS :
		rc == 1 || s->remove ? LOOKBACK_STANDS :
				       LOOKBACK_MISSING,
	    "%s", rc == 1 && s->remove ? "the table is there" : "");
	if (rc == 0 || s->remove || unchanged(s->text, &t, generation))
		return 0;
	return compare(job, ns, s, &t, look);
}

/* Into the place of one that stands. */
static int
replace(struct job *job, struct netns *ns, struct nft_ctx *c,
    const struct lookback_step *s, const struct table *t)
{
	char *is = listed(c, t), *text = NULL;
	uint32_t generation;
	int rc;

	if (is == NULL)
		return job_why(job, EIO, "nft lists no table %s", t->name);
	if ((rc = generation_get(job, ns, &generation)) == 0) {
		text = with_generation(
		    s->text, generation + exchange_transactions(s->text, is));
		rc = text == NULL ? job_why(job, ENOMEM, "out of memory") :
				    exchange_tables(job, c, t, text, is);
	}
	free(text);
	free(is);
	return rc;
}

static int
load(struct job *job, struct netns *ns, struct nft_ctx *c,
    const struct lookback_step *s, const struct table *t,
    const struct look *look)
{
	bool stands = look->state != LOOKBACK_MISSING;
	uint32_t generation;
	char *text;
	int rc;

	/* What closes a device lets nothing through that could get lost. */
	if (stands && s->dev == NULL)
		return replace(job, ns, c, s, t);
	if ((rc = is_aside(job, ns, t)) < 0 ||
	    (rc == 1 && (rc = exchange_clear(job, c, t)) != 0) ||
	    (rc = generation_get(job, ns, &generation)) != 0)
		return rc;
	text = with_generation(
	    stands ? s->text : without_delete(s->text), generation + 1);
	if (text == NULL)
		return job_why(job, ENOMEM, "out of memory");
	rc = rules_run(job, c, text);
	free(text);
	return rc;
}

/* What closes a device stays as long as that does. */
static int
unload(struct job *job, struct netns *ns, struct nft_ctx *c,
    const struct lookback_step *s, const struct table *t)
{
	char delete[128];
	struct link l;
	int rc;

	if (s->dev != NULL && (rc = link_find(job, ns, s->dev, &l)) != 0) {
		if (rc == 1)
			job->host->log(job->host->ctx, LOOKBACK_NOTE,
			    "%s stays, and so does \"table %s %s\", which "
			    "closes it to this host",
			    s->dev, t->family, t->name);
		return rc < 0 ? rc : 0;
	}
	(void)snprintf(
	    delete, sizeof(delete), "delete table %s %s", t->family, t->name);
	rc = rules_run(job, c, delete);
	return rc == 0 ? 1 : rc;
}

int
rules_do(struct job *job, struct netns *ns, const struct lookback_step *s,
    const struct look *look)
{
	struct table t = { 0 };
	struct nft_ctx *c = NULL;
	int rc;

	if ((rc = name_of(job, s, &t)) != 0 ||
	    (rc = begin(job, ns, NULL, &c)) != 0)
		return rc;
	if (s->remove) {
		rc = unload(job, ns, c, s, &t);
	} else if ((rc = load(job, ns, c, s, &t, look)) == 0) {
		rc = 1;
	}
	nft_ctx_free(c);
	return rc;
}
