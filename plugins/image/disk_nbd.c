/*
 * A disk that qemu-nbd reads for us: the other end of its one connection. Some
 * pieces are asked for at a time, since each costs a talk between processes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "disk_cache.h"
#include "disk_file.h"

#include <errno.h>
#include <libnbd.h>
#include <stdlib.h>

#define PIECE ((size_t)256 * 1024)
#define PIECES 160
#define AHEAD 6
/* Without an answer: the kernel may wait for this disk, and whoever waits for the
 * kernel cannot be killed. */
#define SILENCE_MS 300000

struct nbd_disk {
	struct disk disk;
	struct disk_file *file; /* borrowed */
	struct nbd_handle *nbd; /* owned */
	struct cache *cache;	/* owned */
	bool silent;		/* it was given up */
};

/* libnbd's words, or better the helper's own. */
static int
nbd_failed(const struct nbd_disk *nbd, struct err *err)
{
	char words[256];
	int sys = nbd_get_errno();

	helper_words(nbd->file, words, sizeof(words));
	errno = sys;
	if (words[0] != '\0')
		return err_set(err, ERR_FORMAT, "%s", words);
	return err_set(err, ERR_FORMAT, "%s cannot be read: %s",
	    nbd->file->format->name, nbd_get_error());
}

static int
is_silent(struct err *err)
{
	return err_set(err, ERR_FORMAT, "qemu-nbd gives no answer");
}

static int
nbd_start(void *ctx, void *buf, size_t len, uint64_t off, int64_t *ret_ticket,
    struct err *err)
{
	struct nbd_disk *nbd = ctx;
	int64_t ticket;

	/* What it was asked for may still come, into the same memory. */
	if (nbd->silent)
		return is_silent(err);
	ticket = nbd_aio_pread(nbd->nbd, buf, len, off, NBD_NULL_COMPLETION, 0);
	if (ticket < 0)
		return nbd_failed(nbd, err);
	*ret_ticket = ticket;
	return 0;
}

static int
nbd_wait(void *ctx, int64_t ticket, struct err *err)
{
	struct nbd_disk *nbd = ctx;
	int done, rc;

	while ((done = nbd_aio_command_completed(nbd->nbd, (uint64_t)ticket)) ==
	    0) {
		rc = nbd->silent ? 0 : nbd_poll(nbd->nbd, SILENCE_MS);
		if (rc < 0)
			return nbd_failed(nbd, err);
		nbd->silent |= rc == 0;
		if (nbd->silent)
			return is_silent(err);
	}
	return done > 0 ? 0 : nbd_failed(nbd, err);
}

static int
nbd_disk_pread(
    struct disk *disk, void *buf, size_t len, uint64_t off, struct err *err)
{
	return cache_read(((struct nbd_disk *)disk)->cache, buf, len, off, err);
}

static void
nbd_disk_close(struct disk *disk)
{
	struct nbd_disk *nbd = (struct nbd_disk *)disk;

	/* First the connection: no answer comes into freed memory. */
	nbd_close(nbd->nbd);
	cache_free(nbd->cache);
	free(nbd);
}

static int
nbd_connect(struct nbd_disk *nbd, struct err *err)
{
	int64_t size;
	int socket = nbd->file->socket;

	nbd->file->socket = -1; /* libnbd's now */
	if (nbd_connect_socket(nbd->nbd, socket) < 0 ||
	    (size = nbd_get_size(nbd->nbd)) < 0)
		return nbd_failed(nbd, err);
	nbd->disk.size = (uint64_t)size;
	return 0;
}

int
disk_nbd_open(struct disk **ret, struct disk_file *file, struct err *err)
{
	struct nbd_disk *nbd = calloc(1, sizeof(*nbd));
	int rc;

	if (nbd == NULL)
		return err_nomem(err);
	nbd->file = file;
	nbd->disk = (struct disk){
		.sector = 512,
		.pread = nbd_disk_pread,
		.close = nbd_disk_close,
	};
	if ((nbd->nbd = nbd_create()) == NULL) {
		rc = err_nomem(err);
		goto fail;
	}
	if ((rc = nbd_connect(nbd, err)) != 0)
		goto fail;
	nbd->cache = cache_new(&(const struct cache_source){
	    .size = nbd->disk.size,
	    .piece = PIECE,
	    .n = PIECES,
	    .ahead = AHEAD,
	    .start = nbd_start,
	    .wait = nbd_wait,
	    .ctx = nbd,
	});
	if (nbd->cache == NULL) {
		rc = err_nomem(err);
		goto fail;
	}
	*ret = &nbd->disk;
	return 0;
fail:
	nbd_disk_close(&nbd->disk);
	return rc;
}
