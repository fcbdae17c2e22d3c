/*
 * A database of mlocate: any bytes give paths that are valid and rise, and an
 * end.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plugins/locatedb/mlocate.h"
#include "tests/support/rising.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rising rising = { 0 };
	struct err err = ERR_INIT;
	struct mlocate m;
	struct db_item item;
	int fd, rc;

	if ((fd = memfd_create("mlocate", MFD_CLOEXEC)) < 0 ||
	    write(fd, data, len) != (ssize_t)len)
		abort();
	if (mlocate_open(&m, fd, &err) == 0) {
		while ((rc = mlocate_next(&m, &item, &err)) == 0)
			rising_next(&rising, item.path, item.len,
			    item.kind != DB_ENTRY);
		if (rc < 0 && err.cause[0] == '\0')
			abort();
		mlocate_done(&m);
	}
	rising_done(&rising);
	(void)close(fd);
	return 0;
}
