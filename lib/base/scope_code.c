/*
 * A scope as bytes:
 *
 *   byte     version, 1
 *   byte     flags: 1 prune_bind_mounts
 *   string   root
 *   list     prunefs
 *   list     prunenames
 *   list     prunepaths
 *   list     pruned_mounts
 *   varint   number of mounts, then for each
 *              string point, string fstype, string source, string root
 *
 * A string is a varint length and its bytes, no NUL; a list a varint number
 * and strings. Varints are as short as they can be. At most SCOPE_BYTES_MAX.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/scope.h"
#include "base/path.h"

#include <stdlib.h>
#include <string.h>

#define VERSION 1
#define FLAG_BIND 1

static int
put_string(struct buf *b, const char *s)
{
	size_t len = strlen(s);

	return buf_add_varint(b, len) != 0 || buf_add(b, s, len) != 0 ? -1 : 0;
}

static int
put_list(struct buf *b, const struct strlist *list)
{
	if (buf_add_varint(b, list->n) != 0)
		return -1;
	for (size_t i = 0; i < list->n; i++)
		if (put_string(b, list->item[i]) != 0)
			return -1;
	return 0;
}

static int
put_scope(struct buf *b, const struct scope *s)
{
	if (buf_add_byte(b, VERSION) != 0 ||
	    buf_add_byte(b, s->prune_bind_mounts ? FLAG_BIND : 0) != 0 ||
	    put_string(b, s->root == NULL ? "/" : s->root) != 0 ||
	    put_list(b, &s->prunefs) != 0 || put_list(b, &s->prunenames) != 0 ||
	    put_list(b, &s->prunepaths) != 0 ||
	    put_list(b, &s->pruned_mounts) != 0 ||
	    buf_add_varint(b, s->n_mounts) != 0)
		return -1;
	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct scope_mount *m = &s->mounts[i];

		if (put_string(b, m->point) != 0 ||
		    put_string(b, m->fstype) != 0 ||
		    put_string(b, m->source) != 0 ||
		    put_string(b, m->root) != 0)
			return -1;
	}
	return 0;
}

int
scope_encode(const struct scope *s, struct buf *b)
{
	size_t before = b->len;

	if (put_scope(b, s) == 0 && b->len - before <= SCOPE_BYTES_MAX)
		return 0;
	b->len = before;
	return -1;
}

/* A string, NUL-terminated and to be freed; NULL when bad (the reader says so)
 * or out of memory. */
static char *
get_string(struct reader *r)
{
	uint64_t len = reader_varint(r);
	const uint8_t *p;

	if (len > SCOPE_BYTES_MAX ||
	    (p = reader_bytes(r, (size_t)len)) == NULL ||
	    memchr(p, '\0', (size_t)len) != NULL) {
		r->bad = true;
		return NULL;
	}
	return strndup((const char *)p, (size_t)len);
}

static bool
is_path(const char *s)
{
	return path_is_valid(s, strlen(s));
}

static bool
is_name(const char *s)
{
	return *s != '\0' && strchr(s, '/') == NULL;
}

static bool
is_fstype(const char *s)
{
	for (const char *p = s; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			return false;
	return *s != '\0';
}

static int
get_list(struct reader *r, struct strlist *list, bool (*is_valid)(const char *))
{
	uint64_t n = reader_varint(r);

	for (; n > 0 && !r->bad; n--) {
		char *s = get_string(r);
		int rc;

		if (s == NULL)
			return -1;
		rc = strlist_add(list, s, strlen(s));
		r->bad |= !is_valid(s);
		free(s);
		if (rc != 0)
			return -1;
	}
	return r->bad ? -1 : 0;
}

static int
get_mount(struct reader *r, struct scope *s)
{
	char *f[4] = { 0 };
	int rc = -1;

	for (size_t i = 0; i < 4; i++)
		if ((f[i] = get_string(r)) == NULL)
			goto done;
	if (!is_path(f[0]))
		r->bad = true;
	else
		rc = scope_add_mount(s, f[0], f[1], f[2], f[3]);
done:
	for (size_t i = 0; i < 4; i++)
		free(f[i]);
	return rc;
}

static int
get_scope(struct reader *r, struct scope *s)
{
	uint8_t flags = reader_byte(r);
	uint64_t n;

	s->prune_bind_mounts = flags & FLAG_BIND;
	r->bad |= (flags & ~FLAG_BIND) != 0;
	if ((s->root = get_string(r)) == NULL)
		return -1;
	r->bad |= !is_path(s->root);
	if (get_list(r, &s->prunefs, is_fstype) != 0 ||
	    get_list(r, &s->prunenames, is_name) != 0 ||
	    get_list(r, &s->prunepaths, is_path) != 0 ||
	    get_list(r, &s->pruned_mounts, is_path) != 0)
		return -1;
	for (n = reader_varint(r); n > 0 && !r->bad; n--)
		if (get_mount(r, s) != 0)
			return -1;
	r->bad |= reader_left(r) != 0;
	return r->bad ? -1 : 0;
}

int
scope_decode(struct scope *ret, const void *data, size_t len, struct err *err)
{
	struct reader r = reader_of(data, len);
	struct scope s = { 0 };
	struct buf again = { 0 };
	uint8_t version;

	if (len > SCOPE_BYTES_MAX)
		return err_set(err, ERR_FORMAT,
		    "scope of %zu bytes, more than %zu", len, SCOPE_BYTES_MAX);
	version = reader_byte(&r);
	if (version > VERSION)
		return err_set(err, ERR_VERSION,
		    "scope of version %u, newer than this program reads",
		    version);
	if (version != VERSION)
		r.bad = true;
	if (r.bad || get_scope(&r, &s) != 0) {
		int rc = r.bad ? err_set(err, ERR_FORMAT, "malformed scope") :
				 err_nomem(err);

		scope_done(&s);
		return rc;
	}
	/* One scope has one encoding: long varints are not let in. */
	if (put_scope(&again, &s) != 0) {
		scope_done(&s);
		buf_done(&again);
		return err_nomem(err);
	}
	if (again.len != len || memcmp(again.data, data, len) != 0) {
		scope_done(&s);
		buf_done(&again);
		return err_set(err, ERR_FORMAT, "malformed scope");
	}
	buf_done(&again);
	*ret = s;
	return 0;
}
