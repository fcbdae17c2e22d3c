/*
 * Rules: a table is loaded whole, in one transaction, or not at all.
 *
 * Whether a table stands is asked of the kernel and not of a remembered hash:
 * the text goes into a namespace without a name as well, and both are listed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"

#include <errno.h>
#include <linux/sockios.h>
#include <nftables/libnftables.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

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
static struct nft_ctx *
begin(struct job *job, const struct netns *ns, const char *dev)
{
	struct nft_ctx *c = NULL;

	if (ns != NULL) {
		if (netns_enter(job, ns) != 0)
			return NULL;
	} else if (unshare(CLONE_NEWNET) != 0) {
		(void)job_why(job, errno, "unshare: %s", strerror(errno));
		return NULL;
	} else if (dev != NULL && make_device(job, dev) != 0) {
		(void)netns_leave(job);
		return NULL;
	}
	if ((c = nft_ctx_new(NFT_CTX_DEFAULT)) == NULL)
		(void)job_why(job, ENOMEM, "nftables: out of memory");
	if (netns_leave(job) != 0 || c == NULL ||
	    nft_ctx_buffer_error(c) != 0 || nft_ctx_buffer_output(c) != 0) {
		if (c != NULL)
			nft_ctx_free(c);
		return NULL;
	}
	nft_ctx_output_set_flags(c, NFT_CTX_OUTPUT_STATELESS);
	return c;
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

/* "VERB table FAMILY NAME", of the text's first line. */
static char *
command(const char *verb, const char *text)
{
	char *c;

	return asprintf(&c, "%s %.*s", verb, (int)strcspn(text, "\n{"), text) <
		0 ?
	    NULL :
	    c;
}

/* The table as the kernel has it: owned; NULL where it has none. */
static char *
listed(struct nft_ctx *c, const char *list)
{
	if (nft_run_cmd_from_buffer(c, list) != 0) {
		(void)nft_ctx_get_error_buffer(c);
		return NULL;
	}
	return strdup(nft_ctx_get_output_buffer(c));
}

/* The same table, from the plan's text. */
static char *
wanted(struct job *job, const struct lookback_step *s, const char *list)
{
	struct nft_ctx *c = begin(job, NULL, s->dev);
	char *want = NULL;

	if (c == NULL)
		return NULL;
	if (rules_run(job, c, s->text) == 0)
		want = listed(c, list);
	nft_ctx_free(c);
	return want;
}

static int
load(struct job *job, struct nft_ctx *c, const struct lookback_step *s,
    const char *list)
{
	char *is = listed(c, list), *want;
	bool same;
	int rc;

	if (is != NULL) {
		want = wanted(job, s, list);
		same = want != NULL && strcmp(is, want) == 0;
		free(want);
		free(is);
		if (same)
			return 0;
	}
	rc = rules_run(job, c, s->text);
	return rc == 0 ? 1 : rc;
}

static int
unload(struct job *job, struct netns *ns, struct nft_ctx *c,
    const struct lookback_step *s, const char *list)
{
	char *is = listed(c, list), *delete;
	struct link l;
	int rc;

	if (is == NULL)
		return 0;
	free(is);
	if (s->dev != NULL && (rc = link_find(job, ns, s->dev, &l)) != 0) {
		if (rc == 1)
			job->host->log(job->host->ctx, LOOKBACK_NOTE,
			    "%s stays, and so does \"%s\", which closes it to "
			    "this host",
			    s->dev, list + strlen("list "));
		return rc < 0 ? rc : 0;
	}
	if ((delete = command("delete", s->text)) == NULL)
		return job_why(job, ENOMEM, "out of memory");
	rc = rules_run(job, c, delete);
	free(delete);
	return rc == 0 ? 1 : rc;
}

int
rules_begin(struct job *job, const struct netns *ns, struct nft_ctx **ret)
{
	job->why[0] = '\0';
	if ((*ret = begin(job, ns, NULL)) != NULL)
		return 0;
	return job->why[0] != '\0' ?
	    -EIO :
	    job_why(job, ENOMEM, "nftables: out of memory");
}

int
ruleset_step(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	struct nft_ctx *c;
	char *list;
	int rc;

	if ((rc = rules_begin(job, ns, &c)) != 0)
		return rc;
	if ((list = command("list", s->text)) == NULL)
		rc = job_why(job, ENOMEM, "out of memory");
	else
		rc = s->remove ? unload(job, ns, c, s, list) :
				 load(job, c, s, list);
	free(list);
	nft_ctx_free(c);
	return rc;
}
