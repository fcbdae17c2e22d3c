/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/when.h"
#include "commands.h"
#include "record.h"
#include "upkeep.h"

/* So many new segments are merged before more come: each makes the listing that
 * the next file is compared with a little slower to read. */
#define MERGE_EACH 16

struct import {
	const struct import_request *request;
	struct import_known known; /* of `series` */
	const char *series;	   /* NULL: of none yet */
	size_t at, n;		   /* of the files */
	size_t imported, there, not_kept, failed;
};

static int
know(struct import *im, const char *series, struct err *err)
{
	int rc;

	if (im->series != NULL && strcmp(im->series, series) == 0)
		return 0;
	import_known_done(&im->known);
	im->series = NULL;
	if ((rc = import_known_read(
		 &im->known, im->request->store, series, err)) != 0)
		return err_wrap(err, "store %s", store_dir(im->request->store));
	im->series = series;
	return 0;
}

static int
record(struct import *im, const struct import_file *f, struct err *err)
{
	const struct import_request *r = im->request;
	const struct lookback_setting settings[] = {
		{ r->format != NULL ? "format" : NULL, r->format },
		{ 0 },
	};
	char part[64];
	const struct record_request request = {
		.store = r->store,
		.series = f->series,
		.origin = f->origin,
		.source = { .settings = settings, .stop = r->stop },
		.has_date = true,
		.date_ns = f->date_ns,
		.in_order = true,
		.part = part,
	};
	struct record_result result;
	int rc;

	(void)snprintf(part, sizeof(part), "%zu of %zu: ", im->at, im->n);
	if ((rc = record_source(&request, &result, err)) != 0)
		return rc;
	im->imported++;
	im->failed += !result.complete;
	if (im->imported % MERGE_EACH == 0)
		upkeep_merge_after(r->store);
	return import_known_add(&im->known, f, err);
}

static int
take(struct import *im, const struct import_file *f, struct err *err)
{
	char date[WHEN_TEXT];
	bool keep;
	int rc;

	if ((rc = know(im, f->series, err)) != 0)
		return rc;
	switch (import_known_find(&im->known, f)) {
	case IMPORT_NEW:
		/* One that was imported and pruned is not known any more. */
		if ((rc = upkeep_would_keep(im->request->rules, &im->known.cat,
			 im->known.series, f->date_ns, &keep, err)) != 0)
			return rc;
		/* It would be the newest for years. */
		if (when_is_to_come(f->date_ns))
			return err_set(err, ERR_REFUSED,
			    "%s: dated %s, which is still to come", f->name,
			    when_text(f->date_ns, date));
		if (keep)
			return record(im, f, err);
		im->not_kept++;
		return 0;
	case IMPORT_THERE:
		im->there++;
		return 0;
	case IMPORT_OTHER:
		break;
	}
	return err_set(err, ERR_REFUSED,
	    "%s: %s has another one of %s, of another size", f->name, f->series,
	    when_text(f->date_ns, date));
}

static int
tell(const struct import *im)
{
	printf("%zu imported, %zu already there", im->imported, im->there);
	if (im->not_kept > 0)
		printf(", %zu not kept", im->not_kept);
	if (im->failed > 0)
		printf(", %zu not or not whole", im->failed);
	putchar('\n');
	if (im->failed == 0)
		return LINDEX_DONE;
	return im->imported + im->there + im->not_kept > 0 ? LINDEX_PARTLY :
							     LINDEX_ERROR;
}

static int
take_all(struct import *im, const struct import_file *files, size_t n)
{
	im->n = n;
	for (size_t i = 0; i < n; i++) {
		struct err err = ERR_INIT;
		int rc;

		im->at = i + 1;
		rc = take(im, &files[i], &err);
		if (rc == ERR_CANCELLED) {
			log_error("stopped by signal %d; what was imported "
				  "before stays",
			    *im->request->stop);
			im->failed += n - i;
			break;
		}
		if (rc != 0) {
			log_err(&err);
			im->failed++;
		}
	}
	if (im->imported % MERGE_EACH != 0)
		upkeep_merge_after(im->request->store);
	return tell(im);
}

int
import_files(const struct import_request *request, char **names, size_t n)
{
	struct import_file *files = calloc(n, sizeof(*files));
	struct import im = { .request = request };
	size_t n_files = 0;
	int status;

	if (files == NULL) {
		log_error("out of memory");
		return LINDEX_ERROR;
	}
	for (size_t i = 0; i < n; i++) {
		struct err err = ERR_INIT;

		if (import_file_init(
			&files[n_files], request, names[i], &err) == 0) {
			n_files++;
			continue;
		}
		log_err(&err);
		im.failed++;
	}
	qsort(files, n_files, sizeof(*files), import_file_cmp);
	status = take_all(&im, files, n_files);
	import_known_done(&im.known);
	for (size_t i = 0; i < n_files; i++)
		import_file_done(&files[i]);
	free(files);
	return status;
}
