/*
 * What the kernel reads for us, walked below the descriptor of its root: it is
 * still somebody else's tree, so nothing in it leads out of it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_mount_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/entry.h"

struct dir {
	struct dir *next;
	size_t len;
	char path[];
};

int
fs_mount_at(int root, const char *path, size_t len, int flags)
{
	struct open_how how = { .resolve = RESOLVE_BENEATH |
		    RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
	char part[4096];
	int at = root;

	while (len > 0 && *path == '/') {
		path++;
		len--;
	}
	for (;;) {
		size_t n = len < sizeof(part) ? len : sizeof(part) - 1;
		bool last = n == len;
		int fd;

		while (!last && n > 0 && path[n] != '/')
			n--;
		if (!last && n == 0) {
			/* No name is so long. */
			if (at != root)
				(void)close(at);
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(part, path, n);
		part[n] = '\0';
		how.flags = (unsigned)(O_CLOEXEC | O_NOFOLLOW |
		    (last ? flags : O_RDONLY | O_DIRECTORY));
		fd = (int)syscall(
		    SYS_openat2, at, n == 0 ? "." : part, &how, sizeof(how));
		if (at != root) {
			int sys = errno;

			(void)close(at);
			errno = sys;
		}
		if (fd < 0 || last)
			return fd;
		at = fd;
		path += n + 1;
		len -= n + 1;
	}
}

static int
put_off(struct fs_mount *m, const char *path, size_t len)
{
	struct dir *dir = malloc(sizeof(*dir) + len);

	if (dir == NULL)
		return -1;
	dir->len = len;
	memcpy(dir->path, path, len);
	dir->next = m->todo;
	m->todo = dir;
	return 0;
}

static int
fill(struct fs_mount *m, const struct stat *st, struct lookback_item *item,
    struct err *err)
{
	item->kind = LOOKBACK_ENTRY;
	item->fields = LOOKBACK_TYPE | LOOKBACK_MODE | LOOKBACK_OWNER |
	    LOOKBACK_SIZE | LOOKBACK_MTIME;
	item->type = entry_type_of_mode(st->st_mode);
	item->mode = st->st_mode & 07777;
	item->uid = st->st_uid;
	item->gid = st->st_gid;
	item->bytes = (uint64_t)st->st_size;
	item->mtime = st->st_mtim.tv_sec;
	item->mtime_ns = (uint32_t)st->st_mtim.tv_nsec;
	item->path = m->path.len == 0 ? "/" : (const char *)m->path.data;
	item->len = m->path.len == 0 ? 1 : m->path.len;
	if (item->type == 'd' && m->path.len < m->env->limits->path &&
	    put_off(m, buf_str(&m->path), m->path.len) != 0)
		return err_nomem(err);
	return 0;
}

/* What is at m->path could not be looked at, or what is below it not be read. */
static int
tell_unread(
    struct fs_mount *m, uint32_t kind, int sys, struct lookback_item *item)
{
	item->kind = kind;
	item->error = sys;
	item->why = strerror(sys);
	item->path = m->path.len == 0 ? "/" : (const char *)m->path.data;
	item->len = m->path.len == 0 ? 1 : m->path.len;
	return 0;
}

/* A name of the directory that is read. */
static int
look(struct fs_mount *m, const char *name, struct lookback_item *item,
    struct err *err)
{
	int dirfd_now = dirfd(m->now);
	struct stat st;
	ssize_t n;

	buf_clear(&m->path);
	if (buf_add(&m->path, m->dir.data, m->dir.len) != 0 ||
	    buf_add_byte(&m->path, '/') != 0 ||
	    buf_add_str(&m->path, name) != 0)
		return err_nomem(err);
	if (fstatat(dirfd_now, name, &st,
		AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0)
		return tell_unread(m, LOOKBACK_UNLOOKED, errno, item);
	if (fill(m, &st, item, err) != 0)
		return err->code;
	if (item->type == 'l' &&
	    (n = readlinkat(dirfd_now, name, m->target, sizeof(m->target))) >
		0) {
		item->fields |= LOOKBACK_TARGET;
		item->target = m->target;
		item->target_len = (size_t)n;
	}
	return 0;
}

/* The directory that is read had an end, or a bad one. */
static int
end_dir(
    struct fs_mount *m, int sys, struct lookback_item *item, struct err *err)
{
	(void)closedir(m->now);
	m->now = NULL;
	if (sys == 0)
		return 1;
	buf_clear(&m->path);
	if (buf_add(&m->path, m->dir.data, m->dir.len) != 0)
		return err_nomem(err);
	return tell_unread(m, LOOKBACK_UNREAD, sys, item);
}

/* 0 with an item, 1 without, negative. */
static int
next_dir(struct fs_mount *m, struct lookback_item *item, struct err *err)
{
	struct dir *dir = m->todo;
	int fd, rc;

	m->todo = dir->next;
	buf_clear(&m->dir);
	rc = buf_add(&m->dir, dir->path, dir->len);
	free(dir);
	if (rc != 0)
		return err_nomem(err);
	fd = fs_mount_at(
	    m->root, buf_str(&m->dir), m->dir.len, O_RDONLY | O_DIRECTORY);
	if (fd >= 0 && (m->now = fdopendir(fd)) != NULL)
		return 1;
	rc = errno;
	if (fd >= 0)
		(void)close(fd);
	buf_clear(&m->path);
	if (buf_add(&m->path, m->dir.data, m->dir.len) != 0)
		return err_nomem(err);
	return tell_unread(m, LOOKBACK_UNREAD, rc, item);
}

static int
mount_next(struct fs *fs, struct lookback_item *item, struct err *err)
{
	struct fs_mount *m = (struct fs_mount *)fs;
	struct stat st;
	int rc = 1;

	if (!m->begun) {
		m->begun = true;
		if (fstat(m->root, &st) != 0)
			return err_sys(err, "root");
		return fill(m, &st, item, err);
	}
	while (rc == 1 && (m->now != NULL || m->todo != NULL)) {
		struct dirent *entry;

		if (m->now == NULL) {
			rc = next_dir(m, item, err);
			continue;
		}
		errno = 0;
		if ((entry = readdir(m->now)) == NULL)
			rc = end_dir(m, errno, item, err);
		else if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			rc = look(m, entry->d_name, item, err);
	}
	return rc;
}

/* ---- the reader ---- */

static void
mount_close(struct fs *fs)
{
	struct fs_mount *m = (struct fs_mount *)fs;

	if (m->now != NULL)
		(void)closedir(m->now);
	while (m->todo != NULL) {
		struct dir *dir = m->todo;

		m->todo = dir->next;
		free(dir);
	}
	buf_done(&m->dir);
	buf_done(&m->path);
	free(m);
}

/* It is asked by volume, not by what lies on a disk. */
static const struct fs_reader reader = {
	.name = "kernel",
	.next = mount_next,
	.read = fs_mount_read,
	.close = mount_close,
};

int
fs_mount_open(
    struct fs **ret, int mounted, const struct image_env *env, struct err *err)
{
	struct fs_mount *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return err_nomem(err);
	m->fs.reader = &reader;
	m->env = env;
	m->root = mounted;
	*ret = &m->fs;
	return 0;
}
