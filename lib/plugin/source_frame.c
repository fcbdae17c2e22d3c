/*
 * Frames between a source's process and ours, written and read.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plugin/source_private.h"

#include <limits.h>
#include <string.h>

#include "base/path.h"

enum about_flag {
	ABOUT_ORDERED = 1,
	ABOUT_ADDITIVE = 2,
	ABOUT_DATE = 4,
};
enum piece_flag {
	PIECE_LAST = 1,
	PIECE_FAILS = 2,
	PIECE_MTIME = 4,
	PIECE_SAME = 8,
};

/* ---- writing ---- */

/* Begin a frame; its length follows when it is whole. */
static int
begin(struct buf *b, enum frame type)
{
	return buf_add_byte(b, (uint8_t)type) != 0 || buf_add_u32(b, 0) != 0 ?
	    -1 :
	    0;
}

static int
end(struct buf *b, size_t begun, int bad)
{
	uint32_t len;

	if (bad != 0) {
		b->len = begun;
		return -1;
	}
	len = htole32((uint32_t)(b->len - begun - FRAME_HEAD));
	memcpy(b->data + begun + 1, &len, sizeof(len));
	return 0;
}

static int
add_words(struct buf *b, const char *words)
{
	return words != NULL ? buf_add(b, words, strnlen(words, WORDS_MAX)) : 0;
}

int
frame_about(struct buf *b, const struct lookback_about *a)
{
	size_t begun = b->len;
	unsigned flags = (a->ordered ? ABOUT_ORDERED : 0u) |
	    (a->additive ? ABOUT_ADDITIVE : 0u) |
	    (a->has_date ? ABOUT_DATE : 0u);

	return end(b, begun,
	    begin(b, FRAME_ABOUT) || buf_add_varint(b, a->fields) ||
		buf_add_varint(b, flags) ||
		buf_add_varint(b, zigzag(a->date_ns)) ||
		add_words(b, a->format));
}

static int
add_entry(struct buf *b, const struct lookback_item *i)
{
	uint32_t f = i->fields;

	return ((f & LOOKBACK_TYPE) && buf_add_byte(b, (uint8_t)i->type)) ||
	    ((f & LOOKBACK_MODE) && buf_add_varint(b, i->mode)) ||
	    ((f & LOOKBACK_OWNER) &&
		(buf_add_varint(b, i->uid) || buf_add_varint(b, i->gid))) ||
	    ((f & LOOKBACK_SIZE) && buf_add_varint(b, i->bytes)) ||
	    ((f & LOOKBACK_MTIME) &&
		(buf_add_varint(b, zigzag(i->mtime)) ||
		    buf_add_varint(b, i->mtime_ns))) ||
	    ((f & LOOKBACK_TARGET) &&
		(buf_add_varint(b, i->target_len) ||
		    buf_add(b, i->target, i->target_len)));
}

int
frame_item(struct buf *b, const struct lookback_item *i)
{
	size_t begun = b->len;
	bool is_entry = i->kind == LOOKBACK_ENTRY;

	return end(b, begun,
	    begin(b, FRAME_ITEM) || buf_add_varint(b, i->kind) ||
		buf_add_varint(b, is_entry ? i->fields : 0) ||
		buf_add_varint(b, i->len) || buf_add(b, i->path, i->len) ||
		(is_entry ? add_entry(b, i) :
			    buf_add_varint(b, (uint32_t)i->error) ||
			    add_words(b, i->why)));
}

int
frame_piece(struct buf *b, size_t i, const struct lookback_piece *p)
{
	size_t begun = b->len;
	bool whole = p->last && p->why == NULL;
	bool timed = whole && p->has_mtime, same = whole && p->same != 0;
	unsigned flags = (p->last ? PIECE_LAST : 0u) |
	    (p->why != NULL ? PIECE_FAILS : 0u) | (timed ? PIECE_MTIME : 0u) |
	    (same ? PIECE_SAME : 0u);

	return end(b, begun,
	    begin(b, FRAME_PIECE) || buf_add_varint(b, i) ||
		buf_add_varint(b, p->offset) || buf_add_varint(b, flags) ||
		(timed &&
		    (buf_add_varint(b, zigzag(p->mtime)) ||
			buf_add_varint(b, p->mtime_ns))) ||
		(same && buf_add_varint(b, p->same)) ||
		(p->why != NULL ? buf_add_varint(b, (uint32_t)p->error) ||
			    add_words(b, p->why) :
				  buf_add(b, p->data, p->len)));
}

int
frame_log(struct buf *b, uint32_t level, const char *words)
{
	size_t begun = b->len;

	return end(b, begun,
	    begin(b, FRAME_LOG) || buf_add_varint(b, level) ||
		add_words(b, words));
}

int
frame_sign(struct buf *b)
{
	return begin(b, FRAME_SIGN);
}

int
frame_end(struct buf *b)
{
	return begin(b, FRAME_END);
}

int
frame_failure(struct buf *b, const struct err *err)
{
	char text[WORDS_MAX];
	size_t begun = b->len;

	return end(b, begun,
	    begin(b, FRAME_FAILURE) || buf_add_varint(b, zigzag(err->code)) ||
		buf_add_varint(b, (uint32_t)err->sys) ||
		add_words(b, err_text(err, text, sizeof(text))));
}

/* ---- reading ---- */

/* What the frames of a sound process never are. */
static int
lies(struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, "its process says nonsense: %s", what);
}

void
frame_words(struct reader *r, char ret[static WORDS_MAX])
{
	size_t len = reader_left(r);

	if (len > WORDS_MAX - 1)
		len = WORDS_MAX - 1;
	memcpy(ret, r->p, len);
	ret[len] = '\0';
	for (char *p = ret; p < ret + len; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	r->p = r->end;
}

/* A positive errno; 0 for what none is. */
static int
take_errno(struct reader *r)
{
	uint64_t n = reader_varint(r);

	return n < 4096 ? (int)n : 0;
}

int
frame_read_about(struct reader r, struct lookback_about *ret,
    char format[static WORDS_MAX], struct err *err)
{
	uint64_t fields = reader_varint(&r), flags = reader_varint(&r);
	int64_t date = unzigzag(reader_varint(&r));

	if (r.bad || fields > ENTRY_ALL)
		return lies(err, "about itself");
	frame_words(&r, format);
	*ret = (struct lookback_about){
		.size = sizeof(*ret),
		.fields = (uint32_t)fields,
		.ordered = flags & ABOUT_ORDERED,
		.additive = flags & ABOUT_ADDITIVE,
		.has_date = flags & ABOUT_DATE,
		.date_ns = date,
		.format = format,
	};
	return 0;
}

static void
read_entry(struct reader *r, struct entry *e)
{
	uint64_t mode = 0, uid = 0, gid = 0, ns = 0, len;

	if (e->fields & ENTRY_TYPE)
		e->type = (char)reader_byte(r);
	if (e->fields & ENTRY_MODE)
		mode = reader_varint(r);
	if (e->fields & ENTRY_OWNER) {
		uid = reader_varint(r);
		gid = reader_varint(r);
	}
	if (e->fields & ENTRY_SIZE)
		e->size = reader_varint(r);
	if (e->fields & ENTRY_MTIME) {
		e->mtime = unzigzag(reader_varint(r));
		ns = reader_varint(r);
	}
	if (e->fields & ENTRY_TARGET) {
		len = reader_varint(r);
		if (len > ENTRY_TARGET_MAX)
			r->bad = true;
		e->target_len = r->bad ? 0 : (uint32_t)len;
		e->target = (const char *)reader_bytes(r, e->target_len);
	}
	if (mode > UINT16_MAX || uid > UINT32_MAX || gid > UINT32_MAX ||
	    ns > UINT32_MAX)
		r->bad = true;
	e->mode = (uint16_t)mode;
	e->uid = (uint32_t)uid;
	e->gid = (uint32_t)gid;
	e->mtime_ns = (uint32_t)ns;
}

int
frame_read_item(struct reader r, struct source_item *ret,
    char words[static WORDS_MAX], struct err *err)
{
	uint64_t kind = reader_varint(&r), fields = reader_varint(&r);
	uint64_t len = reader_varint(&r);

	*ret = (struct source_item){ .why = "" };
	if (kind < LOOKBACK_ENTRY || kind > LOOKBACK_OUTSIDE ||
	    fields > ENTRY_ALL || len > reader_left(&r))
		return lies(err, "of an item");
	ret->kind = (uint32_t)kind;
	ret->len = (size_t)len;
	ret->path = (const char *)reader_bytes(&r, ret->len);
	if (ret->path == NULL || !path_is_valid(ret->path, ret->len))
		return lies(err, "no path");
	if (kind == LOOKBACK_ENTRY) {
		ret->entry.fields = (uint8_t)fields;
		read_entry(&r, &ret->entry);
	} else {
		ret->error = take_errno(&r);
		frame_words(&r, words);
		ret->why = words;
	}
	if (r.bad || reader_left(&r) > 0 || !entry_is_valid(&ret->entry))
		return lies(err, "of an entry");
	return 0;
}

int
frame_read_piece(struct reader r, size_t n, size_t *ret_i,
    struct lookback_piece *ret, char words[static WORDS_MAX], struct err *err)
{
	uint64_t i = reader_varint(&r), offset = reader_varint(&r);
	uint64_t flags = reader_varint(&r), ns = 0, same = 0;
	int64_t mtime = 0;
	size_t len;

	if (flags & PIECE_MTIME) {
		mtime = unzigzag(reader_varint(&r));
		ns = reader_varint(&r);
	}
	if (flags & PIECE_SAME)
		same = reader_varint(&r);
	len = reader_left(&r);
	if (r.bad || i >= n || len > PIECE_MAX || offset > INT64_MAX - len ||
	    ns > 999999999)
		return lies(err, "of content");
	if ((flags & (PIECE_MTIME | PIECE_SAME)) &&
	    (!(flags & PIECE_LAST) || (flags & PIECE_FAILS)))
		return lies(err, "a time or a number of what is not whole");
	*ret_i = (size_t)i;
	*ret = (struct lookback_piece){ .size = sizeof(*ret),
		.offset = offset,
		.data = r.p,
		.len = len,
		.last = flags & PIECE_LAST,
		.has_mtime = flags & PIECE_MTIME,
		.mtime = mtime,
		.mtime_ns = (uint32_t)ns,
		.same = same };
	if (flags & PIECE_FAILS) {
		ret->error = take_errno(&r);
		frame_words(&r, words);
		ret->why = words;
		ret->data = NULL;
		ret->len = 0;
	}
	return 0;
}

int
frame_read_failure(struct reader r, struct err *err)
{
	char words[WORDS_MAX];
	int64_t code = unzigzag(reader_varint(&r));
	int number = take_errno(&r);

	/* Only we are asked to stop. */
	if (r.bad || code >= ERR_OK || code < ERR_VERSION ||
	    code == ERR_CANCELLED)
		return lies(err, "of a failure");
	frame_words(&r, words);
	/* It ran out of what it may have, which is no reason for us to end. */
	if (code == ERR_NOMEM)
		code = ERR_REFUSED;
	(void)err_set(err, (int)code, "%s", words);
	err->sys = number;
	return (int)code;
}
