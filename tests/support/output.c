/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/output.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/expect.h"

#define OUTPUT_MAX ((size_t)1 << 20)

void
output_catch(struct output *o)
{
	*o = (struct output){ 0 };
	(void)fflush(stdout);
	for (int i = 0; i < 2; i++) {
		int fd = i == 0 ? STDOUT_FILENO : STDERR_FILENO;

		o->file[i] = memfd_create("output", MFD_CLOEXEC);
		o->old[i] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
		expect(o->file[i] >= 0 && o->old[i] >= 0);
		expect(dup2(o->file[i], fd) == fd);
	}
}

void
output_release(struct output *o)
{
	(void)fflush(stdout);
	for (int i = 0; i < 2; i++) {
		struct buf *text = i == 0 ? &o->out : &o->err;
		ssize_t n;

		(void)dup2(o->old[i], i == 0 ? STDOUT_FILENO : STDERR_FILENO);
		(void)close(o->old[i]);
		expect(buf_reserve(text, OUTPUT_MAX) == 0);
		n = pread(o->file[i], text->data, OUTPUT_MAX, 0);
		expect(n >= 0);
		text->len = (size_t)n;
		(void)close(o->file[i]);
	}
}

void
output_done(struct output *o)
{
	buf_done(&o->out);
	buf_done(&o->err);
}
