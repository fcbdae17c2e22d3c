/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "ready.h"

#include <net/if.h>
#include <stdlib.h>

#include "base/log.h"
#include "check.h"
#include "host.h"
#include "record.h"

struct others {
	struct lab *lab; /* owned, each one too */
	size_t n;
};

/* One that cannot be read, of another version or cut short, is in nobody's
 * way. */
static int
read_others(struct others *ret, const char * not, struct err *err)
{
	struct strlist files = { 0 };
	int rc = record_others(&files, not, err);

	if (rc == 0 && files.n > 0) {
		ret->lab = calloc(files.n, sizeof(*ret->lab));
		if (ret->lab == NULL)
			rc = err_nomem(err);
	}
	for (size_t i = 0; i < files.n && rc == 0; i++) {
		struct err why = ERR_INIT;

		if (lab_read(&ret->lab[ret->n], files.item[i], &why) == 0)
			ret->n++;
		else
			log_err(&why);
	}
	strlist_done(&files);
	return rc;
}

/* What is said of the last of the labs; the number of errors. */
static size_t
tell(const struct lab_findings *found, const struct lab *const *labs, size_t n)
{
	size_t errors = 0;

	for (size_t i = 0; i < found->n; i++) {
		const struct lab_finding *f = &found->item[i];
		char text[1024];

		if (f->lab != n - 1 &&
		    (f->other_line == 0 || f->other_lab != n - 1))
			continue;
		(void)lab_finding_text(f, labs, text, sizeof(text));
		if (f->warning)
			log_note("%s", text);
		else
			log_error("%s", text);
		errors += !f->warning;
	}
	return errors;
}

static int
check(const struct lab *lab, const struct others *others, struct err *err)
{
	const size_t n = others->n + 1;
	const struct lab **labs = calloc(n, sizeof(struct lab *));
	struct lab_findings found = { 0 };
	struct host host = { 0 };
	int rc;

	if (labs == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < others->n; i++)
		labs[i] = &others->lab[i];
	labs[n - 1] = lab;
	if ((rc = host_read(&host, err)) == 0 &&
	    (rc = lab_check(&found, labs, n, &host.seen, err)) == 0)
		rc = tell(&found, labs, n) > 0;
	lab_findings_done(&found);
	host_done(&host);
	free(labs);
	return rc;
}

/* Told before anything is done: without it each step would find something else
 * that is not as it should be. */
static int
check_attach(const struct lab *lab, struct err *err)
{
	const char *attach = lab->production.attach;

	return if_nametoindex(attach) != 0 ?
	    0 :
	    err_set(err, ERR_NOTFOUND,
		"%s:%d: Attach: this host has no interface %s", lab->file,
		lab->production.attach_line, attach);
}

int
lab_ready(const struct lab_use *use, struct err *err)
{
	struct others others = { 0 };
	struct record_lock lock;
	int rc;

	if ((rc = record_lock_all(&lock, err)) != 0)
		return rc;
	if ((rc = read_others(&others, use->lab.name, err)) == 0 &&
	    (rc = check(&use->lab, &others, err)) == 0 &&
	    (rc = check_attach(&use->lab, err)) == 0)
		rc = record_begin(use->lab.name, &use->text, err);
	record_unlock(&lock);
	for (size_t i = 0; i < others.n; i++)
		lab_done(&others.lab[i]);
	free(others.lab);
	return rc;
}

int
lab_unplanned(const char *file, int rc, struct err *err)
{
	const struct others none = { 0 };
	struct err ignored = ERR_INIT;
	struct lab lab;

	if (lab_read(&lab, file, &ignored) != 0)
		return rc;
	if (check(&lab, &none, &ignored) > 0) {
		err_clear(err);
		rc = 1;
	}
	lab_done(&lab);
	return rc;
}
