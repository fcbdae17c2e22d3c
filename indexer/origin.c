/*
 * Origins as people write them, and as they are kept.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/when.h"

static int
complete(struct uri *uri, const char *host, struct err *err)
{
	struct stat st;
	char *path;

	if (uri->user != NULL || uri->port != 0)
		return err_set(err, ERR_USAGE, "a file has no user or port");
	if (uri->host != NULL && strcmp(uri->host, host) != 0)
		return err_set(
		    err, ERR_USAGE, "is on %s, this is %s", uri->host, host);
	if (uri->path[0] == '\0')
		return err_set(err, ERR_USAGE, "names no file");
	if ((path = realpath(uri->path, NULL)) == NULL)
		return err_sys(err, "%s", uri->path);
	free(uri->path);
	uri->path = path;
	if (uri->host == NULL && (uri->host = strdup(host)) == NULL)
		return err_nomem(err);
	if (stat(path, &st) != 0)
		return err_sys(err, "%s", path);
	if (!S_ISREG(st.st_mode))
		return 0;
	uri->has_size = uri->has_mtime = true;
	uri->size = (uint64_t)st.st_size;
	uri->mtime_ns = st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec;
	return 0;
}

int
origin_complete(struct uri *uri, const char *host, struct err *err)
{
	char text[ORIGIN_TEXT];

	if (strcmp(uri->scheme, "sftp") == 0 || complete(uri, host, err) == 0)
		return 0;
	return err_wrap(err, "%s", origin_text(uri, text));
}

const char *
origin_text(const struct uri *uri, char text[static ORIGIN_TEXT])
{
	bool far = strcmp(uri->scheme, "sftp") == 0;

	(void)snprintf(text, ORIGIN_TEXT, "%s:%s%s%s%s%s", uri->scheme,
	    far ? "//" : "", far && uri->user != NULL ? uri->user : "",
	    far && uri->user != NULL ? "@" : "",
	    far && uri->host != NULL ? uri->host : "", uri->path);
	return text;
}
