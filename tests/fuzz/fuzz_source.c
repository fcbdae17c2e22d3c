/*
 * What a source's process says, as a listing and as content: the first byte of
 * the input says which.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plugin/source_private.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "base/path.h"

#define N_WANT 3

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Every byte that is handed out is there. */
static volatile uint8_t sink;
static void
touch(const void *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sink ^= ((const uint8_t *)p)[i];
}

static void
say_nothing(void *ctx, const char *level, const char *text)
{
	(void)ctx;
	(void)level;
	(void)text;
}

static int
take(void *ctx, size_t i, const struct lookback_piece *piece, struct err *err)
{
	(void)ctx;
	(void)err;
	if (i >= N_WANT)
		abort();
	touch(piece->data, piece->len);
	return 0;
}

static void
list(const struct source_task *task)
{
	struct err err = ERR_INIT;
	struct source_item item;
	struct source *s;

	if (source_start(&s, task, &err) != 0)
		return;
	while (source_next(s, &item, &err) == 0) {
		if (!path_is_valid(item.path, item.len) ||
		    !entry_is_valid(&item.entry) ||
		    item.len > task->limits->path)
			abort();
		touch(item.path, item.len);
		touch(item.entry.target, item.entry.target_len);
		touch(item.why, item.why != NULL ? 1 : 0);
	}
	source_close(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct lookback_want want[N_WANT] = { { "/a", 2 },
		{ "/b", 2 }, { "/c", 2 } };
	const struct source_options options = { 0 };
	struct source_limits limits = source_limits_default;
	struct source_task task = { .options = &options, .limits = &limits };
	struct err err = ERR_INIT;
	int fd;

	if (size == 0 || (fd = memfd_create("stream", MFD_CLOEXEC)) < 0)
		return 0;
	if (write(fd, data + 1, size - 1) != (ssize_t)size - 1 ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	limits.items = 1000;
	limits.path = 100;
	limits.depth = 5;
	log_divert(say_nothing, NULL);
	task.stream = fd;
	if (data[0] & 1) {
		task.want = want;
		task.n = N_WANT;
		(void)source_content(&task, take, NULL, &err);
	} else {
		list(&task);
	}
	return 0;
}
