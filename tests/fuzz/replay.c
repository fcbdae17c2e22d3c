/*
 * Runs a fuzz target without libFuzzer: over each file named, and each file in
 * each directory named. Files over a bound are left out, as libFuzzer would.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define INPUT_MAX ((size_t)4 * 1024 * 1024)
#define OPEN_DIRECTORIES 8

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static size_t n_runs;

static int
run_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t size = (size_t)st->st_size;
	uint8_t *data;
	FILE *f;

	(void)ftw;
	if (type == FTW_DNR || type == FTW_NS) {
		perror(path);
		return 1;
	}
	if (type != FTW_F || size > INPUT_MAX)
		return 0;
	/* Of exactly this size, so that a sanitizer sees a read beyond it. */
	data = malloc(size);
	f = fopen(path, "rb");
	if ((data == NULL && size > 0) || f == NULL ||
	    fread(data, 1, size, f) != size) {
		perror(path);
		exit(2);
	}
	(void)fclose(f);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	n_runs++;
	return 0;
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (nftw(argv[i], run_one, OPEN_DIRECTORIES, FTW_PHYS) != 0) {
			(void)fprintf(stderr, "%s: cannot be read\n", argv[i]);
			return 2;
		}
	printf("%s: %zu inputs\n", argv[0], n_runs);
	return n_runs > 0 ? 0 : 2;
}
