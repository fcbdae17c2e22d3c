/*
 * A plan is done: looked through first, then step by step.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "apply.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extra.h"
#include "steps.h"

int
job_why(struct job *job, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(job->why, sizeof(job->why), fmt, ap);
	va_end(ap);
	return err > 0 ? -err : -EIO;
}

int
job_go_on(struct job *job)
{
	const struct lookback_host *host = job->host;

	if (host->size < offsetof(struct lookback_host, stopping) +
		    sizeof(host->stopping) ||
	    host->stopping(host->ctx) == 0)
		return 0;
	return job_why(job, ECANCELED, "asked to stop");
}

static void
tell_step(
    const struct lab_tell *tell, size_t step, uint32_t state, const char *text)
{
	const struct lookback_finding finding = { .size = sizeof(finding),
		.state = state,
		.step = step,
		.text = text };

	tell->fn(tell->ctx, &finding);
}

/* Which step, and what it was to do. */
static const char *
step_words(const struct job *job, size_t i, char *buf, size_t size)
{
	const struct lookback_step *s = &job->plan->steps[i];

	(void)snprintf(buf, size,
	    "step %zu (%s%s%s%s in %s, line %d of the lab)", i, step_name(s),
	    s->remove ? " removed" : "", s->dev != NULL ? " of " : "",
	    s->dev != NULL ? s->dev : "",
	    s->netns != NULL ? s->netns : "this host's namespace", s->line);
	return buf;
}

static int
failed(struct job *job, size_t i, int rc, const struct lab_tell *tell)
{
	char words[256];

	tell_step(tell, i, LOOKBACK_FAILED, job->why);
	return job->host->fail(job->host->ctx, -rc, "%s: %s",
	    step_words(job, i, words, sizeof(words)), job->why);
}

/* The lab stands without it. */
static void
leave_out(struct job *job, size_t i, const struct lab_tell *tell)
{
	char words[256];

	job->advice = job->plan->steps[i].advice;
	tell_step(tell, i, LOOKBACK_LEFT_OUT, job->why);
	job->host->log(job->host->ctx, LOOKBACK_WARN, "%s: %s: %s",
	    step_words(job, i, words, sizeof(words)), job->why, job->advice);
}

static bool
is_left_out(const struct job *job, const struct lookback_step *s)
{
	return s->advice != NULL && job->advice != NULL &&
	    strcmp(s->advice, job->advice) == 0;
}

static int
begin(struct job *job, const struct lab_tell *tell)
{
	size_t i = 0;
	int rc = steps_check(job, &i);

	if (rc != 0)
		return failed(job, i, rc, tell);
	job->changed = calloc(job->plan->n_steps + 1, sizeof(*job->changed));
	if (job->changed == NULL)
		return job->host->fail(job->host->ctx, ENOMEM, "out of memory");
	if ((rc = netns_begin(job)) != 0) {
		free(job->changed);
		return job->host->fail(job->host->ctx, -rc, "%s", job->why);
	}
	return 0;
}

static void
end(struct job *job)
{
	rules_end(job);
	probe_end(job);
	netns_end(job);
	free(job->changed);
	free(job->last);
}

/* ---- apply ---- */

/* The host's functions are called where the host is. */
static int
do_together(struct job *job, size_t i, size_t n, const struct lab_tell *tell)
{
	const struct lookback_step *s = &job->plan->steps[i];
	char why[sizeof(job->why)];
	int rc;

	job->blamed = 0;
	rc = steps_do(job, i, n);
	memcpy(why, job->why, sizeof(why));
	for (size_t k = i; k < i + n; k++)
		if (job->changed[k] && netns_leave(job) == 0)
			tell_step(tell, k, LOOKBACK_CHANGED, step_name(s));
	if (rc == 0)
		return 0;
	(void)netns_leave(job);
	memcpy(job->why, why, sizeof(why));
	if (s->advice == NULL || rc == -ECANCELED)
		return failed(job, i + job->blamed, rc, tell);
	leave_out(job, i, tell);
	return 0;
}

/* The addresses, routes and neighbours of a link go with it. */
static bool
went_by_itself(int rc)
{
	return rc == -ENODEV || rc == -ENOENT || rc == -ESRCH ||
	    rc == -EADDRNOTAVAIL;
}

static int
remove_extra(
    struct job *job, const struct extra *x, const struct lab_tell *tell)
{
	char text[sizeof(x->text) + 16];
	int rc = extra_remove(job, x);

	if (rc == 0 || went_by_itself(rc))
		return 0;
	(void)netns_leave(job);
	(void)snprintf(text, sizeof(text), "taken away: %s", x->text);
	if (rc > 0) {
		tell_step(tell, LOOKBACK_NO_STEP, LOOKBACK_CHANGED, text);
		return 0;
	}
	tell_step(tell, LOOKBACK_NO_STEP, LOOKBACK_FAILED, job->why);
	return job->host->fail(job->host->ctx, -rc,
	    "%s cannot be taken away: %s", x->text, job->why);
}

/* What was open goes before anything is opened; what closed, when all stands
 * that closes now. */
static int
remove_extras(struct job *job, const struct extras *xs, bool closes,
    const struct lab_tell *tell)
{
	int rc = 0;

	for (enum extra_what w = EXTRA_THING; w <= EXTRA_NETNS; w++)
		for (size_t i = 0; i < xs->n && rc == 0; i++)
			if (xs->all[i].what == w && !xs->all[i].stays &&
			    xs->all[i].closes == closes)
				rc = remove_extra(job, &xs->all[i], tell);
	if (xs->n != 0)
		seen_forget_all(job);
	return rc;
}

static int
do_all(struct job *job, const struct lab_tell *tell)
{
	size_t n;
	int rc = 0;

	for (size_t i = 0; i < job->plan->n_steps && rc == 0; i += n) {
		n = 1;
		if (is_left_out(job, &job->plan->steps[i]))
			continue;
		n = steps_together(job->plan, i);
		if ((rc = job_go_on(job)) != 0) {
			(void)netns_leave(job);
			return failed(job, i, rc, tell);
		}
		rc = do_together(job, i, n, tell);
	}
	return rc;
}

int
lab_apply(const struct lookback_host *host, const struct lookback_plan *plan,
    const struct lab_tell *tell)
{
	struct job job = { .host = host, .plan = plan };
	struct extras extras;
	int rc;

	if ((rc = begin(&job, tell)) != 0)
		return rc;
	if ((rc = extras_find(&job, &extras)) != 0 ||
	    (rc = extras_check(&job, &extras)) != 0)
		rc = host->fail(host->ctx, -rc, "%s", job.why);
	else if ((rc = remove_extras(&job, &extras, false, tell)) == 0 &&
	    (rc = do_all(&job, tell)) == 0)
		rc = remove_extras(&job, &extras, true, tell);
	extras_free(&extras);
	end(&job);
	return rc;
}

/* ---- observe ---- */

/* What cannot be, and need not. */
static int
observe_left_out(struct job *job, size_t i, int rc, const struct lab_tell *tell)
{
	const struct lookback_step *s = &job->plan->steps[i];
	char words[256];

	if (s->advice == NULL)
		return job->host->fail(job->host->ctx, -rc, "%s: %s",
		    step_words(job, i, words, sizeof(words)), job->why);
	job->advice = s->advice;
	tell_step(tell, i, LOOKBACK_LEFT_OUT, job->why);
	return 0;
}

static int
observe_step(struct job *job, size_t i, const struct lab_tell *tell)
{
	const struct lookback_step *s = &job->plan->steps[i];
	struct look look;
	int rc, back;

	if (is_left_out(job, s)) {
		tell_step(tell, i, LOOKBACK_LEFT_OUT, "");
		return 0;
	}
	rc = step_look(job, s, &look);
	if (rc != 0)
		return observe_left_out(job, i, rc, tell);
	if ((back = netns_leave(job)) != 0)
		return job->host->fail(job->host->ctx, -back, "%s", job->why);
	tell_step(tell, i, look.state, look.text);
	return 0;
}

static int
observe_extras(struct job *job, const struct lab_tell *tell)
{
	struct extras xs;
	int rc = extras_find(job, &xs);

	(void)netns_leave(job);
	if (rc != 0)
		rc = job->host->fail(job->host->ctx, -rc, "%s", job->why);
	for (size_t i = 0; i < xs.n && rc == 0; i++)
		tell_step(tell, xs.all[i].step, LOOKBACK_EXTRA, xs.all[i].text);
	extras_free(&xs);
	return rc;
}

int
lab_observe(const struct lookback_host *host, const struct lookback_plan *plan,
    const struct lab_tell *tell)
{
	struct job job = { .host = host, .plan = plan };
	int rc = begin(&job, tell);

	if (rc != 0)
		return rc;
	for (size_t i = 0; i < plan->n_steps && rc == 0; i++)
		rc = observe_step(&job, i, tell);
	if (rc == 0)
		rc = observe_extras(&job, tell);
	end(&job);
	return rc;
}
