/*
 * Where plugins lie.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plugin/plugin_private.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const folders[] = {
	"plugins",		/* beside bin/ in a build */
	"lib/lookback/plugins", /* installed */
};
#define N_FOLDERS (sizeof(folders) / sizeof(folders[0]))

/* Of this program PREFIX/bin/PROGRAM. */
static int
find_prefix(char ret[static PATH_MAX], struct err *err)
{
	ssize_t len = readlink("/proc/self/exe", ret, PATH_MAX - 1);

	if (len < 0)
		return err_sys(err, "where this program lies: /proc/self/exe");
	ret[len] = '\0';
	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(ret, '/');

		if (slash != NULL)
			*slash = '\0';
	}
	return 0;
}

static int
join(char ret[static PATH_MAX], const char *prefix, const char *folder,
    const char *name, struct err *err)
{
	int len = snprintf(ret, PATH_MAX, "%s/%s/%s.so", prefix, folder, name);

	if (len < 0 || len >= PATH_MAX)
		return err_set(
		    err, ERR_USAGE, "plugin %s: path too long", name);
	return 0;
}

static bool
is_name(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	return name[0] != '\0' && name[strspn(name, allowed)] == '\0';
}

int
plugin_find(char ret[static PATH_MAX], const char *name, struct err *err)
{
	char prefix[PATH_MAX];
	int rc;

	if (strchr(name, '/') != NULL) {
		size_t size = strlen(name) + 1;

		if (size > PATH_MAX)
			return err_set(err, ERR_USAGE, "plugin: path too long");
		memcpy(ret, name, size);
		if (access(ret, F_OK) == 0)
			return 0;
		(void)err_sys(err, "%s", name);
		return err->code = ERR_NOTFOUND;
	}
	if (!is_name(name))
		return err_set(err, ERR_USAGE,
		    "\"%s\" is no plugin's name: a-z, 0-9 and - only", name);
	if ((rc = find_prefix(prefix, err)) != 0)
		return rc;
	for (size_t i = 0; i < N_FOLDERS; i++) {
		if ((rc = join(ret, prefix, folders[i], name, err)) != 0)
			return rc;
		if (access(ret, F_OK) == 0)
			return 0;
	}
	return err_set(err, ERR_NOTFOUND,
	    "no plugin %s: no %s.so in %s/%s or %s/%s", name, name, prefix,
	    folders[0], prefix, folders[1]);
}
