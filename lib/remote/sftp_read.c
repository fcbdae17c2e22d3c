/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "remote/sftp_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* 2 MiB are on their way. Every OpenSSH gives 64 KiB at once; of others, what
 * is missing is asked for again. */
#define PART_BYTES ((uint32_t)64 * 1024)
#define PARTS 32

struct part {
	uint64_t off;
	uint32_t want, got;
	bool done;
	struct buf data; /* that came before it was its turn */
};

struct reading {
	struct sftp *sftp;
	sftp_part_fn *give;
	void *ctx;
	char handle[SFTP_HANDLE_MAX];
	size_t handle_len;
	uint64_t size; /* what there is to read; less once the end was met */
	uint64_t next; /* to be asked for */
	struct part parts[PARTS];
	size_t first, n; /* a ring */
	struct sftp_outcome *outcome;
};

static int
ask_part(struct reading *r, struct part *p, struct err *err)
{
	struct sftp_tag tag = { 0, p };

	return sftp_ask_read(r->sftp, tag, r->handle, r->handle_len,
	    p->off + p->got, p->want - p->got, err);
}

static int
ask_parts(struct reading *r, struct err *err)
{
	int rc = 0;

	while (rc == 0 && r->n < PARTS && r->next < r->size) {
		struct part *p = &r->parts[(r->first + r->n) % PARTS];
		uint64_t left = r->size - r->next;

		p->off = r->next;
		p->want = left < PART_BYTES ? (uint32_t)left : PART_BYTES;
		p->got = 0;
		p->done = false;
		buf_clear(&p->data);
		r->next += p->want;
		r->n++;
		rc = ask_part(r, p, err);
	}
	return rc;
}

static void
broken(struct reading *r, const struct sftp_reply *reply)
{
	r->outcome->found = SFTP_BROKEN;
	r->outcome->error = sftp_errno(reply, r->outcome->why);
	/* Nothing more is asked for. */
	r->size = 0;
}

/* The bytes of one answer: given where they are the next ones, kept where not. */
static int
got_data(struct reading *r, struct part *p, const struct sftp_reply *reply,
    struct err *err)
{
	uint64_t off = p->off + p->got, left = r->size - off;
	size_t len = reply->len;
	int rc = 0;

	if (len == 0 || len > p->want - p->got)
		return sftp_misfit(err);
	p->got += (uint32_t)len;
	p->done = p->got == p->want || off >= r->size;
	if (off < r->size && len > left)
		len = (size_t)left;
	if (off < r->size && p == &r->parts[r->first] && p->data.len == 0)
		rc = r->give(r->ctx, off, reply->bytes, len, false);
	else if (off < r->size && buf_add(&p->data, reply->bytes, len) != 0)
		return err_nomem(err);
	if (rc != 0 || p->done)
		return rc;
	return ask_part(r, p, err);
}

static int
take(struct reading *r, struct err *err)
{
	struct sftp_reply reply;
	struct sftp_tag tag;
	struct part *p;
	int rc = sftp_answer(r->sftp, &reply, &tag, err);

	if (rc != 0)
		return rc;
	p = tag.ctx;
	if (reply.type == SFTP_DATA)
		return got_data(r, p, &reply, err);
	if (reply.type != SFTP_STATUS)
		return sftp_misfit(err);
	p->done = true;
	if (reply.status != SFTP_EOF)
		broken(r, &reply);
	else if (p->off + p->got < r->size)
		r->size = p->off + p->got;
	return 0;
}

/* What is whole at the ring's beginning. */
static int
give_parts(struct reading *r)
{
	int rc = 0;

	while (rc == 0 && r->n > 0 && r->parts[r->first].done) {
		struct part *p = &r->parts[r->first];
		size_t len = p->data.len;
		uint64_t off = p->off + p->got - len;

		if (len > 0 && off < r->size) {
			if (len > r->size - off)
				len = (size_t)(r->size - off);
			rc = r->give(r->ctx, off, p->data.data, len, false);
		}
		r->first = (r->first + 1) % PARTS;
		r->n--;
	}
	return rc;
}

/* Who wrote into it while it was read changed its time. */
static int
find_mtime(struct reading *r, struct err *err)
{
	struct sftp_reply reply;
	int rc = sftp_call(
	    r->sftp, SFTP_FSTAT, r->handle, r->handle_len, &reply, err);

	if (rc != 0 || reply.type == SFTP_STATUS)
		return rc;
	if (reply.type != SFTP_ATTRS)
		return sftp_misfit(err);
	r->outcome->has_mtime = reply.attrs.has_mtime;
	r->outcome->mtime = reply.attrs.mtime;
	return 0;
}

static int
read_all(struct reading *r, struct err *err)
{
	int rc;

	do {
		if ((rc = ask_parts(r, err)) != 0)
			return rc;
		if (r->n > 0 && (rc = take(r, err)) != 0)
			return rc;
		if ((rc = give_parts(r)) != 0)
			return rc;
	} while (r->n > 0 || r->next < r->size);
	if (r->outcome->found != SFTP_FOUND || (rc = find_mtime(r, err)) != 0)
		return rc;
	return r->give(r->ctx, r->size, "", 0, true);
}

/* ---- the file ---- */

/* Whether it is a regular file, as SFTP_LSTAT or SFTP_FSTAT says. */
static int
check(struct reading *r, enum sftp_type how, const void *what, size_t len,
    struct err *err)
{
	struct sftp_reply reply;
	int rc = sftp_call(r->sftp, how, what, len, &reply, err);

	if (rc != 0)
		return rc;
	if (reply.type == SFTP_STATUS) {
		broken(r, &reply);
		if (reply.status == SFTP_NO_SUCH_FILE)
			r->outcome->found = SFTP_NO_FILE;
		return 0;
	}
	if (reply.type != SFTP_ATTRS)
		return sftp_misfit(err);
	if (!reply.attrs.has_mode || !S_ISREG(reply.attrs.mode))
		r->outcome->found = SFTP_NO_FILE;
	else if (!reply.attrs.has_size) {
		r->outcome->found = SFTP_BROKEN;
		(void)snprintf(r->outcome->why, SFTP_WHY,
		    "the server does not say how large it is");
	}
	r->size = reply.attrs.size;
	return 0;
}

static int
open_file(struct reading *r, const char *path, size_t len, struct err *err)
{
	struct sftp_tag tag = { 0 };
	struct sftp_reply reply;
	int rc;

	if ((rc = sftp_ask_open(r->sftp, tag, path, len, err)) != 0 ||
	    (rc = sftp_answer(r->sftp, &reply, &tag, err)) != 0)
		return rc;
	if (reply.type == SFTP_STATUS) {
		broken(r, &reply);
		return 0;
	}
	if (reply.type != SFTP_HANDLE)
		return sftp_misfit(err);
	r->handle_len = reply.len;
	memcpy(r->handle, reply.bytes, reply.len);
	return 0;
}

/* To open a FIFO or a device may wait, or do something; and SFTP cannot open
 * without following a link. So it is looked at before, and what was opened is
 * looked at once more. */
static int
read_checked(struct reading *r, const char *path, size_t len, struct err *err)
{
	struct sftp_reply reply;
	int rc;

	if ((rc = check(r, SFTP_LSTAT, path, len, err)) != 0 ||
	    r->outcome->found != SFTP_FOUND ||
	    (rc = open_file(r, path, len, err)) != 0 ||
	    r->outcome->found != SFTP_FOUND)
		return rc;
	if ((rc = check(r, SFTP_FSTAT, r->handle, r->handle_len, err)) == 0 &&
	    r->outcome->found == SFTP_FOUND)
		rc = read_all(r, err);
	if (rc != 0)
		return rc;
	return sftp_call(
	    r->sftp, SFTP_CLOSE, r->handle, r->handle_len, &reply, err);
}

int
sftp_read_file(struct sftp *s, const char *path, size_t len, sftp_part_fn *give,
    void *ctx, struct sftp_outcome *ret, struct err *err)
{
	struct reading *r = calloc(1, sizeof(*r));
	int rc;

	if (r == NULL)
		return err_nomem(err);
	*ret = (struct sftp_outcome){ .found = SFTP_FOUND };
	r->sftp = s;
	r->give = give;
	r->ctx = ctx;
	r->outcome = ret;
	rc = read_checked(r, path, len, err);
	for (size_t i = 0; i < PARTS; i++)
		buf_done(&r->parts[i].data);
	free(r);
	return rc;
}
