/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/where.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "store/here.h"

enum state { UNKNOWN, THERE, GONE };

struct where {
	const struct catalog *cat;
	struct places *places;
	uint8_t *state; /* of each snapshot's origin; owned */
	char here[HOST_NAME_SIZE];
};

int
where_new(struct where **ret, struct store *s, struct view *v, struct err *err)
{
	struct where *w = calloc(1, sizeof(*w));
	int rc;

	if (w == NULL)
		return err_nomem(err);
	w->cat = &v->cat;
	w->state = calloc(v->cat.n_snaps + 1, 1);
	if (w->state == NULL)
		rc = err_nomem(err);
	else if ((rc = here_name(NULL, w->here, err)) == 0)
		rc = places_open(&w->places, s, v, err);
	if (rc != 0) {
		where_free(w);
		return rc;
	}
	*ret = w;
	return 0;
}

void
where_free(struct where *w)
{
	if (w == NULL)
		return;
	places_close(w->places);
	free(w->state);
	free(w);
}

int
where_of(struct where *w, const struct hit *hit, const struct place **ret,
    size_t *ret_n, struct err *err)
{
	/* As lget goes by the line. */
	const struct moment m = { MOMENT_UNTIL, hit->life.last->date_ns };
	struct wanted wanted;
	int rc;

	*ret_n = 0;
	rc = places_find(
	    w->places, hit->series, hit->path, hit->len, &m, &wanted, err);
	if (rc == 0)
		rc = places_own(w->places, &wanted, ret, ret_n, err);
	return rc < 0 ? rc : 0;
}

bool
where_is_gone(struct where *w, const struct place *p)
{
	uint8_t *state = &w->state[p->snap - w->cat->snaps];
	const struct uri *uri = &p->origin->uri;
	struct stat st;

	if (*state != UNKNOWN)
		return *state == GONE;
	*state = THERE;
	switch (p->origin->kind) {
	case PLACE_FILES:
	case PLACE_ARCHIVE:
	case PLACE_IMAGE:
		if (place_host(p, w->here) == NULL &&
		    stat(uri->path, &st) != 0 &&
		    (errno == ENOENT || errno == ENOTDIR))
			*state = GONE;
		break;
	case PLACE_LIVE:
	case PLACE_LAB:
	case PLACE_NONE:
		break;
	}
	return *state == GONE;
}

const char *
where_kind(const struct place *p)
{
	switch (p->origin->kind) {
	case PLACE_LIVE:
		return "live";
	case PLACE_FILES:
		return "files";
	case PLACE_ARCHIVE:
		return "archive";
	case PLACE_IMAGE:
		return "image";
	case PLACE_LAB:
		return "lab";
	case PLACE_NONE:
		break;
	}
	return NULL;
}

/* As text_quote, blanks too. */
static int
quote_word(struct buf *b, const char *text, size_t len)
{
	for (size_t at = 0, n; at < len; at += n + 1) {
		const char *blank = memchr(text + at, ' ', len - at);

		n = blank != NULL ? (size_t)(blank - text) - at : len - at;
		if (text_quote(b, text + at, n) != 0 ||
		    (blank != NULL && buf_add_str(b, "\\x20") != 0))
			return -1;
	}
	return 0;
}

int
where_words(struct where *w, const struct place *list, size_t n, struct buf *b)
{
	const struct place *p = NULL;
	const struct uri *uri;
	const char *host;
	bool gone = true;

	for (size_t i = 0; i < n && gone; i++) {
		if (where_kind(&list[i]) == NULL)
			continue;
		gone = where_is_gone(w, &list[i]);
		if (p == NULL || !gone)
			p = &list[i];
	}
	if (p == NULL)
		return buf_add_byte(b, '-');
	uri = &p->origin->uri;
	host = place_host(p, w->here);
	if (buf_add_str(b, where_kind(p)) != 0)
		return -1;
	if (p->origin->kind == PLACE_LIVE)
		return 0;
	if (buf_add_byte(b, ' ') != 0)
		return -1;
	if (p->origin->kind == PLACE_LAB)
		return uri->host == NULL ?
		    0 :
		    quote_word(b, uri->host, strlen(uri->host));
	/* Of a file elsewhere also where. */
	if (host != NULL &&
	    (quote_word(b, host, series_host_len(host)) != 0 ||
		buf_add_byte(b, ':') != 0))
		return -1;
	if (quote_word(b, uri->path, strlen(uri->path)) != 0)
		return -1;
	return gone ? buf_add_str(b, " (gone)") : 0;
}
