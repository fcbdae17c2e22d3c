/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/scratch.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/maintain.h"
#include "tests/support/expect.h"

/* ---- directories that a failed test leaves go at its exit ---- */

#define LEFT_MAX 16
static char left[LEFT_MAX][sizeof(((struct scratch *)NULL)->dir)];
static pid_t left_by; /* not by the processes that it forks */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static int
remove_all(const char *dir)
{
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
remove_left(void)
{
	for (int i = 0; i < LEFT_MAX && getpid() == left_by; i++)
		if (left[i][0] != '\0')
			(void)remove_all(left[i]);
}

/* Put `to` where `from` stands; "" is a free place. */
static void
left_replace(const char *from, const char *to)
{
	int i = 0;

	while (i < LEFT_MAX && strcmp(left[i], from) != 0)
		i++;
	if (i < LEFT_MAX)
		(void)snprintf(left[i], sizeof(left[i]), "%s", to);
}

/* ---- a scratch directory ---- */

void
scratch_make(struct scratch *s)
{
	const char *tmp = getenv("TMPDIR");

	/* In memory where there is such a place: stores sync a lot. */
	if (tmp == NULL)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	(void)snprintf(s->dir, sizeof(s->dir), "%s/lookback-XXXXXX", tmp);
	expect(mkdtemp(s->dir) != NULL);
	if (left_by == 0) {
		left_by = getpid();
		(void)atexit(remove_left);
	}
	if (getpid() == left_by)
		left_replace("", s->dir);
}

void
scratch_remove(struct scratch *s)
{
	expect(remove_all(s->dir) == 0);
	left_replace(s->dir, "");
}

const char *
scratch_path(struct scratch *s, const char *name)
{
	(void)snprintf(s->path, sizeof(s->path), "%s/%s", s->dir, name);
	return s->path;
}

void
scratch_keep_path(
    struct scratch *s, const char *name, char ret[static SCRATCH_PATH])
{
	(void)strcpy(ret, scratch_path(s, name));
}

int
scratch_count(struct scratch *s, const char *name)
{
	DIR *dir = opendir(scratch_path(s, name));
	int n = -2;

	if (dir == NULL)
		return -1;
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

const char *
told(const struct err *err)
{
	static char text[1600];

	return err_text(err, text, sizeof(text));
}

struct store *
open_or_fail(const char *dir, enum store_mode mode)
{
	struct err err = ERR_INIT;
	struct store *s;

	if (store_open(&s, dir, mode, &err) != 0)
		expect_failed(told(&err));
	return s;
}

static void
print_difference(void *ctx, const char *text)
{
	(void)ctx;
	(void)fprintf(stderr, "check: %s\n", text);
}

void
expect_clean(struct store *s)
{
	struct check_result result;
	struct err err = ERR_INIT;

	if (store_check(s, &result, print_difference, NULL, &err) != 0)
		expect_failed(told(&err));
	expect(result.differences == 0);
}
