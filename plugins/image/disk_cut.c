/*
 * Whether an image was cut off, as one that is still being copied. qemu-nbd takes
 * what lies behind the end for zeroes: an empty disk, or files that hold nothing.
 * So the tables are gone through that say where in the file the disk's parts are.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "disk_file.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTOR 512u
#define CHUNK 4096u	      /* bytes of a first table at a time */
#define FIRST_MAX (32u << 20) /* bytes of a first table; qemu has no more */

static int
cut_off(struct err *err)
{
	return err_set(err, ERR_FORMAT, "the image is cut off");
}

static int
read_at(int fd, void *ret, size_t len, uint64_t off, struct err *err)
{
	ssize_t n;

	if (off > INT64_MAX - len)
		return cut_off(err);
	n = pread(fd, ret, len, (off_t)off);
	if (n < 0)
		return err_sys(err, "image");
	return (size_t)n == len ? 0 : cut_off(err);
}

/* Tables of two levels: entries of the first say where those of the second are,
 * and those where parts of the disk are, all of one size. */
struct map {
	int fd;
	uint64_t size; /* of the file */
	uint64_t first, n_first;
	size_t n_second;
	uint64_t part;	      /* bytes */
	uint64_t parts, last; /* of the disk; bytes of the last */
	size_t width;	      /* of an entry in the second */
	/* Where an entry leads in the file; 0: nowhere. `ret_packed`: what at least
	 * is there of a part that is compressed. */
	uint64_t (*of_first)(const uint8_t *);
	uint64_t (*of_second)(
	    const struct map *, const uint8_t *, uint64_t *ret_packed);
	size_t first_width;
	unsigned bits; /* of a cluster, for qcow2 */
};

static bool
is_in_file(
    const struct map *m, uint64_t at, uint64_t packed, uint64_t part_number)
{
	uint64_t need = part_number + 1 < m->parts ? m->part : m->last;

	if (part_number >= m->parts)
		need = 1;
	if (packed > 0)
		need = packed;
	return need <= m->size && at <= m->size - need;
}

static void
set_parts(struct map *m, uint64_t part, uint64_t disk)
{
	m->part = part;
	m->parts = disk / part + (disk % part != 0);
	m->last = disk % part != 0 ? disk % part : part;
}

static int
check_second(
    const struct map *m, const uint8_t *table, uint64_t begin, struct err *err)
{
	for (size_t i = 0; i < m->n_second; i++) {
		uint64_t packed = 0;
		uint64_t at = m->of_second(m, table + i * m->width, &packed);

		if (at != 0 && !is_in_file(m, at, packed, begin + i))
			return cut_off(err);
	}
	return 0;
}

/* Each table of the second level has its place in the file, so all of them are no
 * longer than that; more would be a lie. */
static int
check_map(const struct map *m, struct err *err)
{
	size_t bytes = m->n_second * m->width, n = CHUNK / m->first_width;
	uint64_t left = m->size / bytes + 1;
	uint8_t chunk[CHUNK], *table;
	int rc = 0;

	if (m->n_first > FIRST_MAX / m->first_width)
		return err_set(err, ERR_FORMAT, "the header is damaged");
	if ((table = malloc(bytes)) == NULL)
		return err_nomem(err);

	for (uint64_t i = 0; rc == 0 && i < m->n_first; i++) {
		uint64_t at, rest = m->n_first - i;

		if (i % n == 0 &&
		    (rc = read_at(m->fd, chunk,
			 (size_t)(rest < n ? rest : n) * m->first_width,
			 m->first + i * m->first_width, err)) != 0)
			break;
		at = m->of_first(chunk + i % n * m->first_width);
		if (at == 0)
			continue;
		if (left-- == 0)
			rc = err_set(err, ERR_FORMAT,
			    "the image has more tables than it could hold");
		else if ((rc = read_at(m->fd, table, bytes, at, err)) == 0)
			rc = check_second(m, table, i * m->n_second, err);
	}
	free(table);
	return rc;
}

/* ---- qcow2 ---- */

static uint64_t
qcow2_first(const uint8_t *p)
{
	return load_be64(p) & 0x00fffffffffffe00;
}

/* What is compressed begins anywhere, and ends somewhere in the last of some
 * sectors. */
static uint64_t
qcow2_second(const struct map *m, const uint8_t *p, uint64_t *ret_packed)
{
	uint64_t e = load_be64(p), at, sectors;
	unsigned bits = 62 - (m->bits - 8);

	if ((e & (1ull << 62)) == 0)
		return e & 0x00fffffffffffe00;
	at = e & ((1ull << bits) - 1);
	sectors = (e >> bits) & ((1ull << (m->bits - 8)) - 1);
	*ret_packed = sectors == 0 ? 1 : sectors * SECTOR - at % SECTOR + 1;
	return at;
}

int
cut_check_qcow2(int fd, uint64_t size, const uint8_t *h, struct err *err)
{
	struct map m = { .fd = fd,
		.size = size,
		.first = load_be64(h + 40),
		.n_first = be32toh(load_u32(h + 36)),
		.width = h[7] == 3 && (load_be64(h + 72) & 16) != 0 ? 16 : 8,
		.first_width = 8,
		.of_first = qcow2_first,
		.of_second = qcow2_second,
		.bits = be32toh(load_u32(h + 20)) };

	if (m.bits < 9 || m.bits > 21)
		return err_set(err, ERR_FORMAT, "the header is damaged");
	set_parts(&m, 1ull << m.bits, load_be64(h + 24));
	m.n_second = (size_t)m.part / m.width;
	return check_map(&m, err);
}

/* ---- vmdk, all in one file ---- */

#define PACKED 0x30000u /* parts are compressed and have markers */

static uint64_t
vmdk_first(const uint8_t *p)
{
	return (uint64_t)load_u32(p) * SECTOR;
}

/* 1 is a part of zeroes. */
static uint64_t
vmdk_second(const struct map *m, const uint8_t *p, uint64_t *ret_packed)
{
	uint64_t e = load_u32(p);

	(void)m;
	(void)ret_packed;
	return e == 1 ? 0 : e * SECTOR;
}

/* In front of what is compressed stands how much it is. */
static uint64_t
vmdk_second_packed(const struct map *m, const uint8_t *p, uint64_t *ret_packed)
{
	uint64_t at = vmdk_second(m, p, ret_packed);
	uint8_t marker[12];

	if (at == 0)
		return 0;
	*ret_packed = sizeof(marker);
	if (pread(m->fd, marker, sizeof(marker), (off_t)at) ==
	    (ssize_t)sizeof(marker))
		*ret_packed += load_u32(marker + 8);
	return at;
}

int
cut_check_vmdk(int fd, uint64_t size, const uint8_t *h, struct err *err)
{
	uint64_t grain = load_u64(h + 20), gd = load_u64(h + 56), all;
	struct map m = { .fd = fd,
		.size = size,
		.first = gd * SECTOR,
		.n_second = load_u32(h + 44),
		.width = 4,
		.first_width = 4,
		.of_first = vmdk_first,
		.of_second = (load_u32(h + 8) & PACKED) == PACKED ?
		    vmdk_second_packed :
		    vmdk_second };
	char footer[4];
	int rc;

	/* A stream, whose last but one sector says where all of it is. */
	if (gd == UINT64_MAX) {
		if (size < 2 * SECTOR)
			return cut_off(err);
		if ((rc = read_at(fd, footer, sizeof(footer), size - 2 * SECTOR,
			 err)) != 0)
			return rc;
		return memcmp(footer, "KDMV", 4) == 0 ? 0 : cut_off(err);
	}
	if (grain == 0 || grain > 1u << 18 || m.n_second == 0 ||
	    m.n_second > 512 || gd > INT64_MAX / SECTOR)
		return err_set(err, ERR_FORMAT, "the header is damaged");
	all = load_u64(h + 12);
	if (all > INT64_MAX / SECTOR)
		return err_set(err, ERR_FORMAT, "the header is damaged");
	set_parts(&m, grain * SECTOR, all * SECTOR);
	m.n_first = m.parts / m.n_second + (m.parts % m.n_second != 0);
	return check_map(&m, err);
}

/* ---- vdi ---- */

/* Parts are put one behind the other. */
int
cut_check_vdi(uint64_t size, const uint8_t *h, struct err *err)
{
	uint64_t end = load_u32(h + 344) +
	    (uint64_t)load_u32(h + 376) * load_u32(h + 388);

	return end <= size ? 0 : cut_off(err);
}
