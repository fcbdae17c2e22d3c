/*
 * The directories of programs: what is in them, who runs by them, and their
 * end.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "program.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BASE "/run/lookback"

/* The directory that it is in. */
static void
dir_of(const char *path, char ret[static PATH_MAX])
{
	(void)snprintf(
	    ret, PATH_MAX, "%.*s", (int)(strrchr(path, '/') - path), path);
}

int
program_make_dir(struct job *job, const char *path)
{
	char dir[PATH_MAX];

	(void)snprintf(dir, sizeof(dir), "%s/", path);
	for (char *c = dir + sizeof(BASE) - 1; c != NULL;
	     c = strchr(c + 1, '/')) {
		char was = *c;

		*c = '\0';
		if (mkdir(dir, 0755) != 0 && errno != EEXIST)
			return job_why(
			    job, errno, "%s: %s", dir, strerror(errno));
		*c = was;
	}
	return 0;
}

bool
program_read(const char *dir, struct process *ret, uint64_t *ret_sum)
{
	char path[PATH_MAX], text[128], *end;
	bool whole = false;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/pid", dir);
	if ((f = fopen(path, "re")) == NULL)
		return false;
	if (fgets(text, sizeof(text), f) != NULL) {
		ret->pid = (pid_t)strtol(text, &end, 10);
		ret->began = strtoull(end, &end, 10);
		*ret_sum = strtoull(end, &end, 16);
		whole = *end == '\n';
	}
	(void)fclose(f);
	return whole;
}

void
program_end(const char *dir)
{
	struct process p = { 0 };
	uint64_t sum;

	if (program_read(dir, &p, &sum) && process_runs(&p))
		process_end(&p);
}

/* ---- files ---- */

enum lookback_state
file_look(const struct lookback_step *s)
{
	const size_t len = strlen(s->text);
	enum lookback_state state = LOOKBACK_DIFFERS;
	char *is;
	FILE *f;

	if ((f = fopen(s->u.file.path, "re")) == NULL)
		return LOOKBACK_MISSING;
	/* One byte more tells that it is longer. */
	if ((is = malloc(len + 1)) != NULL && fread(is, 1, len + 1, f) == len &&
	    memcmp(is, s->text, len) == 0)
		state = LOOKBACK_STANDS;
	free(is);
	(void)fclose(f);
	return state;
}

int
file_do(struct job *job, struct netns *ns, const struct lookback_step *s,
    const struct look *look)
{
	const char *path = s->u.file.path;
	char dir[PATH_MAX], other[PATH_MAX];
	int rc, err = 0;
	FILE *f;

	(void)ns;
	(void)look;
	dir_of(path, dir);
	if ((rc = program_make_dir(job, dir)) != 0)
		return rc;
	(void)snprintf(other, sizeof(other), "%.*s.new", PATH_MAX - 8, path);
	if ((f = fopen(other, "we")) == NULL)
		return job_why(job, errno, "%s: %s", other, strerror(errno));
	if (fputs(s->text, f) == EOF || fchmod(fileno(f), 0644) != 0)
		err = errno;
	if (fclose(f) != 0 && err == 0)
		err = errno;
	if (err == 0 && rename(other, path) != 0)
		err = errno;
	return err == 0 ? 1 : job_why(job, err, "%s: %s", path, strerror(err));
}

/* ---- the end ---- */

int
program_remove(const char *dir)
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *d;

	program_end(dir);
	if ((d = opendir(dir)) == NULL)
		return 0;
	while ((e = readdir(d)) != NULL)
		if (e->d_type != DT_DIR)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	(void)closedir(d);
	(void)rmdir(dir);
	/* The lab's, if it was the last. */
	dir_of(dir, path);
	(void)rmdir(path);
	return 1;
}

/* Each directory that may be a program's. */
static int
each(const struct job *job, program_extra_fn *fn, void *ctx)
{
	char lab[PATH_MAX], dir[PATH_MAX + NAME_MAX + 2];
	struct dirent *e;
	int rc = 0;
	DIR *d;

	(void)snprintf(lab, sizeof(lab), BASE "/%s", job->plan->lab);
	if ((d = opendir(lab)) == NULL)
		return 0;
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		(void)snprintf(dir, sizeof(dir), "%s/%s", lab, e->d_name);
		rc = fn(ctx, dir);
	}
	(void)closedir(d);
	return rc;
}

static int
end_if_in(void *ctx, const char *dir)
{
	struct process p = { 0 };
	uint64_t sum;

	if (program_read(dir, &p, &sum) && process_runs(&p) &&
	    process_is_in(&p, ctx))
		(void)program_remove(dir);
	return 0;
}

void
programs_end_in(const struct job *job, const char *file)
{
	struct stat ns;

	if (stat(file, &ns) == 0)
		(void)each(job, end_if_in, &ns);
}

struct extra {
	const struct job *job;
	program_extra_fn *fn;
	void *ctx;
};

static int
tell_if_extra(void *ctx, const char *dir)
{
	const struct extra *x = ctx;
	const struct lookback_plan *plan = x->job->plan;

	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].type == LOOKBACK_RUN &&
		    strcmp(plan->steps[i].u.run.dir, dir) == 0)
			return 0;
	return x->fn(x->ctx, dir);
}

int
programs_extra(const struct job *job, program_extra_fn *fn, void *ctx)
{
	struct extra x = { job, fn, ctx };

	return each(job, tell_if_extra, &x);
}
