/*
 * updatedb.conf(5), read as updatedb(8) reads it: tokens, of which only a line
 * end separates definitions; no escapes; each variable once.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/config.h"
#include "base/path.h"

#include <string.h>

/* Debian's, of package plocate. Its file names PRUNENAMES only in a comment:
 * no directory is left out for its name. */
const char updatedb_default_fs[] =
    "NFS afs autofs binfmt_misc ceph cgroup cgroup2 cifs coda configfs "
    "curlftpfs debugfs devfs devpts devtmpfs ecryptfs ftpfs fuse.ceph "
    "fuse.cryfs fuse.encfs fuse.glusterfs fuse.gocryptfs fuse.gvfsd-fuse "
    "fuse.mfs fuse.rclone fuse.rozofs fuse.sshfs fusectl fusesmb hugetlbfs "
    "iso9660 lustre lustre_lite mfs mqueue ncpfs nfs nfs4 ocfs ocfs2 proc "
    "pstore rpc_pipefs securityfs shfs smbfs sysfs tmpfs tracefs udev udf "
    "usbfs";
const char updatedb_default_names[] = "";

enum token {
	TOKEN_END, /* of the file */
	TOKEN_EOL,
	TOKEN_NAME,
	TOKEN_EQUAL,
	TOKEN_QUOTED,
	TOKEN_OPEN, /* a quote that nothing closes */
	TOKEN_OTHER,
};

struct lexer {
	const char *p, *end;
	int line; /* of the token */
	int next_line;
	const char *word; /* of a name or a quoted value */
	size_t len;
};

/* As isspace() in the C locale, but for the line's end. */
static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n');
}

static bool
is_name_byte(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    (!first && c >= '0' && c <= '9');
}

static enum token
next(struct lexer *lx)
{
	const char *p = lx->p, *end = lx->end;

	lx->line = lx->next_line;
	while (p < end && is_space(*p))
		p++;
	if (p < end && *p == '#' &&
	    (p = memchr(p, '\n', (size_t)(end - p))) == NULL)
		p = end;
	lx->p = p;
	if (p == end)
		return TOKEN_END;
	lx->p++;
	if (*p == '\n') {
		lx->next_line++;
		return TOKEN_EOL;
	}
	if (*p == '=')
		return TOKEN_EQUAL;
	if (*p == '"') {
		for (lx->word = ++p; p < end && *p != '"'; p++)
			if (*p == '\n')
				return TOKEN_OPEN;
		lx->len = (size_t)(p - lx->word);
		lx->p = p + 1;
		return p == end ? TOKEN_OPEN : TOKEN_QUOTED;
	}
	if (!is_name_byte(*p, true))
		return TOKEN_OTHER;
	for (lx->word = p++; p < end && is_name_byte(*p, false);)
		p++;
	lx->len = (size_t)(p - lx->word);
	lx->p = p;
	return TOKEN_NAME;
}

static bool
is_word(const struct lexer *lx, const char *word)
{
	return lx->len == strlen(word) && memcmp(lx->word, word, lx->len) == 0;
}

static int
variable(const struct lexer *lx)
{
	static const struct {
		const char *name;
		enum updatedb_var var;
	} known[] = {
		{ "PRUNE_BIND_MOUNTS", UPDATEDB_BIND },
		{ "PRUNEFS", UPDATEDB_FS },
		{ "PRUNENAMES", UPDATEDB_NAMES },
		{ "PRUNEPATHS", UPDATEDB_PATHS },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (is_word(lx, known[i].name))
			return (int)known[i].var;
	return 0;
}

/* Words that can meet nothing are left out: updatedb compares them with whole
 * paths and names as it goes. */
static int
take_words(struct scope *s, int var, const char *p, const char *end)
{
	while (p < end) {
		const char *word = p;
		size_t n;
		int rc = 0;

		while (p < end && !is_space(*p))
			p++;
		n = (size_t)(p - word);
		p += p < end;
		if (n == 0)
			continue;
		if (var == UPDATEDB_FS)
			rc = scope_add_prunefs(s, word, n);
		else if (var == UPDATEDB_NAMES && memchr(word, '/', n) == NULL)
			rc = strlist_add(&s->prunenames, word, n);
		else if (var == UPDATEDB_PATHS && path_is_valid(word, n))
			rc = strlist_add(&s->prunepaths, word, n);
		if (rc != 0)
			return -1;
	}
	return 0;
}

static int
take_value(struct scope *s, int var, const struct lexer *lx, struct err *err)
{
	if (memchr(lx->word, '\0', lx->len) != NULL)
		return err_set(err, ERR_FORMAT, "a NUL byte");
	if (var != UPDATEDB_BIND)
		return take_words(s, var, lx->word, lx->word + lx->len) == 0 ?
		    0 :
		    err_nomem(err);
	if (is_word(lx, "1") || is_word(lx, "yes"))
		s->prune_bind_mounts = true;
	else if (is_word(lx, "0") || is_word(lx, "no"))
		s->prune_bind_mounts = false;
	else
		return err_set(err, ERR_FORMAT,
		    "PRUNE_BIND_MOUNTS: \"%.*s\" is not 0, 1, no or yes",
		    lx->len < 64 ? (int)lx->len : 64, lx->word);
	return 0;
}

/* The rest of a definition whose name was just read. */
static int
definition(struct lexer *lx, struct scope *s, unsigned *set, struct err *err)
{
	int n = lx->len < 64 ? (int)lx->len : 64, var = variable(lx), rc;
	const char *name = lx->word;
	enum token t;

	if (var == 0)
		return err_set(
		    err, ERR_FORMAT, "unknown variable \"%.*s\"", n, name);
	if (*set & (unsigned)var)
		return err_set(
		    err, ERR_FORMAT, "%.*s was already defined", n, name);
	*set |= (unsigned)var;
	if (next(lx) != TOKEN_EQUAL)
		return err_set(
		    err, ERR_FORMAT, "\"=\" expected after %.*s", n, name);
	if ((t = next(lx)) == TOKEN_OPEN)
		return err_set(err, ERR_FORMAT,
		    "%.*s: the closing quote is missing", n, name);
	if (t != TOKEN_QUOTED)
		return err_set(err, ERR_FORMAT,
		    "a value in quotes is expected after \"%.*s =\"", n, name);
	if ((rc = take_value(s, var, lx, err)) != 0)
		return rc;
	if ((t = next(lx)) != TOKEN_EOL && t != TOKEN_END)
		return err_set(err, ERR_FORMAT,
		    "unexpected text after the value of %.*s", n, name);
	return 0;
}

int
updatedb_parse(const char *file, const char *text, size_t len, struct scope *s,
    unsigned *ret_set, struct err *err)
{
	struct lexer lx = { .p = text, .end = text + len, .next_line = 1 };
	unsigned set = 0;
	enum token t;

	while ((t = next(&lx)) != TOKEN_END) {
		int rc = 0;

		if (t == TOKEN_NAME)
			rc = definition(&lx, s, &set, err);
		else if (t != TOKEN_EOL)
			rc = err_set(err, ERR_FORMAT,
			    "the name of a variable is expected");
		if (rc != 0)
			return err_wrap(err, "%s:%d", file, lx.line);
	}
	*ret_set = set;
	return 0;
}
