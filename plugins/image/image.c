/*
 * image: the files of disk images, as they were when the image was made.
 *
 * The image is a disk, on which lie volumes: partitions, logical volumes, or one
 * file system without any table. The files of the last are at /, those of all
 * others in a directory of the volume's name: /p1, /vg0-root.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "disk_file.h"
#include "image.h"
#include "image_walk.h"
#include "journal.h"
#include "kernel_mount.h"
#include "volume_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct image {
	struct image_env env;
	bool trust;
	struct disk_file file;
	struct disk *disk; /* owned */
	struct volumes volumes;
	struct volume_files files;
	struct image_walk walk;
};

static const struct lookback_option options[] = {
	{ "trust", LOOKBACK_BOOL, "no",
	    "let this host's kernel mount what nothing else can read" },
	{ 0 },
};

bool
image_stopping(const struct image_env *env)
{
	const struct lookback_host *host = env->host;

	return host->size > offsetof(struct lookback_host, stopping) &&
	    host->stopping != NULL && host->stopping(host->ctx) != 0;
}

static int
fail(const struct image *image, const struct err *err)
{
	char text[1024];
	int sys = EIO;

	switch (err->code) {
	case ERR_SYS:
		sys = err->sys;
		break;
	case ERR_NOMEM:
		sys = ENOMEM;
		break;
	case ERR_CANCELLED:
		sys = ECANCELED;
		break;
	case ERR_REFUSED:
		sys = EPERM;
		break;
	case ERR_FORMAT:
		sys = EINVAL;
		break;
	case ERR_NOTFOUND:
		sys = ENOENT;
		break;
	default:
		break;
	}
	return image->env.host->fail(
	    image->env.host->ctx, sys, "%s", err_text(err, text, sizeof(text)));
}

static int
image_open(const struct lookback_host *host,
    const struct lookback_setting *settings, void **ret_self)
{
	struct image *image = calloc(1, sizeof(*image));

	if (image == NULL)
		return host->fail(host->ctx, ENOMEM, "out of memory");
	image->env.host = host;
	image->file.fd = image->file.socket = image->file.words = -1;
	image->files.root = -1;
	image->trust = strcmp(settings->value, "yes") == 0;
	*ret_self = image;
	return 0;
}

static void
image_close(void *self)
{
	struct image *image = self;

	image_walk_done(&image->walk);
	volumes_done(&image->volumes);
	volume_files_done(&image->files);
	disk_close(image->disk);
	disk_file_done(&image->file);
	free(image);
}

static int
look(struct image *image, struct err *err)
{
	int rc;

	if ((rc = disk_file_open(&image->disk, &image->file, err)) == 0)
		rc = volumes_find(&image->volumes, image->disk, err);
	return rc;
}

/* What the kernel knows best, to the kernel. */
static int
mount_all(
    struct image *image, const struct lookback_origin *origin, struct err *err)
{
	image->files.image = origin->fd;
	image->files.name = strrchr(origin->path, '/') + 1;
	for (size_t i = 0; i < image->volumes.n; i++) {
		struct volume *volume = &image->volumes.v[i];
		int rc;

		if (!kernel_mounts(volume))
			continue;
		journal_note(volume, &image->env);
		kernel_mount(volume, i, &image->files);
		if (volume->mounted >= 0 &&
		    (rc = origin->keep(origin->ctx, volume->mounted)) != 0) {
			errno = -rc;
			return err_sys(err, "%s", volume->name);
		}
	}
	return 0;
}

static int
image_attach(void *self, const struct lookback_origin *origin)
{
	struct image *image = self;
	struct err err = ERR_INIT;

	image->env.limits = origin->limits;
	if (origin->fd < 0)
		return image->env.host->fail(image->env.host->ctx, EINVAL,
		    "an image is a file on this host");
	if (disk_file_attach(&image->file, origin->fd, &err) != 0)
		return fail(image, &err);
	/* To mount, one must know what is where. That is found out here, before
	 * the jail closes, since whoever trusts the image with the kernel
	 * trusts it with a parser of tables as well. */
	if (image->trust &&
	    (look(image, &err) != 0 || mount_all(image, origin, &err) != 0))
		return fail(image, &err);
	return 0;
}

/* Nothing on it is known at all: it is some other file. */
static bool
is_none(const struct image *image)
{
	const struct volume *v = image->volumes.v;
	struct err ignored = ERR_INIT;
	struct fs *fs;
	int rc;

	if (image->volumes.n != 1 || v->name[0] != '\0' ||
	    v->kind != VOLUME_DATA || v->what[0] != '\0')
		return false;
	rc = fs_open(&fs, v->disk, &image->env, &ignored);
	if (rc == 0)
		fs->reader->close(fs);
	return rc == 1;
}

static int
image_about(void *self, struct lookback_about *about)
{
	struct image *image = self;
	struct err err = ERR_INIT;

	if (!image->trust && look(image, &err) != 0)
		return fail(image, &err);
	if (is_none(image))
		return image->env.host->fail(image->env.host->ctx, EINVAL,
		    "neither partitions nor a file system that is known");
	image_walk_init(&image->walk, &image->volumes, &image->env);
	about->fields = LOOKBACK_TYPE | LOOKBACK_MODE | LOOKBACK_OWNER |
	    LOOKBACK_SIZE | LOOKBACK_MTIME | LOOKBACK_TARGET;
	about->ordered = false;
	about->additive = false;
	about->format = image->file.format->name;
	return 0;
}

static int
image_next(void *self, struct lookback_item *item)
{
	struct image *image = self;
	struct err err = ERR_INIT;
	int rc = image_walk_next(&image->walk, item, &err);

	return rc >= 0 ? rc : fail(image, &err);
}

static int
image_read(void *self, const struct lookback_want *want, size_t n,
    lookback_piece_fn *give, void *ctx)
{
	struct image *image = self;
	struct err err = ERR_INIT;
	int stop = 0, rc;

	rc = image_walk_read(&image->walk, want, n, give, ctx, &stop, &err);
	if (rc > 0)
		return stop;
	return rc == 0 ? 0 : fail(image, &err);
}

static const struct lookback_source ops = {
	.size = sizeof(ops),
	.attach = image_attach,
	.about = image_about,
	.next = image_next,
	.read = image_read,
};

static const struct lookback_plugin plugin = {
	.abi = LOOKBACK_PLUGIN_ABI,
	.size = sizeof(plugin),
	.kind = LOOKBACK_SOURCE,
	.name = "image",
	.version = "1",
	.about = "files of disk images: raw, qcow2, vmdk, vhd, vhdx, vdi",
	.options = options,
	.open = image_open,
	.close = image_close,
	.ops = &ops,
};

const struct lookback_plugin *
lookback_plugin(void)
{
	return &plugin;
}
