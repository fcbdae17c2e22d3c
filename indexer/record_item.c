/*
 * Items on their way through the sort: what the path does not say. Of an entry
 * its fields, then those of it that are set; of a note the errno and why.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "record_private.h"

static int
encode_entry(struct buf *b, const struct entry *e)
{
	int bad = buf_add_byte(b, e->fields);

	if (e->fields & ENTRY_TYPE)
		bad |= buf_add_byte(b, (uint8_t)e->type);
	if (e->fields & ENTRY_MODE)
		bad |= buf_add_varint(b, e->mode);
	if (e->fields & ENTRY_OWNER)
		bad |= buf_add_varint(b, e->uid) | buf_add_varint(b, e->gid);
	if (e->fields & ENTRY_SIZE)
		bad |= buf_add_varint(b, e->size);
	if (e->fields & ENTRY_MTIME)
		bad |= buf_add_varint(b, zigzag(e->mtime)) |
		    buf_add_varint(b, e->mtime_ns);
	if (e->fields & ENTRY_TARGET)
		bad |= buf_add(b, e->target, e->target_len);
	return bad;
}

int
item_encode(struct buf *b, const struct source_item *item)
{
	if (item->kind == LOOKBACK_ENTRY)
		return encode_entry(b, &item->entry);
	/* With its NUL. */
	return buf_add_varint(b, zigzag(item->error)) |
	    buf_add(b, item->why, strlen(item->why) + 1);
}

static void
decode_entry(struct entry *e, struct reader *r)
{
	*e = (struct entry){ .fields = reader_byte(r) };
	if (e->fields & ENTRY_TYPE)
		e->type = (char)reader_byte(r);
	if (e->fields & ENTRY_MODE)
		e->mode = (uint16_t)reader_varint(r);
	if (e->fields & ENTRY_OWNER) {
		e->uid = (uint32_t)reader_varint(r);
		e->gid = (uint32_t)reader_varint(r);
	}
	if (e->fields & ENTRY_SIZE)
		e->size = reader_varint(r);
	if (e->fields & ENTRY_MTIME) {
		e->mtime = unzigzag(reader_varint(r));
		e->mtime_ns = (uint32_t)reader_varint(r);
	}
	if (e->fields & ENTRY_TARGET) {
		e->target_len = (uint32_t)reader_left(r);
		e->target = (const char *)reader_bytes(r, e->target_len);
	}
}

void
item_decode(struct source_item *ret, const struct itemsort_item *from)
{
	struct reader r = reader_of(from->data, from->size);

	*ret = (struct source_item){ .kind = from->kind,
		.path = from->path,
		.len = from->len,
		.why = "" };
	if (from->kind == LOOKBACK_ENTRY) {
		decode_entry(&ret->entry, &r);
		return;
	}
	ret->error = (int)unzigzag(reader_varint(&r));
	ret->why = (const char *)r.p;
}
