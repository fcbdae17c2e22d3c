/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/here.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/config.h"
#include "store/store.h"
#include "sys/file.h"

#define FILE_MAX ((size_t)1024 * 1024)

int
here_short(char ret[static HOST_NAME_SIZE], struct err *err)
{
	char name[HOST_NAME_SIZE] = "";

	if (gethostname(name, sizeof(name) - 1) != 0)
		return err_sys(err, "the host's name");
	name[strcspn(name, ".")] = '\0';
	if (!host_name_is_valid(name))
		return err_set(err, ERR_USAGE,
		    "this host's own name \"%s\" cannot be recorded", name);
	memcpy(ret, name, sizeof(name));
	return 0;
}

static int
take_host(void *ctx, const struct config_item *item, struct err *err)
{
	char *name = ctx;

	if (*item->section != '\0' || item->key == NULL ||
	    strcasecmp(item->key, "host") != 0)
		return 0;
	if (!host_name_is_valid(item->value))
		return config_bad(
		    item, err, "\"%.128s\" is not a host name", item->value);
	memcpy(name, item->value, strlen(item->value) + 1);
	return 0;
}

int
here_name(const char *file, char ret[static HOST_NAME_SIZE], struct err *err)
{
	const char *name = file != NULL ? file : HERE_FILE;
	struct buf text = { 0 };
	int rc;

	ret[0] = '\0';
	rc = file_read_all(AT_FDCWD, name, FILE_MAX, &text, err);
	if (rc == 0)
		rc = config_parse(name, (const char *)text.data, text.len,
		    take_host, ret, err);
	else if (file == NULL && rc == ERR_SYS &&
	    (err->sys == ENOENT || err->sys == EACCES))
		rc = 0;
	buf_done(&text);
	return rc != 0 || ret[0] != '\0' ? rc : here_short(ret, err);
}
