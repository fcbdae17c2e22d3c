/*
 * A push that was cut goes on with the next one: its nights still count from
 * when the push before it was received, not from its own first half. That
 * moment stands in DIR/series/NAME.push until the push is whole, and counts
 * for a few days: a host that never ends a push gains nothing by it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "receive_private.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/when.h"
#include "sys/file.h"

#define COUNTS_FOR_NS (INT64_C(7) * 86400 * NS_PER_S)
#define TEXT_MAX 64

/* The file's name, or NULL when out of memory. */
static const char *
after_file(const struct receive *r, struct buf *name)
{
	if (series_path(r->store, r->series, ".push", name) != 0)
		return NULL;
	return buf_str(name);
}

void
receive_after_read(struct receive *r)
{
	struct err ignored = ERR_INIT;
	struct buf name = { 0 }, text = { 0 };
	long long after, began;
	const char *file = after_file(r, &name);

	if (file != NULL &&
	    file_read_all(AT_FDCWD, file, TEXT_MAX, &text, &ignored) == 0 &&
	    // NOLINTNEXTLINE(cert-err34-c): our own file, and checked below
	    sscanf(buf_str(&text), "%lld %lld", &after, &began) == 2 &&
	    after < r->after_ns && began <= when_now() &&
	    began > when_now() - COUNTS_FOR_NS) {
		r->after_ns = after;
		r->after_noted = true;
	}
	buf_done(&name);
	buf_done(&text);
}

void
receive_after_note(struct receive *r)
{
	struct err ignored = ERR_INIT;
	struct buf name = { 0 };
	char text[TEXT_MAX];
	const char *file;
	int fd;

	if (r->after_noted)
		return;
	r->after_noted = true;
	/* Without it, dates of what comes later are moved, and said so. */
	if ((file = after_file(r, &name)) != NULL &&
	    (fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)) >=
		0) {
		(void)snprintf(text, sizeof(text), "%lld %lld\n",
		    (long long)r->after_ns, (long long)when_now());
		(void)file_write(fd, text, strlen(text), file, &ignored);
		(void)close(fd);
	}
	buf_done(&name);
}

void
receive_after_end(struct receive *r)
{
	struct buf name = { 0 };
	const char *file;

	if (r->after_noted && (file = after_file(r, &name)) != NULL)
		(void)unlink(file);
	r->after_noted = false;
	buf_done(&name);
}
