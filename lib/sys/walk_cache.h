/*
 * What writing and reading a scan cache have in common; the format stands at
 * the top of walk_cache_write.c.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SYS_WALK_CACHE_H
#define SYS_WALK_CACHE_H

#define CACHE_MAGIC "LBscan1\n"
#define CACHE_MAGIC_LEN 8
#define CACHE_FOOTER_LEN 24
#define CACHE_STAMPED 1
#define CACHE_BUF ((size_t)64 * 1024)

#endif
