/*
 * The header of a plocate.db, and what stands in one place.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plocate.h"

#include "base/path.h"

#include <string.h>

#define HEADER_SIZE 112
#define HEADER_SIZE_0 40
#define UNFINISHED UINT32_MAX
#define SWAPPED_1 0x01000000u
#define SETTINGS_MAX ((uint64_t)1024 * 1024)

static int
check_version(uint32_t version, struct err *err)
{
	if (version == UNFINISHED)
		return err_set(err, ERR_FORMAT,
		    "an unfinished database of plocate: its updatedb did not "
		    "come to its end");
	if (version == SWAPPED_1)
		return err_set(err, ERR_VERSION,
		    "a database of plocate from a host of the other byte "
		    "order");
	if (version > 1)
		return err_set(err, ERR_VERSION,
		    "a database of plocate of version %u", version);
	return 0;
}

static int
read_dictionary(struct plocate *p, uint32_t len, uint64_t off, struct err *err)
{
	struct buf b = { 0 };
	int rc;

	if (len > PLOCATE_DICTIONARY_MAX)
		return err_set(
		    err, ERR_FORMAT, "a dictionary of %u bytes", len);
	if (buf_reserve(&b, len) != 0)
		return err_nomem(err);
	if ((rc = db_read_at(&p->in, b.data, len, off, err)) == 0 &&
	    !zunpack_dictionary(p->z, b.data, len))
		rc = err_set(err, ERR_FORMAT, "a dictionary that is none");
	buf_done(&b);
	return rc;
}

/* Variables, each a name and its values with a NUL behind them, and one more
 * behind the last value. */
static int
take_pruned(struct plocate *p, struct reader r, struct err *err)
{
	bool wanted = false, name = true;

	while (reader_left(&r) > 0) {
		const uint8_t *word = r.p;
		size_t len = strnlen((const char *)word, reader_left(&r));

		if (reader_bytes(&r, len + 1) == NULL)
			return err_set(
			    err, ERR_FORMAT, "settings that cannot be read");
		if (name) {
			wanted = strcmp((const char *)word, "prunepaths") == 0;
			name = false;
		} else if (len == 0)
			name = true;
		else if (wanted && buf_add(&p->pruned, word, len + 1) != 0)
			return err_nomem(err);
	}
	return 0;
}

static int
read_settings(struct plocate *p, uint64_t len, uint64_t off, struct err *err)
{
	struct buf b = { 0 };
	int rc;

	if (len > SETTINGS_MAX)
		return err_set(err, ERR_FORMAT, "settings of %llu bytes",
		    (unsigned long long)len);
	if (buf_reserve(&b, (size_t)len) != 0)
		return err_nomem(err);
	if ((rc = db_read_at(&p->in, b.data, (size_t)len, off, err)) == 0)
		rc = take_pruned(p, reader_of(b.data, (size_t)len), err);
	buf_done(&b);
	return rc;
}

/* What later versions added: an old file has other bytes there. */
static int
read_rest(struct plocate *p, const uint8_t *head, struct err *err)
{
	uint8_t h[HEADER_SIZE] = { 0 };
	uint32_t newest = load_u32(head + 40);
	uint32_t dictionary = load_u32(head + 44);
	int rc;

	if (dictionary > 0 &&
	    (rc = read_dictionary(p, dictionary, load_u64(head + 48), err)) !=
		0)
		return rc;
	if (newest < 2)
		return 0;
	if ((rc = db_read_at(&p->in, h, sizeof(h), 0, err)) != 0 ||
	    (rc = plocate_times_open(&p->times, p->in.fd, load_u64(h + 56),
		 load_u64(h + 64), err)) != 0)
		return rc;
	if (!plocate_has_times(p))
		return 0;
	return read_settings(p, load_u64(h + 88), load_u64(h + 96), err);
}

static int
read_header(struct plocate *p, struct err *err)
{
	uint8_t h[HEADER_SIZE_0 + 16] = { 0 }, last[8];
	uint32_t version;
	int rc;

	if ((rc = db_read_at(&p->in, h, HEADER_SIZE_0, 0, err)) != 0)
		return rc;
	version = load_u32(h + 8);
	if (memcmp(h, PLOCATE_MAGIC, 8) != 0)
		return err_set(err, ERR_FORMAT, "not a database of plocate");
	if ((rc = check_version(version, err)) != 0)
		return rc;
	p->blocks = load_u32(h + 20);
	p->index_off = load_u64(h + 32);
	if (p->blocks == 0)
		return err_set(err, ERR_FORMAT, "an empty database of plocate");
	if (p->index_off > INT64_MAX - ((uint64_t)p->blocks + 1) * 8)
		return err_set(err, ERR_FORMAT, "an index that is nowhere");
	if ((rc = db_read_at(&p->in, last, sizeof(last),
		 p->index_off + (uint64_t)p->blocks * 8, err)) != 0)
		return rc;
	if (version == 0)
		return 0;
	if ((rc = db_read_at(&p->in, h, sizeof(h), 0, err)) != 0)
		return rc;
	return read_rest(p, h, err);
}

int
plocate_open(struct plocate *p, int fd, const struct lookback_limits *limits,
    struct err *err)
{
	int rc;

	*p = (struct plocate){ .in.fd = fd, .index.fd = fd, .limits = limits };
	if ((p->z = zunpack_new()) == NULL)
		return err_nomem(err);
	if ((rc = read_header(p, err)) == 0)
		db_input_seek(&p->index, p->index_off);
	else
		plocate_done(p);
	return rc;
}

void
plocate_done(struct plocate *p)
{
	db_tree_done(&p->tree);
	plocate_times_done(&p->times);
	db_input_done(&p->in);
	db_input_done(&p->index);
	zunpack_free(p->z);
	p->z = NULL;
	buf_done(&p->text);
	buf_done(&p->pruned);
	buf_done(&p->dir);
}

bool
plocate_has_times(const struct plocate *p)
{
	return p->times.z != NULL;
}
