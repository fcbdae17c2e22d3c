/*
 * Looking at the entries of a directory, and the batch that they make.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/walk_private.h"

#include "base/when.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_FLAGS (AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC)
#define LOOK_MASK                                                       \
	(STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID | STATX_SIZE | \
	    STATX_MTIME | STATX_INO)

/* What is known of an entry beside its dent. */
struct looked {
	struct prune_range below;
	struct ancestor id;
	bool maybe_mount;
};

static int64_t
stamp_time(const struct statx_timestamp *t)
{
	return t->tv_sec * NS_PER_S + t->tv_nsec;
}

void
stamp_from(struct stamp *stamp, const struct statx *st)
{
	stamp->dev = (uint64_t)st->stx_dev_major << 32 | st->stx_dev_minor;
	stamp->ino = st->stx_ino;
	stamp->mtime = stamp_time(&st->stx_mtime);
	stamp->ctime = stamp_time(&st->stx_ctime);
}

bool
is_maybe_mount(const struct statx *st, uint64_t dir_dev)
{
	uint64_t dev = (uint64_t)st->stx_dev_major << 32 | st->stx_dev_minor;

	return dev != dir_dev ||
	    !(st->stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) ||
	    (st->stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

bool
is_above(const struct node *n, struct ancestor id)
{
	for (; n->parent != NULL; n = n->parent)
		if (n->parent->stamp.dev == id.dev &&
		    n->parent->stamp.ino == id.ino)
			return true;
	for (size_t i = 0; i < n->n_above; i++)
		if (n->above[i].dev == id.dev && n->above[i].ino == id.ino)
			return true;
	return false;
}

struct batch *
batch_new(size_t n_dent, size_t n_node, size_t n_known, size_t data)
{
	size_t bytes = sizeof(struct batch) + n_node * sizeof(struct node) +
	    n_dent * sizeof(struct dent) + n_known * sizeof(struct known);
	struct batch *b = malloc(bytes + data);
	char *p;

	if (b == NULL)
		return NULL;
	memset(b, 0, bytes);
	b->bytes = bytes + data;
	p = (char *)(b + 1);
	b->node = (struct node *)(void *)p;
	b->n_node = n_node;
	p += n_node * sizeof(struct node);
	b->dent = (struct dent *)(void *)p;
	b->n_dent = n_dent;
	p += n_dent * sizeof(struct dent);
	b->known = (struct known *)(void *)p;
	b->n_known = n_known;
	b->data = p + n_known * sizeof(struct known);
	for (size_t i = 0; i < n_node; i++)
		b->node[i].fd = -1;
	return b;
}

struct node *
node_by_path(const struct walk *w, const char *path, size_t len,
    const struct ancestor *above, size_t n_above)
{
	size_t size = n_above * sizeof(*above);
	struct batch *home = batch_new(0, 1, 0, size + len + 1);
	struct node *n;

	if (home == NULL)
		return NULL;
	n = home->node;
	n->home = home;
	if (size > 0)
		memcpy(home->data, above, size);
	n->above = (const struct ancestor *)(const void *)home->data;
	n->n_above = n_above;
	memcpy(home->data + size, path, len);
	home->data[size + len] = '\0';
	n->name = home->data + size;
	n->len = n->path_len = len;
	(void)prune_path(&w->prune, path, len, &n->prune);
	return n;
}

/* ---- one entry ---- */

static char
type_of_dtype(uint8_t dtype)
{
	return entry_type_of_mode((uint32_t)DTTOIF(dtype));
}

static void
set_type(struct entry *e, char type)
{
	e->type = type;
	if (type != '\0')
		e->fields |= ENTRY_TYPE;
}

void
entry_from_statx(struct entry *e, const struct statx *st)
{
	set_type(e, type_of_dtype((uint8_t)IFTODT(st->stx_mode)));
	if (st->stx_mask & STATX_MODE) {
		e->fields |= ENTRY_MODE;
		e->mode = st->stx_mode & 07777;
	}
	if ((st->stx_mask & (STATX_UID | STATX_GID)) ==
	    (STATX_UID | STATX_GID)) {
		e->fields |= ENTRY_OWNER;
		e->uid = st->stx_uid;
		e->gid = st->stx_gid;
	}
	if (st->stx_mask & STATX_SIZE) {
		e->fields |= ENTRY_SIZE;
		e->size = st->stx_size;
	}
	if ((st->stx_mask & STATX_MTIME) && st->stx_mtime.tv_nsec < NS_PER_S) {
		e->fields |= ENTRY_MTIME;
		e->mtime = st->stx_mtime.tv_sec;
		e->mtime_ns = st->stx_mtime.tv_nsec;
	}
}

/* The target goes behind those before it in room->targets. */
static int
read_target(int fd, const char *name, struct entry *e, struct room *room)
{
	ssize_t n;

	if (buf_reserve(&room->targets, PATH_MAX) != 0)
		return -1;
	n = readlinkat(
	    fd, name, (char *)room->targets.data + room->targets.len, PATH_MAX);
	/* Vanished, changed or longer than any: unobserved. */
	if (n < 0 || n >= PATH_MAX)
		return 0;
	e->fields |= ENTRY_TARGET;
	e->target_len = (uint32_t)n;
	room->targets.len += (size_t)n;
	return 0;
}

/* Fill the dent of a name: 0; 1 when it has vanished; -1 without memory. */
static int
look(struct walk *w, const struct node *dir, int fd, const struct name_ref *ref,
    struct dent *d, struct looked *l, struct room *room)
{
	enum prune_verdict verdict = PRUNE_ENTER;
	char type = type_of_dtype(ref->dtype);
	struct statx st;

	*d = (struct dent){ .name = ref->name, .len = ref->len };
	*l = (struct looked){ 0 };
	if (dir->prune.lo < dir->prune.hi)
		verdict = prune_child(&w->prune, dir->prune, dir->path_len,
		    ref->name, ref->len, &l->below);
	if (verdict == PRUNE_NOT_TOUCH) {
		set_type(&d->entry, type == '\0' ? 'd' : type);
		d->pruned = d->entry.type == 'd';
		return 0;
	}
	if (w->names_only && type != '\0') {
		set_type(&d->entry, type);
	} else if (statx(fd, ref->name, LOOK_FLAGS,
		       w->names_only ? STATX_TYPE :
				       STATX_BASIC_STATS &
			       ~(STATX_ATIME | STATX_BLOCKS | STATX_NLINK),
		       &st) == 0) {
		if (w->names_only)
			set_type(&d->entry,
			    type_of_dtype((uint8_t)IFTODT(st.stx_mode)));
		else
			entry_from_statx(&d->entry, &st);
		l->id.dev = (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor;
		l->id.ino = st.stx_ino;
		l->maybe_mount = is_maybe_mount(&st, dir->stamp.dev);
		if (d->entry.type == 'l' && !w->names_only &&
		    read_target(fd, ref->name, &d->entry, room) != 0)
			return -1;
	} else if (errno == ENOENT) {
		return 1;
	} else {
		d->error = errno;
		set_type(&d->entry, type);
	}
	if (d->entry.type != 'd')
		return 0;
	if (verdict == PRUNE_NOT_ENTER ||
	    prune_name(&w->prune, ref->name, ref->len))
		d->pruned = true;
	else
		d->enter = w->names_only || !l->maybe_mount ||
		    !(is_above(dir, l->id) ||
			(l->id.dev == dir->stamp.dev &&
			    l->id.ino == dir->stamp.ino));
	return 0;
}

/* ---- a batch ---- */

static int
room_for_dents(struct room *room, size_t n)
{
	struct dent *dents;
	struct looked *looked;

	if (n <= room->dents_cap)
		return 0;
	if ((dents = reallocarray(room->dents, n, sizeof(*dents))) == NULL)
		return -1;
	room->dents = dents;
	if ((looked = reallocarray(room->looked, n, sizeof(*looked))) == NULL)
		return -1;
	room->looked = looked;
	room->dents_cap = n;
	return 0;
}

size_t
child_path_len(const struct node *dir, size_t len)
{
	return (dir->path_len == 1 ? 1 : dir->path_len + 1) + len;
}

static struct batch *
make_batch(struct node *dir, size_t n, struct room *room)
{
	size_t n_node = 0, bytes = 0;
	struct batch *b;
	const char *target = (const char *)room->targets.data;
	struct node *child;
	char *p;

	for (size_t i = 0; i < n; i++) {
		bytes += (size_t)room->dents[i].len + 1;
		n_node += room->dents[i].enter && !dir->lookup;
	}
	if ((b = batch_new(n, n_node, 0, bytes + room->targets.len)) == NULL)
		return NULL;
	child = b->node;
	p = b->data;
	for (size_t i = 0; i < n; i++) {
		struct dent *d = &b->dent[i];
		const struct looked *l = &room->looked[i];

		*d = room->dents[i];
		memcpy(p, d->name, (size_t)d->len + 1);
		d->name = p;
		p += (size_t)d->len + 1;
		if (d->entry.target_len > 0) {
			memcpy(p, target, d->entry.target_len);
			d->entry.target = p;
			p += d->entry.target_len;
			target += d->entry.target_len;
		}
		if (!d->enter || dir->lookup)
			continue;
		d->child = child++;
		d->child->parent = dir;
		d->child->name = d->name;
		d->child->len = d->len;
		d->child->path_len = child_path_len(dir, d->len);
		d->child->prune = l->below;
		d->child->stamp.dev = l->id.dev;
		d->child->stamp.ino = l->id.ino;
		d->child->maybe_mount = l->maybe_mount;
	}
	return b;
}

int
look_at_all(struct walk *w, struct node *dir, int fd,
    const struct name_ref *refs, size_t n, struct room *room,
    struct batch **ret, struct err *err)
{
	size_t kept = 0;

	if (room_for_dents(room, n) != 0)
		return err_nomem(err);
	buf_clear(&room->targets);
	for (size_t i = 0; i < n; i++) {
		int rc = look(w, dir, fd, &refs[i], &room->dents[kept],
		    &room->looked[kept], room);

		if (rc < 0)
			return err_nomem(err);
		kept += rc == 0;
	}
	if ((*ret = make_batch(dir, kept, room)) == NULL)
		return err_nomem(err);
	return 0;
}
