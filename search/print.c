/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/print.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define OUT_BYTES 65536
/* Of the column of --where on a terminal; what is longer sticks out. */
#define WHERE_WIDTH 8

int
printer_init(struct printer *p, const struct options *o,
    const struct catalog *cat, struct err *err)
{
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");

	*p = (struct printer){ .options = o, .cat = cat };
	p->when = calloc(cat->n_snaps + 1, sizeof(*p->when));
	if (p->when == NULL)
		return err_nomem(err);
	p->terminal = !o->null && !o->jsonl && isatty(STDOUT_FILENO);
	p->colour = p->terminal && term != NULL && strcmp(term, "dumb") != 0 &&
	    (no_colour == NULL || *no_colour == '\0');
	return 0;
}

void
printer_done(struct printer *p)
{
	buf_done(&p->out);
	free(p->when);
	*p = (struct printer){ 0 };
}

int
printer_flush(struct printer *p, struct err *err)
{
	size_t done = 0;

	while (done < p->out.len) {
		ssize_t n = write(
		    STDOUT_FILENO, p->out.data + done, p->out.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			buf_clear(&p->out);
			return err_sys(err, "cannot write");
		}
		done += (size_t)n;
	}
	buf_clear(&p->out);
	return 0;
}

const char *
state_word(uint8_t state)
{
	switch ((enum event_kind)state) {
	case EVENT_PUT:
		return "present";
	case EVENT_GONE:
		return "deleted";
	case EVENT_UNSEEN:
		return "unseen";
	}
	return "?";
}

static const char *
state_colour(uint8_t state)
{
	switch ((enum event_kind)state) {
	case EVENT_PUT:
		return "\033[32m";
	case EVENT_GONE:
		return "\033[31m";
	case EVENT_UNSEEN:
		return "\033[33m";
	}
	return "";
}

/* A snapshot's date; to the minute for people. */
static const char *
date_of(struct printer *p, const struct snapshot_row *snap)
{
	char *text = p->when[snap - p->cat->snaps];

	if (text[0] == '\0')
		(void)(p->terminal ? when_text_min : when_text)(
		    snap->date_ns, text);
	return text;
}

int
print_reference(struct buf *b, const struct hit *hit, bool at)
{
	char when[WHEN_TEXT];

	if (buf_add_str(b, hit->series->name) != 0 ||
	    (at &&
		(buf_add_byte(b, '@') != 0 ||
		    buf_add_str(b, when_rfc3339(hit->newest->date_ns, when)) !=
			0)) ||
	    buf_add_byte(b, ':') != 0)
		return -1;
	return buf_add(b, hit->path, hit->len);
}

static int
add_reference(struct printer *p, const struct hit *hit)
{
	bool at = p->options->selection.has_at;
	struct buf plain = { 0 };
	int rc;

	if (!p->terminal)
		return print_reference(&p->out, hit, at);
	rc = print_reference(&plain, hit, at);
	if (rc == 0)
		rc = text_quote(&p->out, (const char *)plain.data, plain.len);
	buf_done(&plain);
	return rc;
}

/* Decimal digits, as printf is slow where a million lines are printed. */
static const char *
digits(uint64_t v, char text[static 24])
{
	char *p = text + 23;

	*p = '\0';
	do
		*--p = (char)('0' + v % 10);
	while ((v /= 10) != 0);
	return p;
}

/* For programs: a tab behind each column. */
static int
add_columns(struct buf *b, const char *const *column, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (buf_add_str(b, column[i]) != 0 ||
		    buf_add_byte(b, '\t') != 0)
			return -1;
	return 0;
}

/* Of any width on a terminal, as nobody knows what comes. */
static int
add_where(struct printer *p, const struct place *list, size_t n)
{
	size_t begun = p->out.len;
	int rc = where_words(p->where, list, n, &p->out);

	if (rc != 0 || !p->terminal)
		return rc != 0 ? rc : buf_add_byte(&p->out, '\t');
	while (p->out.len - begun < WHERE_WIDTH && rc == 0)
		rc = buf_add_byte(&p->out, ' ');
	return rc != 0 ? rc : buf_add_str(&p->out, "  ");
}

static int
add_line(struct printer *p, const struct hit *hit, const struct place *list,
    size_t n_places)
{
	const struct life *life = &hit->life;
	const struct entry *last = &life->version[life->n - 1].entry;
	const char *first_seen = date_of(p, life->version[0].put);
	const char *last_seen = date_of(p, life->last);
	const char *state = state_word(life->state), *size = "-";
	char text[24], short_size[TEXT_SIZE], n[24];
	int rc;

	if (last->fields & ENTRY_SIZE)
		size = p->terminal ? text_size(last->size, short_size) :
				     digits(last->size, text);
	if (p->terminal)
		rc = buf_printf(&p->out, "%s  %s  %s%-7s%s %3zu %6s  ",
		    first_seen, last_seen,
		    p->colour ? state_colour(life->state) : "", state,
		    p->colour ? "\033[0m" : "", life->n, size);
	else
		rc = add_columns(&p->out,
		    (const char *const[]){ first_seen, last_seen, state,
			digits(life->n, n), size },
		    5);
	if (rc == 0 && p->where != NULL)
		rc = add_where(p, list, n_places);
	return rc != 0 ? rc : add_reference(p, hit);
}

static int
add_head(struct printer *p)
{
	if (p->headed || !p->terminal)
		return 0;
	p->headed = true;
	return buf_printf(&p->out, "%s%-16s  %-16s  %-7s %3s %6s  %-*s%s%s\n",
	    p->colour ? "\033[2m" : "", "first seen", "last seen", "state",
	    "ver", "size", p->where != NULL ? WHERE_WIDTH + 2 : 0,
	    p->where != NULL ? "from" : "", "where",
	    p->colour ? "\033[0m" : "");
}

int
printer_end(struct printer *p, size_t begun, int rc, struct err *err)
{
	if (rc == 0)
		return 0;
	p->out.len = begun;
	return err_nomem(err);
}

int
printer_hit(struct printer *p, const struct hit *hit, struct err *err)
{
	const struct options *o = p->options;
	const struct place *list = NULL;
	size_t begun = p->out.len, n = 0;
	int rc;

	if (o->count)
		return 0;
	if (p->where != NULL && !o->paths_only &&
	    (rc = where_of(p->where, hit, &list, &n, err)) != 0)
		return rc;
	if (o->jsonl)
		rc = print_json_hit(p, hit, list, n);
	else if (o->paths_only)
		rc = add_reference(p, hit);
	else if ((rc = add_head(p)) == 0)
		rc = add_line(p, hit, list, n);
	if (rc == 0 && !o->jsonl)
		rc = buf_add_byte(&p->out, o->null ? '\0' : '\n');
	if ((rc = printer_end(p, begun, rc, err)) != 0)
		return rc;
	return p->terminal || p->out.len >= OUT_BYTES ? printer_flush(p, err) :
							0;
}

int
printer_count(struct printer *p, uint64_t n, struct err *err)
{
	size_t begun = p->out.len;

	return printer_end(p, begun,
	    buf_printf(
		&p->out, "%" PRIu64 "%c", n, p->options->null ? '\0' : '\n'),
	    err);
}
