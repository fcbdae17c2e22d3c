/*
 * A scan cache whose checksum is right and whose content is anything: what has
 * been proved can be read to its end, in order.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/path.h"
#include "base/sum.h"
#include "sys/walk_private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
read_all(struct cache_reader *r)
{
	struct cache_record rec;
	struct buf last = { 0 };
	struct err err = ERR_INIT;
	int rc;

	while ((rc = cache_next(r, &rec, &err)) == 0) {
		if (!path_is_valid(rec.path, rec.len) ||
		    (last.len > 0 &&
			path_cmp((char *)last.data, last.len, rec.path,
			    rec.len) >= 0))
			abort();
		buf_clear(&last);
		if (buf_add(&last, rec.path, rec.len) != 0)
			abort();
	}
	if (rc != 1)
		abort();
	buf_done(&last);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t key_bytes[] = { 'k' };
	const struct buf key = { key_bytes, 1, 1 };
	struct sum sum = { 0 };
	struct buf file = { 0 };
	struct cache_reader *r;
	struct err err = ERR_INIT;
	int fd;

	if ((fd = memfd_create("cache", MFD_CLOEXEC)) < 0)
		return 0;
	sum_add(&sum, data, len);
	if (buf_add(&file, data, len) != 0 ||
	    buf_add_u64(&file, sum_end(&sum)) != 0 ||
	    write(fd, file.data, file.len) != (ssize_t)file.len)
		abort();
	if (cache_open_fd(&r, fd, &key, &err) == 0 && r != NULL) {
		read_all(r);
		cache_close(r);
	}
	buf_done(&file);
	return 0;
}
