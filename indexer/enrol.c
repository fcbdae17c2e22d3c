/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "enrol.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "remote/remote.h"
#include "store/store.h"

/* ---- adding and revoking ---- */

/* What the edit of the file is about, and what came of it. */
struct change {
	bool replace;
	struct enrolment enrolment;
	enum enrol_outcome outcome;
};

static int
edit_add(void *ctx, struct buf *text, struct err *err)
{
	struct change *c = ctx;

	return authorized_keys_enrol(
	    text, &c->enrolment, c->replace, &c->outcome, err);
}

static int
edit_revoke(void *ctx, struct buf *text, struct err *err)
{
	const struct change *c = ctx;

	return authorized_keys_revoke(text, c->enrolment.host, err);
}

/* The store's log keeps who was let in; there may be no store yet. */
static void
note(const char *store_dir, const char *host, const char *text)
{
	struct err err = ERR_INIT;
	struct store *store;

	if (store_open(&store, store_dir, STORE_WRITE, &err) == 0) {
		(void)store_log(store, "enrol", host, text, &err);
		store_close(store);
	}
	if (err.code != 0 && err.code != ERR_NOTFOUND) {
		(void)err_wrap(&err, "not noted in the log");
		log_err(&err);
	}
}

/* The program that a key may run: this one. */
static int
own_path(char *ret, size_t size, struct err *err)
{
	ssize_t n = readlink("/proc/self/exe", ret, size - 1);

	if (n < 0)
		return err_sys(err, "/proc/self/exe");
	ret[n] = '\0';
	if (access(ret, X_OK) != 0)
		return err_sys(err, "the program itself, %s", ret);
	return 0;
}

int
enrol_add(
    const char *file, const struct enrolment *e, bool replace, struct err *err)
{
	char print[REMOTE_FINGERPRINT], text[256], lindex[4096];
	struct change c = { .enrolment = *e, .replace = replace };
	static const char *const done[] = {
		[ENROL_ADDED] = "enrolled",
		[ENROL_REPLACED] = "enrolled in place of another key",
		[ENROL_SAME] = "was enrolled already",
	};
	int rc;

	if ((rc = own_path(lindex, sizeof(lindex), err)) != 0 ||
	    (rc = remote_key_fingerprint(
		 e->key->type, e->key->base64, print, err)) != 0)
		return rc;
	c.enrolment.lindex = lindex;
	if ((rc = authorized_keys_edit(file, edit_add, &c, err)) != 0)
		return rc;
	(void)snprintf(text, sizeof(text), "%s %s %s", e->key->type, print,
	    done[c.outcome]);
	(void)printf("%s: %s\n", e->host, text);
	if (c.outcome != ENROL_SAME)
		note(e->store, e->host, text);
	return 0;
}

int
enrol_revoke(const char *file, const struct enrolment *e, struct err *err)
{
	struct change c = { .enrolment = *e };
	int rc = authorized_keys_edit(file, edit_revoke, &c, err);

	if (rc != 0)
		return rc;
	(void)printf("%s: revoked\n", e->host);
	note(e->store, e->host, "revoked");
	return 0;
}

/* ---- showing ---- */

struct shown {
	const char *host; /* NULL: all */
	size_t n;
};

static int
show_one(
    void *ctx, const char *host, const struct public_key *key, struct err *err)
{
	struct shown *s = ctx;
	char print[REMOTE_FINGERPRINT];

	if (s->host != NULL && strcmp(s->host, host) != 0)
		return 0;
	s->n++;
	if (remote_key_fingerprint(key->type, key->base64, print, err) != 0) {
		(void)snprintf(print, sizeof(print), "not a valid key");
		err_clear(err);
	}
	(void)printf("%s %s %s%s%s\n", host, key->type, print,
	    key->comment[0] != '\0' ? " " : "", key->comment);
	return 0;
}

int
enrol_show(const char *file, const char *host, struct err *err)
{
	struct shown s = { .host = host };
	struct buf text = { 0 };
	int rc;

	if ((rc = authorized_keys_read(file, &text, err)) == 0)
		rc = authorized_keys_each(&text, show_one, &s, err);
	buf_done(&text);
	if (rc == 0 && s.n == 0 && s.host != NULL)
		rc = err_set(err, ERR_NOTFOUND, "%s: host %s is not enrolled",
		    file, s.host);
	return rc;
}
