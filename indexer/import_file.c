/*
 * What the name of a file says, and in which order files are imported.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name_pattern.h"
#include "record.h"

/* The end of the path that has as many directories as the pattern. */
static const char *
last_parts(const char *path, const char *pattern)
{
	const char *p = path + strlen(path);
	size_t n = 1;

	for (; *pattern != '\0'; pattern++)
		n += *pattern == '/';
	while (p > path && (p[-1] != '/' || --n > 0))
		p--;
	return p;
}

static int
read_name(struct import_file *f, const struct import_request *r,
    char host[static 256], struct err *err)
{
	const char *end = last_parts(f->name, r->pattern);
	struct name_match m = { 0 };
	bool named = name_pattern_match(r->pattern, end, &m);

	if (!r->has_date && !m.has_date)
		return err_set(err, ERR_USAGE,
		    named ? "neither its name nor --date says a date" :
			    "its name is not as %s: --name, or --host and "
			    "--date",
		    r->pattern);
	if (r->host == NULL && m.host.len == 0)
		return err_set(
		    err, ERR_USAGE, "neither its name nor --host says a host");
	f->date_ns = r->has_date ? r->date_ns : m.date_ns;
	(void)snprintf(host, 256, "%.*s",
	    r->host != NULL ? 255 : (int)(m.host.len < 255 ? m.host.len : 255),
	    r->host != NULL ? r->host : end + m.host.at);
	if (!host_name_is_valid(host))
		return err_set(
		    err, ERR_USAGE, "\"%s\" is not the name of a host", host);
	return 0;
}

int
import_file_init(struct import_file *f, const struct import_request *r,
    const char *name, struct err *err)
{
	bool mtree = r->format != NULL && strcmp(r->format, "mtree") == 0;
	char host[256];
	int rc;

	*f = (struct import_file){ .name = name };
	if ((rc = read_name(f, r, host, err)) != 0)
		return err_wrap(err, "%s", name);
	f->origin.scheme = strdup(mtree ? "archive" : "locatedb");
	f->origin.path = strdup(name);
	if (asprintf(&f->series, "%s" IMPORT_SUFFIX, host) < 0)
		f->series = NULL;
	if (f->origin.scheme == NULL || f->origin.path == NULL ||
	    f->series == NULL)
		rc = err_nomem(err);
	else
		rc = origin_complete(&f->origin, r->here, err);
	if (rc != 0)
		import_file_done(f);
	return rc;
}

void
import_file_done(struct import_file *f)
{
	uri_done(&f->origin);
	free(f->series);
	f->series = NULL;
}

int
import_file_cmp(const void *va, const void *vb)
{
	const struct import_file *a = va, *b = vb;
	int c = strcmp(a->series, b->series);

	if (c == 0)
		c = (a->date_ns > b->date_ns) - (a->date_ns < b->date_ns);
	return c != 0 ? c : strcmp(a->name, b->name);
}
