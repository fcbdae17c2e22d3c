/*
 * The parts of a walk.
 *
 * Work comes in nodes: a directory to read, the next part of a directory too
 * large for one piece, the next part of the scan cache. A node's work gives a
 * batch: sorted entries, and a node for each sub-directory to enter. Nodes
 * whose work is not done stand in one list, in the order in which the walk
 * will want them. Workers take the first that nobody has taken; the nodes that
 * it gives take its place in the list. So the workers run ahead of the
 * consumer along its own way, as far as memory allows; what the consumer waits
 * for comes first. The consumer (the caller of walk_next) goes through the
 * batches with a stack of frames. It does work itself only where no worker
 * could be started: a thread that hangs in the kernel hears no signal.
 *
 *   walk.c        the consumer
 *   walk_known.c  the consumer along a scan cache
 *   walk_queue.c  the list and the workers
 *   walk_fds.c    descriptors of directories kept open
 *   walk_read.c   a directory's work: its names
 *   walk_look.c   its entries, and the batch
 *   walk_sort.c   names in order, in memory or from runs in a file
 *   walk_cache_*.c  the scan cache file
 *   walk_prune.c  what is not entered
 *   walk_open.c   opening directories by path, without following links
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SYS_WALK_PRIVATE_H
#define SYS_WALK_PRIVATE_H

#include "sys/walk.h"

#include "base/buf.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/stat.h>

/* Bounds; tests use small ones. */
struct walk_limits {
	unsigned threads;
	size_t ahead;	    /* bytes read ahead */
	size_t part;	    /* entries of one batch */
	size_t sort;	    /* bytes of names sorted in memory */
	unsigned fds;	    /* directories kept open */
	int64_t settled_ns; /* see stamp_holds */
};
extern const struct walk_limits walk_limits_default;
int walk_open_limited(struct walk **ret, const struct walk_options *,
    const struct walk_limits *, struct err *);

/* ---- names in order (walk_sort.c) ---- */

struct name_ref {
	uint64_t key;	  /* the first eight bytes, as a number */
	const char *name; /* NUL-terminated */
	uint16_t len;
	uint8_t dtype; /* DT_* */
};

void name_ref_set(struct name_ref *, const char *name, uint8_t dtype);
/* By bytes; the same name twice (a directory that changes) comes once: gives
 * the number that is left. */
size_t name_refs_sort(struct name_ref *, size_t n);

/* All names of one directory, in order: in memory, or in sorted runs in an
 * unlinked file that are merged. */
struct names {
	char *raw;	       /* owned: getdents64 records */
	struct name_ref *refs; /* owned; into raw, sorted */
	size_t n, next;
	size_t bytes; /* of memory, about */
	int fd;	      /* of the runs; -1 in memory */
	uint64_t file_len;
	struct name_run *run; /* owned */
	size_t n_runs;
	struct name_run **heap; /* owned: runs with names left */
	size_t n_heap;
	struct buf last; /* the name given last */
};

void names_done(struct names *);
/* Sort these and write them as one more run. */
int names_spill(struct names *, struct name_ref *, size_t n, const char *tmpdir,
    struct err *);
/* After the last spill. */
int names_merge(struct names *, struct err *);
/* The next n names at most; `bytes` holds them. */
int names_take(struct names *, size_t n, struct buf *bytes,
    struct name_ref *refs, size_t *ret_n, struct err *);
bool names_left(const struct names *);

/* ---- what is not entered (walk_prune.c) ---- */

struct prune_point {
	const char *path; /* borrowed from the scope */
	size_t len;
	bool mount; /* must not be touched at all */
};

struct prune {
	struct prune_point *point; /* in path order, none below another */
	size_t n;
	const struct strlist *names; /* borrowed */
};

struct prune_range {
	uint32_t lo, hi; /* the points strictly below a directory */
};

enum prune_verdict {
	PRUNE_ENTER,
	PRUNE_NOT_ENTER,
	PRUNE_NOT_TOUCH,
	PRUNE_BELOW, /* below a point: not looked at */
};

int prune_init(struct prune *, const struct scope *); /* 0, -1 */
void prune_done(struct prune *);
/* By points, of a whole path; and the points below it. */
enum prune_verdict prune_path(const struct prune *, const char *path,
    size_t len, struct prune_range *ret_below);
/* By points, of a name in a directory with this range and path length. */
enum prune_verdict prune_child(const struct prune *, struct prune_range,
    size_t dir_len, const char *name, size_t len,
    struct prune_range *ret_below);
/* By name, of a directory. */
bool prune_name(const struct prune *, const char *name, size_t len);

/* ---- nodes and batches ---- */

/* What tells a directory that was read from one that has changed since. */
struct stamp {
	uint64_t dev, ino;
	int64_t mtime, ctime; /* ns since 1970 */
	int64_t began;	      /* ns: before it was opened to be read */
};

struct ancestor {
	uint64_t dev, ino;
};

enum node_kind { NODE_DIR, NODE_PART, NODE_KNOWN };
enum node_state { NODE_WAITING, NODE_TAKEN, NODE_READY };

struct node {
	/* guarded by walk.lock */
	struct node *prev, *next;	    /* in the list, until READY */
	struct node *open_prev, *open_next; /* in the list of open ones */
	enum node_state state;
	int fd;		   /* open for sub-directories and parts, or -1 */
	unsigned pins;	   /* fd may not be closed */
	unsigned unopened; /* sub-directories whose work is not done */
	struct node *part; /* the next part of the same */
	/* set before it is in the list */
	enum node_kind kind;
	bool lookup;	     /* its sub-directories may be in the cache: the
				   consumer makes their nodes */
	struct node *parent; /* of a DIR; NULL: opened by path. Of a PART
				   the directory itself */
	const char *name;    /* borrowed from the parent's batch; the whole
				   path where there is no parent */
	size_t len;
	size_t path_len;
	struct prune_range prune;
	const struct ancestor *above; /* where there is no parent */
	size_t n_above;
	struct batch *home;  /* owned: that holds nothing but this node */
	struct names *names; /* owned: of a PART */
	/* set by the node's work; of a DIR in a full walk, dev and ino by its
	 * parent's work */
	struct stamp stamp;
	bool maybe_mount;
	int error;	     /* why it could not be read */
	bool absent;	     /* vanished, or a loop: nothing to tell */
	struct batch *batch; /* owned */
};

struct dent {
	struct entry entry;
	const char *name;
	struct node *child; /* NULL where not entered, or node.lookup */
	uint16_t len;
	bool enter; /* a directory that nothing prunes */
	bool pruned;
	int error; /* of the stat */
};

enum known_state {
	KNOWN_SAME, /* need not be read */
	KNOWN_READ, /* by its node */
	KNOWN_ABSENT,
	KNOWN_ERROR,
	KNOWN_PRUNED,
};

/* A directory that the scan cache knows. */
struct known {
	const char *path;
	size_t len;
	enum known_state state;
	int error;
	bool stamped;
	bool maybe_mount;
	struct stamp stamp; /* as remembered */
	struct node *node;  /* of KNOWN_READ; owned through its home */
};

/* One allocation: this, its arrays, their bytes. */
struct batch {
	struct batch *prev, *next; /* all that are published; walk.lock */
	size_t bytes;
	struct dent *dent;
	size_t n_dent;
	struct node *node;
	size_t n_node;
	struct known *known;
	size_t n_known;
	char *data;
};

struct batch *batch_new(size_t n_dent, size_t n_node, size_t n_known,
    size_t data); /* zeroed but for data; NULL without memory */
/* A batch with one node, opened by this path. */
struct node *node_by_path(const struct walk *, const char *path, size_t len,
    const struct ancestor *above, size_t n_above);

/* What a thread needs to read a directory; kept from one to the next. */
struct room {
	char *raw; /* getdents64 records */
	size_t raw_len, raw_cap;
	struct name_ref *refs;
	size_t refs_cap;
	struct dent *dents;
	struct looked *looked;
	size_t dents_cap;
	struct buf bytes, targets;
};

void room_done(struct room *);

/* ---- looking (walk_look.c) ---- */

void stamp_from(struct stamp *, const struct statx *);
void entry_from_statx(struct entry *, const struct statx *);
/* Where another file system, or another part of one, may begin. */
bool is_maybe_mount(const struct statx *, uint64_t dir_dev);
/* Whether this directory is above n. */
bool is_above(const struct node *n, struct ancestor);
size_t child_path_len(const struct node *dir, size_t name_len);
/* Look at these names of an open directory and make their batch. */
int look_at_all(struct walk *, struct node *dir, int fd,
    const struct name_ref *, size_t n, struct room *, struct batch **ret,
    struct err *);

/* The work of a node, outside the lock. What cannot be read or has vanished is
 * told in the node; a failure is one that ends the walk. */
int node_read_dir(
    struct walk *, struct node *, int parent_fd, struct room *, struct err *);
int node_read_part(struct walk *, struct node *, struct room *, struct err *);
int node_read_known(struct walk *, struct node *, struct room *, struct err *);

/* ---- the scan cache (walk_cache_*.c) ---- */

struct cache_record {
	const char *path; /* valid until the next call */
	size_t len;
	bool stamped; /* it was read, and times tell of changes */
	struct stamp stamp;
};

struct cache_reader;
/* 0 with a reader that has proved the whole file, or NULL where there is none
 * to use: missing, damaged, written for another key. */
int cache_open(struct cache_reader **ret, const char *path,
    const struct buf *key, struct err *);
/* The same of an open file, which it takes. */
int cache_open_fd(
    struct cache_reader **ret, int fd, const struct buf *key, struct err *err);
/* 0, 1 at the end, or an error: it could not be read. */
int cache_next(struct cache_reader *, struct cache_record *, struct err *);
void cache_close(struct cache_reader *);

struct cache_writer;
/* Writes beside `path`. */
int cache_create(struct cache_writer **ret, const char *path, struct err *);
int cache_add(struct cache_writer *, const struct cache_record *, struct err *);
/* In place of `path`. */
int cache_commit(struct cache_writer *, const struct buf *key, struct err *);
void cache_abort(struct cache_writer *); /* frees */

/* Whether a directory remembered as `was` need not be read again. Times are
 * coarse: what changed it less than settled_ns before that reading may have
 * gone on unseen. */
bool stamp_holds(const struct stamp *was, const struct stamp *is, int64_t now,
    int64_t settled_ns);

/* ---- opening (walk_open.c) ---- */

/* One component below dirfd to be read, O_NOATIME where allowed; -1, errno. */
int open_child(int dirfd, const char *name);
/* A path of any length below dirfd ("" is dirfd itself); no link is followed
 * anywhere. flags: O_RDONLY or O_PATH. */
int open_below(int dirfd, const char *path, size_t len, int flags);
/* The same where the kernel has no openat2. */
int open_steps(int dirfd, const char *path, size_t len, int flags);

/* ---- the walk ---- */

struct frame {
	struct node *dir; /* NULL: unchanged, its sub-directories are the
				   cache's next records */
	struct node *at;  /* whose batch is being given: dir or a part */
	size_t i;	  /* the next of its entries */
	size_t path_len;
	struct ancestor id;
	bool keeps_times; /* its file system has ordinary times */
};

struct walk {
	/* constant */
	const struct scope *scope;
	bool names_only;
	char *tmpdir; /* owned */
	volatile const int *stop;
	struct walk_limits limits;
	struct prune prune;
	size_t skip; /* of a path: the root's part, with its '/' */
	int root_fd;
	int64_t now; /* when the walk began */

	pthread_mutex_t lock;
	pthread_cond_t work;  /* for workers */
	pthread_cond_t ready; /* for the consumer */
	/* guarded by lock */
	struct node list;     /* sentinel */
	struct node open;     /* sentinel; open longest first */
	struct batch batches; /* sentinel */
	unsigned n_open;
	unsigned running; /* workers that have not ended */
	unsigned idle;	  /* workers that wait */
	size_t bytes;	  /* of batches and names */
	bool quit;
	struct node *wanted; /* that the consumer waits for */
	struct err fail;     /* the first failure that ends the walk */

	pthread_t *threads; /* owned */
	unsigned n_threads;

	/* the consumer's own */
	struct room room;
	struct stamp root_stamp;
	struct frame *frame; /* owned stack */
	size_t depth, frame_cap;
	struct buf path;     /* of the entry just given */
	struct dent last;    /* the entry just given */
	struct known *known; /* where the cache knows it */
	enum { NEXT_ROOT, NEXT_UNSTATTED, NEXT_ENTER, NEXT_ENTRY } next;

	/* with a scan cache */
	struct buf key;		     /* of the scope */
	struct cache_writer *writer; /* the consumer's */
	struct cache_reader *cache;  /* of the one KNOWN node at work */
	struct node *cursor; /* the consumer's: a KNOWN node and an index */
	size_t cursor_i;
};

/* walk_queue.c */
int queue_start(struct walk *, struct err *);
/* False after a stop when a worker still hangs in the kernel. */
bool queue_stop(struct walk *);
void queue_free(struct walk *);
/* The consumer: in front of all others. */
void queue_first(struct walk *, struct node *);
/* A node's work: the next part, after its own node. */
void queue_more(struct walk *, struct node *, struct node *part);
/* The consumer: until its work is done; or ERR_CANCELLED, or what failed. */
int queue_need(struct walk *, struct node *, struct err *);
/* The consumer: nobody will want it. */
void queue_discard(struct walk *, struct node *);
void queue_release(struct walk *, struct batch *); /* NULL is fine */

/* walk_fds.c; all under the lock but fds_parent */
void fds_add(struct walk *, struct node *);
/* Closes node->fd when nothing needs it any more. */
void fds_settle(struct walk *, struct node *);
/* Close half of those that may be closed. */
void fds_relieve(struct walk *);
/* Open a directory again that was closed to spare descriptors; outside the
 * lock, pinned. -1 and errno, ENOENT too where another is there now. */
int fds_reopen(struct walk *, struct node *);

/* walk_known.c */
int known_start(struct walk *, const struct walk_options *, struct err *);
/* The record of this path, if the cache has one, or NULL; passes over those
 * before it. Valid until the next call. */
int known_find(struct walk *, const char *path, size_t len, struct known **ret,
    struct err *);
/* The next sub-directory of an unchanged directory, or NULL. */
int known_child(struct walk *, const char *dir, size_t len, struct known **ret,
    struct err *);
/* Note the directory of the path just given in the new cache. NULL: nothing
 * is known of it. */
int known_note(struct walk *, const struct stamp *, struct err *);
bool known_keeps_times(const struct walk *, const char *path, size_t len);

#endif
