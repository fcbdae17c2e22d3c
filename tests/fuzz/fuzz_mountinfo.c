/*
 * mountinfo: the first byte chooses settings, the rest is the file.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/path.h"
#include "sys/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_points(const struct scope *s)
{
	size_t root_len = strlen(s->root);

	for (size_t i = 0; i < s->pruned_mounts.n; i++) {
		const char *point = s->pruned_mounts.item[i];

		if (!path_is_valid(point, strlen(point)) ||
		    !path_below(point, strlen(point), s->root, root_len))
			abort();
		for (size_t k = 0; k < s->n_mounts; k++)
			if (strcmp(point, s->mounts[k].point) == 0)
				abort();
	}
	/* All but the root's own stand below it. */
	for (size_t i = 0; i < s->n_mounts; i++)
		if (!path_below(s->mounts[i].point, strlen(s->mounts[i].point),
			s->root, root_len) &&
		    i > 0)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct scope s = { 0 };
	struct err err = ERR_INIT;
	char name[32];
	int fd;

	if (len == 0 || (fd = memfd_create("mountinfo", MFD_CLOEXEC)) < 0)
		return 0;
	if (write(fd, data + 1, len - 1) != (ssize_t)len - 1 ||
	    scope_set_root(&s, data[0] & 1 ? "/" : "/srv") != 0 ||
	    strlist_add(&s.prunefs, "nfs", 3) != 0 ||
	    strlist_add(&s.prunepaths, "/srv/tmp", 8) != 0 ||
	    strlist_add(&s.prunenames, "x", 1) != 0)
		abort();
	s.prune_bind_mounts = data[0] & 2;
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (scope_from_mountinfo(&s, name, &err) == 0)
		check_points(&s);
	scope_done(&s);
	(void)close(fd);
	return 0;
}
