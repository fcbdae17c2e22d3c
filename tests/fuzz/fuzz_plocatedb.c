/*
 * A database of plocate: any bytes give paths that are valid and rise, or any
 * paths, and an end.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/path.h"
#include "plugins/locatedb/plocate.h"
#include "tests/support/rising.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct lookback_limits limits = {
	.size = sizeof(limits),
	.expansion = 2000,
	.free = 1 << 20,
};

static void
in_order(int fd)
{
	struct rising rising = { 0 };
	struct err err = ERR_INIT;
	struct plocate p;
	struct db_item item;
	int rc;

	if (plocate_open(&p, fd, &limits, &err) != 0)
		return;
	while ((rc = plocate_next(&p, &item, &err)) == 0)
		rising_next(
		    &rising, item.path, item.len, item.kind != DB_ENTRY);
	if (rc < 0 && err.cause[0] == '\0')
		abort();
	plocate_done(&p);
	rising_done(&rising);
}

static void
as_they_come(int fd)
{
	struct err err = ERR_INIT;
	struct plocate p;
	const char *path;
	size_t len;
	int rc;

	if (plocate_open(&p, fd, &limits, &err) != 0)
		return;
	while ((rc = plocate_next_path(&p, &path, &len, &err)) == 0)
		if (!path_is_valid(path, len))
			abort();
	if (rc < 0 && err.cause[0] == '\0')
		abort();
	plocate_done(&p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	int fd;

	if ((fd = memfd_create("plocate", MFD_CLOEXEC)) < 0 ||
	    write(fd, data, len) != (ssize_t)len)
		abort();
	in_order(fd);
	as_they_come(fd);
	(void)close(fd);
	return 0;
}
