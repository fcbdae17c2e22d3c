/*
 * The backups of a repository: which files they are, and what their names say.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "repo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/when.h"

#define DEPTH_MAX 32 /* directories of a repository */

void
repo_settings_done(struct repo_settings *r)
{
	free(r->host);
	strlist_done(&r->patterns);
	strlist_done(&r->incremental);
	*r = (struct repo_settings){ 0 };
}

/* ---- what a name says ---- */

/* Extensions of archives and images, the longer ones of those that end alike
 * first. */
static const struct extension {
	const char *text;
	bool image;
} extensions[] = {
	{ ".tar", false },
	{ ".tgz", false },
	{ ".tbz2", false },
	{ ".tbz", false },
	{ ".txz", false },
	{ ".tlz", false },
	{ ".tzst", false },
	{ ".cpio", false },
	{ ".zip", false },
	{ ".7z", false },
	{ ".iso", false },
	{ ".xar", false },
	{ ".ar", false },
	{ ".deb", false },
	{ ".rpm", false },
	{ ".jar", false },
	{ ".pax", false },
	{ ".qcow2", true },
	{ ".qcow", true },
	{ ".vmdk", true },
	{ ".vhdx", true },
	{ ".vhd", true },
	{ ".vpc", true },
	{ ".vdi", true },
	{ ".img", true },
	{ ".raw", true },
	{ ".dd", true },
};
static const char *const compressions[] = { ".gz", ".bz2", ".xz", ".zst",
	".lz4", ".lzma", ".lz", ".Z" };

static bool
ends_in(const char *name, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && strncasecmp(name + len - n, end, n) == 0;
}

static size_t
without_compression(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(compressions) / sizeof(compressions[0]);
	     i++)
		if (ends_in(name, len, compressions[i]))
			return len - strlen(compressions[i]);
	return len;
}

static const struct extension *
find_extension(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
		if (ends_in(name, len, extensions[i].text))
			return &extensions[i];
	return NULL;
}

static bool
begins(const char *bytes, size_t at, const char *magic, size_t len)
{
	return memcmp(bytes + at, magic, len) == 0;
}

bool
backup_is_image(const char *path)
{
	const struct extension *e = find_extension(path, strlen(path));
	char head[512] = { 0 };
	bool image = false;
	int fd;

	if (e != NULL)
		return e->image;
	if ((fd = open(path,
		 O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)) <
	    0)
		return false;
	if (read(fd, head, sizeof(head)) == (ssize_t)sizeof(head))
		image = begins(head, 0, "QFI\xfb", 4) ||
		    begins(head, 0, "KDMV", 4) ||
		    begins(head, 0, "vhdxfile", 8) ||
		    begins(head, 0, "conectix", 8) ||
		    begins(head, 0x40, "\x7f\x10\xda\xbe", 4);
	(void)close(fd);
	return image;
}

bool
repo_is_anew(const char *series)
{
	return ends_in(series, strlen(series), REPO_ANEW);
}

static bool
is_separator(char c)
{
	return c == '.' || c == '-' || c == '_' || c == ' ';
}

/* Of the file's name what is left without its date and its extension; where
 * nothing is, the extension. 0, -1 */
static int
add_stem(struct buf *b, const char *rel, const struct name_match *m)
{
	const char *slash = strrchr(rel, '/');
	const char *name = slash != NULL ? slash + 1 : rel;
	size_t len = without_compression(name, strlen(name));
	const struct extension *e = find_extension(name, len);
	size_t stem = e != NULL ? len - strlen(e->text) : len;
	size_t begun = b->len, off = (size_t)(name - rel);
	bool gap = false;

	for (size_t i = 0; i < stem; i++) {
		size_t at = off + i;

		if ((m->date.len > 0 && at >= m->date.at &&
			at < m->date.at + m->date.len) ||
		    (m->host.len > 0 && at >= m->host.at &&
			at < m->host.at + m->host.len)) {
			gap = true;
			continue;
		}
		if (gap && is_separator(name[i]))
			continue;
		if (gap && b->len > begun && buf_add_byte(b, '-') != 0)
			return -1;
		gap = false;
		if (buf_add_byte(b, (uint8_t)name[i]) != 0)
			return -1;
	}
	while (b->len > begun && is_separator((char)b->data[b->len - 1]))
		b->len--;
	if (b->len > begun)
		return 0;
	return e != NULL ? buf_add_str(b, e->text + 1) :
			   buf_add_str(b, "files");
}

int
backup_series(struct buf *ret, const char *rel, const struct name_match *m,
    const char *host, struct err *err)
{
	size_t begun = ret->len;
	int bad = m->host.len > 0 ?
	    buf_add(ret, rel + m->host.at, m->host.len) :
	    buf_add_str(ret, host);

	bad = bad || buf_add_str(ret, "/backup/") != 0;
	if (!bad)
		bad = m->set.len > 0 ?
		    buf_add(ret, rel + m->set.at, m->set.len) :
		    add_stem(ret, rel, m);
	if (bad)
		return err_nomem(err);
	if (!series_name_is_valid(buf_str(ret) + begun) ||
	    repo_is_anew(buf_str(ret) + begun))
		return err_set(err, ERR_USAGE,
		    "\"%s\" is no name of a series: {set} may name it",
		    buf_str(ret) + begun);
	return 0;
}

/* ---- the tree ---- */

struct finder {
	const struct repo_settings *settings;
	const char *host;
	struct backups *found;
	size_t cap;
	struct buf path; /* of what is looked at */
};

static void
note_unread(struct finder *f, int error)
{
	f->found->unread++;
	log_error("%s: %s", buf_str(&f->path), strerror(error));
}

/* A pattern may have been forgotten; of a checksum or a README it was not. */
static int
note_stranger(struct finder *f, struct err *err)
{
	const char *path = buf_str(&f->path);
	size_t len = without_compression(path, f->path.len);

	if (find_extension(path, len) == NULL)
		return 0;
	if (strlist_add(&f->found->strangers, path, f->path.len) != 0)
		return err_nomem(err);
	return 0;
}

static bool
is_incremental(const struct repo_settings *r, const char *rel)
{
	for (size_t i = 0; i < r->incremental.n; i++)
		if (fnmatch(r->incremental.item[i], rel, 0) == 0)
			return true;
	return false;
}

static struct backup *
new_item(struct finder *f)
{
	struct backups *b = f->found;

	if (b->n == f->cap) {
		size_t cap = f->cap == 0 ? 64 : 2 * f->cap;
		struct backup *p = reallocarray(b->item, cap, sizeof(*p));

		if (p == NULL)
			return NULL;
		b->item = p;
		f->cap = cap;
	}
	b->item[b->n] = (struct backup){ 0 };
	return &b->item[b->n++];
}

static int
add_backup(struct finder *f, const char *rel, const struct name_match *m,
    const struct stat *st, struct err *err)
{
	const struct repo_settings *r = f->settings;
	struct buf series = { 0 };
	struct backup *b;
	int rc;

	if ((rc = backup_series(&series, rel, m,
		 r->host != NULL ? r->host : f->host, err)) != 0) {
		buf_done(&series);
		if (rc != ERR_USAGE)
			return rc;
		log_error("%s: %s", buf_str(&f->path), err->cause);
		err_clear(err);
		f->found->unread++;
		return 0;
	}
	if ((b = new_item(f)) == NULL ||
	    (b->series = strdup(buf_str(&series))) == NULL ||
	    (b->path = strdup(buf_str(&f->path))) == NULL) {
		buf_done(&series);
		return err_nomem(err);
	}
	buf_done(&series);
	b->scheme = backup_is_image(b->path) ? "image" : "archive";
	b->size = (uint64_t)st->st_size;
	b->mtime_ns = (int64_t)st->st_mtim.tv_sec * NS_PER_S +
	    st->st_mtim.tv_nsec;
	b->date_ns = m->has_date ? m->date_ns : b->mtime_ns;
	b->incremental = is_incremental(r, rel);
	return 0;
}

static int
take_file(struct finder *f, const struct stat *st, struct err *err)
{
	const char *rel = buf_str(&f->path) + strlen(f->settings->dir);
	const struct strlist *p = &f->settings->patterns;

	rel += strspn(rel, "/");
	for (size_t i = 0; i < p->n; i++) {
		struct name_match m;

		if (name_pattern_match(p->item[i], rel, &m))
			return add_backup(f, rel, &m, st, err);
	}
	return note_stranger(f, err);
}

static int look(struct finder *, size_t depth, struct err *);

static int
take(struct finder *f, int dirfd, const char *name, size_t depth,
    struct err *err)
{
	size_t was = f->path.len;
	struct stat st;
	int rc = 0;

	/* Half a file of a running upload, of rsync and its like. */
	if (name[0] == '.')
		return 0;
	if (buf_add_byte(&f->path, '/') != 0 ||
	    buf_add_str(&f->path, name) != 0)
		return err_nomem(err);
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno != ENOENT)
			note_unread(f, errno);
	} else if (S_ISDIR(st.st_mode)) {
		rc = look(f, depth + 1, err);
	} else if (S_ISREG(st.st_mode)) {
		rc = take_file(f, &st, err);
	}
	f->path.len = was;
	return rc;
}

/* The directory f->path. Links are not followed. */
static int
look(struct finder *f, size_t depth, struct err *err)
{
	DIR *dir;
	const struct dirent *d;
	int fd, rc = 0;

	if (depth >= DEPTH_MAX) {
		note_unread(f, ELOOP);
		return 0;
	}
	fd = open(
	    buf_str(&f->path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || (dir = fdopendir(fd)) == NULL) {
		if (depth == 0)
			return err_sys(err, "%s", buf_str(&f->path));
		note_unread(f, errno);
		if (fd >= 0)
			(void)close(fd);
		return 0;
	}
	while (rc == 0 && (errno = 0, d = readdir(dir)) != NULL)
		rc = take(f, fd, d->d_name, depth, err);
	if (rc == 0 && errno != 0)
		note_unread(f, errno);
	(void)closedir(dir);
	return rc;
}

static int
compare(const void *a, const void *b)
{
	const struct backup *x = a, *y = b;
	int c = strcmp(x->series, y->series);

	if (c != 0)
		return c;
	if (x->date_ns != y->date_ns)
		return x->date_ns < y->date_ns ? -1 : 1;
	return strcmp(x->path, y->path);
}

int
backups_find(struct backups *ret, const struct repo_settings *settings,
    const char *host, struct err *err)
{
	struct finder f = { .settings = settings, .host = host, .found = ret };
	int rc;

	*ret = (struct backups){ 0 };
	if (buf_add_str(&f.path, settings->dir) != 0)
		rc = err_nomem(err);
	else
		rc = look(&f, 0, err);
	buf_done(&f.path);
	if (rc != 0) {
		backups_done(ret);
		return rc;
	}
	if (ret->n > 1)
		qsort(ret->item, ret->n, sizeof(*ret->item), compare);
	return 0;
}

void
backups_done(struct backups *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->item[i].path);
		free(b->item[i].series);
	}
	free(b->item);
	strlist_done(&b->strangers);
	*b = (struct backups){ 0 };
}
