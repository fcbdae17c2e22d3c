/*
 * Opening a store: its directories, its manifest, and what a crash left.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define GROUP "lookback"
#define BUSY_TRIES 10000 /* a millisecond apart */
/* Scopes and unread lists are the longest values, of 2 MiB at most. */
#define VALUE_BYTES_MAX (8 * 1024 * 1024)

/* ---- making one ---- */

static int
make_parents(const char *dir, struct err *err)
{
	char *path = strdup(dir);
	int rc = 0;

	if (path == NULL)
		return err_nomem(err);
	for (char *p = path + 1; rc == 0 && (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			rc = err_sys(err, "cannot make %s", path);
		*p = '/';
	}
	free(path);
	return rc;
}

static int
make_dir(const char *dir, struct err *err)
{
	struct group *group;
	int fd, rc = 0;

	if ((rc = make_parents(dir, err)) != 0)
		return rc;
	if (mkdir(dir, 0700) != 0)
		return errno == EEXIST ? 0 : err_sys(err, "cannot make it");
	if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return err_sys(err, "cannot open it");
	/* Without the group, or not in it, the owner alone can search. */
	if ((group = getgrnam(GROUP)) != NULL &&
	    fchown(fd, (uid_t)-1, group->gr_gid) != 0 && errno != EPERM)
		rc = err_sys(err, "cannot set its group");
	else if (fchmod(fd, 0750) != 0)
		rc = err_sys(err, "cannot set its mode");
	(void)close(fd);
	return rc;
}

/* A store is only made where nothing else lies. */
static int
check_foreign(int dirfd, struct err *err)
{
	static const char *const ours[] = { ".", "..", "seg", "tmp", "series",
		"lock", "merge.lock", "lost+found" };
	struct dirent *d;
	bool known = true;
	DIR *dir;
	int fd;

	if ((fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return err_sys(err, "cannot read it");
	if ((dir = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return err_sys(err, "cannot read it");
	}
	while (known && (d = readdir(dir)) != NULL) {
		/* Who else makes it now may have got that far. */
		known = strncmp(d->d_name, MANIFEST, strlen(MANIFEST)) == 0;
		for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			known = known || strcmp(d->d_name, ours[i]) == 0;
	}
	(void)closedir(dir);
	return known ?
	    0 :
	    err_set(err, ERR_USAGE, "not a store, and not an empty directory");
}

/* ---- opening ---- */

static bool
has_or_may_have(const char *dir, const char *name)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	return n < 0 || (size_t)n >= sizeof(path) ||
	    faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) == 0 || errno != ENOENT;
}

bool
store_is_there(const char *dir)
{
	return has_or_may_have(dir, MANIFEST) || has_or_may_have(dir, "seg");
}

static int
refused(struct err *err, const struct store *s)
{
	if (s->mode == STORE_READ)
		(void)err_set(err, ERR_SYS,
		    "permission denied: %s is for its owner and for members "
		    "of group %s (as root: adduser USER %s)",
		    s->dir, GROUP, GROUP);
	else
		(void)err_set(err, ERR_SYS,
		    "permission denied: only root and the owner of %s may "
		    "write there",
		    s->dir);
	err->sys = EACCES;
	return err->code;
}

static int
open_dir(struct store *s, struct err *err)
{
	s->dirfd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dirfd >= 0)
		return 0;
	if (errno == ENOENT)
		return err_set(err, ERR_NOTFOUND, "there is no such store");
	if (errno == ENOTDIR)
		return err_set(err, ERR_NOTFOUND, "not a directory");
	return errno == EACCES ? refused(err, s) :
				 err_sys(err, "cannot open it");
}

static int
open_below(struct store *s, const char *name, int *ret, struct err *err)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

	*ret = openat(s->dirfd, name, flags);
	if (*ret >= 0 || s->mode == STORE_READ || errno != ENOENT) {
		if (*ret >= 0)
			return 0;
		return errno == EACCES ? refused(err, s) :
					 err_sys(err, "%s: cannot open", name);
	}
	if (mkdirat(s->dirfd, name, 0700) != 0 && errno != EEXIST)
		return err_sys(err, "%s: cannot make", name);
	if ((*ret = openat(s->dirfd, name, flags)) < 0)
		return err_sys(err, "%s: cannot open", name);
	return file_adopt(*ret, s->dirfd, 0750, name, err);
}

/* SQLite's own time-out naps for up to 100 ms where a commit takes twenty. */
static int
wait_a_little(void *ctx, int tries)
{
	const struct timespec nap = { 0, 1000000 };

	(void)ctx;
	(void)nanosleep(&nap, NULL);
	return tries < BUSY_TRIES;
}

int
manifest_connect(struct store *s, const char *name, struct err *err)
{
	int flags = s->mode == STORE_READ ? SQLITE_OPEN_READONLY :
					    SQLITE_OPEN_READWRITE;
	struct buf path = { 0 };
	int rc;

	if (buf_printf(&path, "%s/%s", s->dir, name) != 0)
		return err_nomem(err);
	rc = sqlite3_open_v2(buf_str(&path), &s->db,
	    flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	buf_done(&path);
	if (s->db == NULL)
		return err_nomem(err);
	if (rc != SQLITE_OK)
		return sql_error(s, rc, err);
	(void)sqlite3_extended_result_codes(s->db, 1);
	(void)sqlite3_busy_handler(s->db, wait_a_little, NULL);
	(void)sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	if ((rc = sql_exec(s,
		 s->mode == STORE_READ ?
		     "PRAGMA mmap_size=0; PRAGMA cell_size_check=1" :
		     "PRAGMA mmap_size=0; PRAGMA cell_size_check=1;"
		     "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL",
		 err)) != 0)
		return rc;
	return sql_prepare(s, &s->rollback, "ROLLBACK", err);
}

void
manifest_disconnect(struct store *s)
{
	(void)sqlite3_finalize(s->rollback);
	(void)sqlite3_close(s->db);
	s->rollback = NULL;
	s->db = NULL;
}

static int
open_manifest(struct store *s, struct err *err)
{
	int access = s->mode == STORE_READ ? R_OK : R_OK | W_OK;

	if (faccessat(s->dirfd, MANIFEST, access, AT_EACCESS) == 0)
		return manifest_connect(s, MANIFEST, err);
	if (errno == ENOENT)
		return err_set(
		    err, ERR_NOTFOUND, "not a store: it has no " MANIFEST);
	return errno == EACCES ? refused(err, s) : err_sys(err, MANIFEST);
}

/* ---- what a crash left ---- */

int
segments_list(struct store *s,
    int (*take)(void *ctx, uint32_t id, struct err *), void *ctx,
    struct err *err)
{
	struct dirent *d;
	DIR *dir;
	int fd, rc = 0;

	if ((fd = openat(s->segfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) <
	    0)
		return err_sys(err, "seg: cannot read");
	if ((dir = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return err_sys(err, "seg: cannot read");
	}
	while (rc == 0 && (d = readdir(dir)) != NULL) {
		char name[SEGMENT_NAME];
		uint32_t id = (uint32_t)strtoul(d->d_name, NULL, 10);

		if (strcmp(d->d_name, segment_name(id, name)) == 0)
			rc = take(ctx, id, err);
	}
	(void)closedir(dir);
	return rc;
}

struct orphans {
	struct store *store;
	sqlite3_stmt *st; /* is there a segment ?1 */
};

static int
sweep_segment(void *ctx, uint32_t id, struct err *err)
{
	struct orphans *o = ctx;
	char name[SEGMENT_NAME];
	int rc;

	(void)sqlite3_bind_int64(o->st, 1, id);
	rc = sql_step(o->store, o->st, err);
	(void)sqlite3_reset(o->st);
	if (rc == 1)
		(void)unlinkat(o->store->segfd, segment_name(id, name), 0);
	return rc < 0 ? rc : 0;
}

/* Segments that the manifest does not name, left by a commit that was cut
 * short. Who commits now will leave the same to the next: no need to wait. */
static int
sweep_segments(struct store *s, struct err *err)
{
	struct orphans o = { .store = s };
	struct write_lock lock;
	int rc;

	if ((rc = write_lock_try(&lock, s, err)) != 0) {
		if (rc == ERR_BUSY) {
			err_clear(err);
			rc = 0;
		}
		return rc;
	}
	if ((rc = sql_prepare(
		 s, &o.st, "SELECT 1 FROM segment WHERE id = ?", err)) == 0)
		rc = segments_list(s, sweep_segment, &o, err);
	(void)sqlite3_finalize(o.st);
	write_lock_release(&lock);
	return rc;
}

/* The manifest comes last and whole: who sees it, sees a store. */
static int
open_all(struct store *s, struct err *err)
{
	bool make;
	int rc;

	if (s->mode == STORE_CREATE && (rc = make_dir(s->dir, err)) != 0)
		return rc;
	if ((rc = open_dir(s, err)) != 0)
		return rc;
	make = s->mode == STORE_CREATE &&
	    faccessat(s->dirfd, MANIFEST, F_OK, 0) != 0;
	if ((make && (rc = check_foreign(s->dirfd, err)) != 0) ||
	    (!make && (rc = open_manifest(s, err)) != 0) ||
	    (rc = open_below(s, "seg", &s->segfd, err)) != 0)
		return rc;
	if (s->mode == STORE_READ)
		return schema_open(s, err);
	if ((rc = open_below(s, "tmp", &s->tmpfd, err)) != 0 ||
	    (rc = open_below(s, "series", &s->seriesfd, err)) != 0 ||
	    (make && (rc = manifest_make(s, err)) != 0) ||
	    (make && (rc = open_manifest(s, err)) != 0) ||
	    (rc = schema_open(s, err)) != 0 ||
	    (rc = temp_sweep(s->tmpfd, err)) != 0)
		return rc;
	return sweep_segments(s, err);
}

int
store_open(
    struct store **ret, const char *dir, enum store_mode mode, struct err *err)
{
	struct store *s;
	int rc;

	if (dir[0] == '\0')
		return err_set(
		    err, ERR_USAGE, "the name of the store is empty");
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return err_nomem(err);
	s->mode = mode;
	s->dirfd = s->segfd = s->tmpfd = s->seriesfd = -1;
	if ((s->dir = strdup(dir)) == NULL) {
		rc = err_nomem(err);
	} else {
		for (size_t n = strlen(dir); n > 1 && dir[n - 1] == '/'; n--)
			s->dir[n - 1] = '\0';
		rc = open_all(s, err);
	}
	if (rc != 0) {
		store_close(s);
		return err_wrap(err, "store %s", dir);
	}
	*ret = s;
	return 0;
}

static void
close_dir(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	manifest_disconnect(s);
	close_dir(s->dirfd);
	close_dir(s->segfd);
	close_dir(s->tmpfd);
	close_dir(s->seriesfd);
	free(s->dir);
	free(s);
}

const char *
store_dir(const struct store *s)
{
	return s->dir;
}

const uint8_t *
store_id(const struct store *s)
{
	return s->id;
}
