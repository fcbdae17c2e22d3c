/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "settings_file.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>

#define FILE_MAX ((size_t)1024 * 1024)

int
settings_read(const struct settings_table *table, void *ctx, const char *file,
    bool may_be_missing, struct err *err)
{
	struct buf b = { 0 };
	int rc;

	if (file[0] == '\0')
		return err_set(
		    err, ERR_USAGE, "the name of the settings' file is empty");
	rc = file_read_all(AT_FDCWD, file, FILE_MAX, &b, err);
	if (rc == ERR_SYS && err->sys == ENOENT && may_be_missing) {
		err_clear(err);
		rc = 0;
	} else if (rc == 0)
		rc = settings_parse(
		    table, ctx, file, (const char *)b.data, b.len, err);
	buf_done(&b);
	return rc;
}
