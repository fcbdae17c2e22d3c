/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/tree.h"
#include "base/path.h"
#include "tests/support/expect.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
found_done(struct found_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->item[i].path);
		free((void *)(uintptr_t)l->item[i].entry.target);
	}
	free(l->item);
	*l = (struct found_list){ 0 };
}

static struct found *
found_add(struct found_list *l, const char *path, size_t len)
{
	struct found *f;

	if ((l->n & (l->n - 1)) == 0) {
		l->item = reallocarray(
		    l->item, l->n == 0 ? 1 : l->n, 2 * sizeof(*f));
		expect(l->item != NULL);
	}
	f = &l->item[l->n++];
	*f = (struct found){ .len = len };
	expect((f->path = strndup(path, len)) != NULL);
	return f;
}

static void
keep_target(struct entry *e)
{
	if (e->target_len > 0)
		expect((e->target = strndup(e->target, e->target_len)) != NULL);
}

static void
list_one(int fd, const char *name, const char *path, size_t len,
    struct found_list *l)
{
	struct found *f = found_add(l, path, len);
	char target[PATH_MAX];
	struct statx st;

	expect(statx(fd, name, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH,
		   STATX_BASIC_STATS, &st) == 0);
	entry_from_statx(&f->entry, &st);
	f->type = f->entry.type;
	if (f->type == 'l') {
		ssize_t n = readlinkat(fd, name, target, sizeof(target));

		expect(n > 0);
		f->entry.fields |= ENTRY_TARGET;
		f->entry.target_len = (uint32_t)n;
		f->entry.target = target;
		keep_target(&f->entry);
	}
}

static void
list_below(int fd, struct buf *path, struct found_list *l)
{
	DIR *dir = fdopendir(fd);
	struct dirent *d;

	expect(dir != NULL);
	while ((d = readdir(dir)) != NULL) {
		size_t len = path->len;
		int below;

		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		expect(len == 1 || buf_add_byte(path, '/') == 0);
		expect(buf_add_str(path, d->d_name) == 0);
		list_one(fd, d->d_name, (char *)path->data, path->len, l);
		if (l->item[l->n - 1].type == 'd') {
			below = openat(
			    fd, d->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
			expect(below >= 0);
			list_below(below, path, l);
		}
		path->len = len;
	}
	(void)closedir(dir);
}

static int
found_cmp(const void *x, const void *y)
{
	const struct found *a = x, *b = y;

	return path_cmp(a->path, a->len, b->path, b->len);
}

void
found_sort(struct found_list *l)
{
	if (l->n > 0)
		qsort(l->item, l->n, sizeof(*l->item), found_cmp);
}

void
tree_list(const char *root, struct found_list *ret)
{
	int fd = open(root, O_RDONLY | O_DIRECTORY);
	struct buf path = { 0 };

	*ret = (struct found_list){ 0 };
	expect(fd >= 0 && buf_add_str(&path, root) == 0);
	list_one(fd, "", root, path.len, ret);
	list_below(fd, &path, ret);
	found_sort(ret);
	buf_done(&path);
}

void
walk_list(const struct walk_options *o, const struct walk_limits *limits,
    const char *tag, struct found_list *ret)
{
	struct walk *w;
	struct walk_item item;
	struct err err = ERR_INIT;
	int rc;

	*ret = (struct found_list){ 0 };
	expect(walk_open_limited(&w, o, limits, &err) == 0);
	while ((rc = walk_next(w, &item, &err)) == 0) {
		struct found *f = ret->n > 0 ? &ret->item[ret->n - 1] : NULL;

		expect(item.path[item.len] == '\0');
		if (item.kind != WALK_ENTRY) {
			expect(f != NULL && f->len == item.len &&
			    memcmp(f->path, item.path, item.len) == 0);
			expect(
			    (item.error != 0) == (item.kind != WALK_UNCHANGED));
			f->unread |= item.kind == WALK_UNREAD;
			f->unstatted |= item.kind == WALK_UNSTATTED;
			f->unchanged |= item.kind == WALK_UNCHANGED;
			continue;
		}
		expect(f == NULL ||
		    path_cmp(f->path, f->len, item.path, item.len) < 0);
		expect(entry_is_valid(&item.entry));
		f = found_add(ret, item.path, item.len);
		f->entry = item.entry;
		f->type = item.entry.type;
		f->pruned = item.pruned;
		keep_target(&f->entry);
	}
	expect(rc == 1);
	if (tag != NULL)
		expect(walk_commit_cache(w, tag, &err) == 0);
	walk_close(w);
}

void
found_compare(const struct found_list *a, const struct found_list *b, bool full)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		expect(a->item[i].len == b->item[i].len);
		expect(memcmp(a->item[i].path, b->item[i].path,
			   a->item[i].len) == 0);
		expect(a->item[i].type == b->item[i].type);
		expect(
		    !full || entry_equal(&a->item[i].entry, &b->item[i].entry));
	}
	expect(a->n == b->n);
}

void
tree_file(int dirfd, const char *name, size_t bytes)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	expect(fd >= 0 && ftruncate(fd, (off_t)bytes) == 0);
	(void)close(fd);
}

int
tree_dir(int dirfd, const char *name)
{
	int fd;

	expect(mkdirat(dirfd, name, 0755) == 0 || errno == EEXIST);
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	expect(fd >= 0);
	return fd;
}
