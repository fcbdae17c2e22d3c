/*
 * A view: what the manifest names, opened.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Merges between our reading the manifest and our opening what it names. */
#define TRIES 20

struct segment_input {
	int fd; /* -1: none */
	char name[SEGMENT_NAME];
	struct segment_source source;
};

static int
input_read(void *ctx, void *to, size_t len, uint64_t off, struct err *err)
{
	const struct segment_input *in = ctx;

	return file_read_at(in->fd, to, len, off, in->name, err);
}

/* ERR_NOTFOUND when the file is not there; whatever else is wrong with it is
 * for the caller to keep. */
static int
open_segment(struct segment_input *in, struct segment **ret, struct store *s,
    const struct segment_row *row, struct err *err)
{
	struct stat st;

	(void)segment_name(row->id, in->name);
	in->fd = openat(s->segfd, in->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (in->fd < 0 && errno == ENOENT)
		return err_set(
		    err, ERR_NOTFOUND, "segment %s is missing", in->name);
	if (in->fd < 0 || fstat(in->fd, &st) != 0)
		return err_sys(err, "segment %s: cannot open", in->name);
	if ((uint64_t)st.st_size != row->bytes)
		return err_set(err, ERR_FORMAT,
		    "segment %s: has %lld bytes, not the %llu written",
		    in->name, (long long)st.st_size,
		    (unsigned long long)row->bytes);
	in->source = (struct segment_source){
		.ctx = in, .size = row->bytes, .read_at = input_read
	};
	if (segment_open(ret, &in->source, err) != 0)
		return err_wrap(err, "segment %s", in->name);
	return 0;
}

/* 0; or 1 when a segment was not there and the catalogue may be outdated. */
static int
open_segments(struct view *v, struct store *s, bool last, struct err *err)
{
	size_t n = v->cat.n_segments;

	v->segments = calloc(n + 1, sizeof(*v->segments));
	v->error = calloc(n + 1, sizeof(*v->error));
	v->input = calloc(n + 1, sizeof(*v->input));
	for (size_t i = 0; v->input != NULL && i < n; i++)
		v->input[i].fd = -1;
	if (v->segments == NULL || v->error == NULL || v->input == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		int rc = open_segment(&v->input[i], &v->segments[i], s,
		    &v->cat.segments[i], &v->error[i]);

		if (rc == ERR_NOTFOUND && !last)
			return 1;
		if (rc == ERR_NOMEM ||
		    (rc == ERR_SYS &&
			(v->error[i].sys == EMFILE ||
			    v->error[i].sys == ENFILE))) {
			*err = v->error[i];
			return rc;
		}
	}
	return 0;
}

static bool
same_segments(const struct catalog *a, const struct catalog *b)
{
	if (a->n_segments != b->n_segments)
		return false;
	for (size_t i = 0; i < a->n_segments; i++)
		if (a->segments[i].id != b->segments[i].id)
			return false;
	return true;
}

static int
view_try(struct view *v, struct store *s, bool *last, struct err *err)
{
	struct catalog before = v->cat;
	int rc;

	v->cat = (struct catalog){ 0 };
	rc = catalog_read(&v->cat, s, err);
	/* Named again after it was not there: it is lost, not merged. */
	if (rc == 0 && before.n_segments > 0 && same_segments(&before, &v->cat))
		*last = true;
	catalog_done(&before);
	return rc != 0 ? rc : open_segments(v, s, *last, err);
}

static void
close_segments(struct view *v)
{
	for (size_t i = 0; i < v->cat.n_segments; i++) {
		if (v->segments != NULL)
			segment_close(v->segments[i]);
		if (v->input != NULL && v->input[i].fd >= 0)
			(void)close(v->input[i].fd);
	}
	free(v->segments);
	free(v->error);
	free(v->input);
	v->segments = NULL;
	v->error = NULL;
	v->input = NULL;
}

int
view_open(struct view **ret, struct store *s, struct err *err)
{
	struct view *v = calloc(1, sizeof(*v));
	bool last = false;
	int rc;

	if (v == NULL)
		return err_nomem(err);
	for (int i = 1; (rc = view_try(v, s, &last, err)) == 1; i++) {
		close_segments(v);
		last = i == TRIES;
	}
	if (rc != 0) {
		view_close(v);
		return rc;
	}
	*ret = v;
	return 0;
}

void
view_close(struct view *v)
{
	if (v == NULL)
		return;
	close_segments(v);
	catalog_done(&v->cat);
	free(v);
}
