/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/log.h"
#include "base/text.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE_MAX 4096
#define PROGRESS_NS 200000000

static const char *program = "lookback";

/* One line at a time on stderr, and whether a progress line stands there. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool drawn;
static struct timespec drawn_at;

static void (*divert)(void *ctx, const char *level, const char *text);
static void *divert_ctx;

void
log_divert(void (*fn)(void *, const char *, const char *), void *ctx)
{
	divert = fn;
	divert_ctx = ctx;
}

void
log_program(const char *name)
{
	program = name;
}

static void
put(const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDERR_FILENO, s, len);

		if (n <= 0)
			return; /* nobody is left to be told */
		s += n;
		len -= (size_t)n;
	}
}

/* Wipe the progress line; the lock is held. */
static void
wipe(void)
{
	if (drawn)
		put("\r\033[K", 4);
	drawn = false;
}

static void
say(const char *level, const char *text)
{
	struct buf b = { 0 };

	if (divert != NULL) {
		divert(divert_ctx, level, text);
		return;
	}
	if (buf_printf(&b, "%s: %s", program, level) != 0 ||
	    text_tame(&b, text, strlen(text)) != 0 ||
	    buf_add_byte(&b, '\n') != 0) {
		buf_done(&b);
		pthread_mutex_lock(&lock);
		wipe();
		put("out of memory\n", 14);
		pthread_mutex_unlock(&lock);
		return;
	}
	pthread_mutex_lock(&lock);
	wipe();
	put((const char *)b.data, b.len);
	pthread_mutex_unlock(&lock);
	buf_done(&b);
}

static void __attribute__((format(printf, 2, 0)))
sayf(const char *level, const char *fmt, va_list ap)
{
	char text[MESSAGE_MAX];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	say(level, text);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sayf("", fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sayf("warning: ", fmt, ap);
	va_end(ap);
}

void
log_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sayf("", fmt, ap);
	va_end(ap);
}

void
log_err(const struct err *err)
{
	char text[sizeof(err->where) + sizeof(err->cause)];

	say("", err_text(err, text, sizeof(text)));
}

bool
progress_wanted(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term != NULL &&
	    strcmp(term, "dumb") != 0;
}

/* At most `columns` characters of tamed text. */
static size_t
fitting(const struct buf *b, size_t columns)
{
	size_t i = 0;

	for (; i < b->len; i++) {
		if ((b->data[i] & 0xc0) == 0x80)
			continue;
		if (columns-- == 0)
			break;
	}
	return i;
}

void
progress(const char *fmt, ...)
{
	char text[MESSAGE_MAX];
	struct winsize size = { 0 };
	struct timespec now;
	struct buf b = { 0 };
	va_list ap;

	if (!progress_wanted())
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	pthread_mutex_lock(&lock);
	if (drawn &&
	    (now.tv_sec - drawn_at.tv_sec) * 1000000000LL + now.tv_nsec -
		    drawn_at.tv_nsec <
		PROGRESS_NS)
		goto done;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (text_tame(&b, text, strlen(text)) != 0)
		goto done;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2)
		size.ws_col = 80;
	wipe();
	put((const char *)b.data, fitting(&b, size.ws_col - 1u));
	drawn = true;
	drawn_at = now;
done:
	pthread_mutex_unlock(&lock);
	buf_done(&b);
}

void
progress_end(void)
{
	pthread_mutex_lock(&lock);
	wipe();
	pthread_mutex_unlock(&lock);
}
