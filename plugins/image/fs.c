/*
 * The readers of file systems, in the order in which they are asked.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_btrfs.h"
#include "fs_ext.h"
#include "fs_tsk.h"
#include "fs_xfs.h"
#include "image.h"

const struct fs_reader *const fs_readers[] = {
	&fs_ext_reader,
	&fs_btrfs_reader,
	&fs_xfs_reader,
	&fs_tsk_reader,
	NULL,
};

int
fs_open(struct fs **ret, struct disk *disk, const struct image_env *env,
    struct err *err)
{
	int rc = 1;

	for (size_t i = 0; rc == 1 && fs_readers[i] != NULL; i++)
		rc = fs_readers[i]->open(ret, disk, env, err);
	return rc;
}

void
fs_note(const struct image_env *env, const char *text)
{
	const struct lookback_host *host = env->host;

	host->log(host->ctx, LOOKBACK_WARN, "%s", text);
}
