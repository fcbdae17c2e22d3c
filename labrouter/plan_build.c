/*
 * Plans in memory.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sum.h"

struct plan *
plan_new(const struct lab *lab)
{
	struct plan *p = calloc(1, sizeof(*p));

	if (p != NULL)
		p->pub.lab = lab->name;
	return p;
}

void
lab_plan_free(struct lookback_plan *pub)
{
	struct plan *p = (struct plan *)pub;

	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n_texts; i++)
		free(p->texts[i]);
	free(p->texts);
	for (size_t i = 0; i < p->n_words; i++)
		free(p->words[i]);
	free(p->words);
	free(p->steps);
	free(p);
}

/* Room for one more of `size` bytes each. */
static bool
grown(struct plan *p, void **items, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap == 0 ? 64 : *cap * 2;
	void *more;

	if (p->failed)
		return false;
	if (n < *cap)
		return true;
	if ((more = reallocarray(*items, want, size)) == NULL) {
		p->failed = true;
		return false;
	}
	*items = more;
	*cap = want;
	return true;
}

struct lookback_step *
plan_add(struct plan *p, enum lookback_step_type type, const char *netns,
    const char *dev, int line)
{
	void *steps = p->steps;
	struct lookback_step *s;

	if (!grown(p, &steps, p->pub.n_steps, &p->cap, sizeof(*p->steps)))
		return &p->nowhere;
	p->steps = steps;
	p->pub.steps = p->steps;
	s = &p->steps[p->pub.n_steps++];
	memset(s, 0, sizeof(*s));
	s->type = type;
	s->netns = netns;
	s->dev = dev;
	s->line = line;
	return s;
}

const char *
plan_keep(struct plan *p, struct buf *b)
{
	void *texts = p->texts;
	char *text;

	if (!grown(p, &texts, p->n_texts, &p->cap_texts, sizeof(*p->texts)))
		return "";
	p->texts = texts;
	if ((text = strdup(buf_str(b))) == NULL) {
		p->failed = true;
		return "";
	}
	p->texts[p->n_texts++] = text;
	return text;
}

const char *
plan_printf(struct plan *p, const char *fmt, ...)
{
	char text[256];
	struct buf b = { 0 };
	const char *kept;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (buf_add_str(&b, text) != 0)
		p->failed = true;
	kept = plan_keep(p, &b);
	buf_done(&b);
	return kept;
}

const char *const *
plan_words(struct plan *p, const char *const *words)
{
	static const char *const nothing[] = { "", NULL };
	void *all = p->words;
	const char **argv;
	size_t n = 0;

	while (words[n] != NULL)
		n++;
	if (!grown(p, &all, p->n_words, &p->cap_words, sizeof(*p->words)))
		return nothing;
	p->words = all;
	if ((argv = calloc(n + 1, sizeof(*argv))) == NULL) {
		p->failed = true;
		return nothing;
	}
	memcpy(argv, words, n * sizeof(*argv));
	p->words[p->n_words++] = argv;
	return argv;
}

/* Names of links are short, so those in the host's namespace are hashes; two
 * that are equal would be one link. */
static int
check_host_links(const struct plan *p, struct err *err)
{
	for (size_t i = 0; i < p->pub.n_steps; i++) {
		const struct lookback_step *s = &p->steps[i];

		if (s->type != LOOKBACK_LINK || s->netns != NULL)
			continue;
		for (size_t j = 0; j < i; j++)
			if (p->steps[j].type == LOOKBACK_LINK &&
			    p->steps[j].netns == NULL &&
			    strcmp(p->steps[j].dev, s->dev) == 0)
				return err_set(err, ERR_USAGE,
				    "two links would be called %s: name the "
				    "lab differently",
				    s->dev);
	}
	return 0;
}

/* The hash is that of the plan as it reads before it holds its own. */
static int
put_hash(struct plan *p)
{
	struct buf b = { 0 };
	struct sum sum = { 0 };
	char digits[17];
	int rc = lab_plan_text(&b, &p->pub);

	if (rc == 0)
		sum_add(&sum, b.data, b.len);
	buf_done(&b);
	p->pub.hash = sum_end(&sum);
	snprintf(digits, sizeof(digits), "%016" PRIx64, p->pub.hash);
	for (size_t i = 0; i < p->n_texts; i++) {
		char *at = strstr(p->texts[i], PLAN_HASH);

		if (at != NULL && strncmp(p->texts[i], "table ", 6) == 0)
			memcpy(at + strlen(PLAN_HASH), digits, 16);
	}
	return rc;
}

int
plan_end(struct plan *p, struct lookback_plan **ret_plan, struct err *err)
{
	int rc = p->failed ? ERR_NOMEM : check_host_links(p, err);

	if (rc == ERR_NOMEM || (rc == 0 && put_hash(p) != 0))
		rc = err_nomem(err);
	if (rc != 0) {
		lab_plan_free(&p->pub);
		return rc;
	}
	*ret_plan = &p->pub;
	return 0;
}
