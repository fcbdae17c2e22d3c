/*
 * A segment on its way to the store: writer, buffer, temporary.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include <stdlib.h>

#define WRITE_BYTES ((size_t)256 * 1024)

static int
flush(struct segment_file *f, struct err *err)
{
	int rc = file_write(
	    f->temp.fd, f->pending.data, f->pending.len, "a new segment", err);

	buf_clear(&f->pending);
	return rc;
}

static int
sink_write(void *ctx, const void *p, size_t len, struct err *err)
{
	struct segment_file *f = ctx;

	if (buf_add(&f->pending, p, len) != 0)
		return err_nomem(err);
	return f->pending.len >= WRITE_BYTES ? flush(f, err) : 0;
}

int
segment_file_open(struct segment_file **ret, struct store *s,
    const struct segment_snap *snaps, size_t n, struct err *err)
{
	struct segment_file *f = calloc(1, sizeof(*f));
	int rc;

	if (f == NULL)
		return err_nomem(err);
	const struct segment_sink sink = { f, sink_write };
	if ((rc = temp_open(&f->temp, s->tmpfd, 0640, err)) != 0 ||
	    (rc = segment_writer_new(&f->writer, &sink, snaps, n, err)) != 0) {
		segment_file_close(f);
		return err_wrap(err, "store %s", s->dir);
	}
	*ret = f;
	return 0;
}

int
segment_file_finish(struct segment_file *f, struct err *err)
{
	int rc;

	if ((rc = segment_writer_finish(f->writer, &f->totals, err)) != 0 ||
	    (rc = flush(f, err)) != 0)
		return rc;
	segment_writer_free(f->writer);
	f->writer = NULL;
	buf_done(&f->pending);
	return 0;
}

void
segment_file_close(struct segment_file *f)
{
	if (f == NULL)
		return;
	segment_writer_free(f->writer);
	buf_done(&f->pending);
	temp_done(&f->temp);
	free(f);
}
