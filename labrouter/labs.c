/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "labs.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool
is_file_name(const char *s)
{
	size_t len = strlen(s);

	return len > 4 && strcmp(s + len - 4, ".lab") == 0;
}

static int
add(struct strlist *list, const char *dir, const char *name, const char *end,
    struct err *err)
{
	struct buf b = { 0 };
	int rc = 0;

	if (buf_printf(&b, "%s/%s%s", dir, name, end) != 0 ||
	    strlist_add(list, (const char *)b.data, b.len) != 0)
		rc = err_nomem(err);
	buf_done(&b);
	return rc;
}

static int
is_lab(const struct dirent *d)
{
	return d->d_name[0] != '.' && is_file_name(d->d_name);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
add_all(struct strlist *list, const char *dir, struct err *err)
{
	struct dirent **found = NULL;
	int n = scandir(dir, &found, is_lab, by_name), rc = 0;

	if (n < 0 && errno != ENOENT)
		return err_sys(err, "%s", dir);
	for (int i = 0; i < n; i++) {
		if (rc == 0)
			rc = add(list, dir, found[i]->d_name, "", err);
		free(found[i]);
	}
	free(found);
	if (n <= 0)
		return err_set(err, ERR_NOTFOUND,
		    "there is no lab in %s: copy simple.lab.sample there to "
		    "NAME.lab, or name a file",
		    dir);
	return rc;
}

int
labs_find(
    struct strlist *ret, const char *dir, char *const *words, struct err *err)
{
	int rc = 0;

	if (*words == NULL)
		return add_all(ret, dir, err);
	for (; *words != NULL && rc == 0; words++) {
		const char *w = *words;

		if (strchr(w, '/') == NULL && !is_file_name(w))
			rc = add(ret, dir, w, ".lab", err);
		else if (strlist_add(ret, w, strlen(w)) != 0)
			rc = err_nomem(err);
	}
	return rc;
}
