/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#undef err_set /* macros for the analyser */
#undef err_sys
#undef err_nomem

void
err_clear(struct err *err)
{
	err->code = 0;
	err->sys = 0;
	err->cause[0] = '\0';
	err->where[0] = '\0';
}

int
err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;

	err_clear(err);
	err->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(err->cause, sizeof(err->cause), fmt, ap);
	va_end(ap);
	return code;
}

int
err_sys(struct err *err, const char *fmt, ...)
{
	int saved = errno;
	const char *why = strerrordesc_np(saved);
	size_t len, room;
	va_list ap;

	err_clear(err);
	err->code = ERR_SYS;
	err->sys = saved;
	va_start(ap, fmt);
	(void)vsnprintf(err->cause, sizeof(err->cause), fmt, ap);
	va_end(ap);
	if (why == NULL)
		why = "unknown error";
	/* A long name is cut, not the reason behind it. */
	len = strlen(err->cause);
	room = sizeof(err->cause) - strlen(why) - sizeof(": ");
	if (len > room) {
		len = room;
		memcpy(err->cause + len - 3, "...", 3);
	}
	(void)snprintf(err->cause + len, sizeof(err->cause) - len, ": %s", why);
	return ERR_SYS;
}

int
err_nomem(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory");
}

int
err_wrap(struct err *err, const char *fmt, ...)
{
	char old[sizeof(err->where)];
	size_t len;
	va_list ap;

	memcpy(old, err->where, sizeof(old));
	va_start(ap, fmt);
	(void)vsnprintf(err->where, sizeof(err->where), fmt, ap);
	va_end(ap);
	len = strlen(err->where);
	if (len + strlen(old) + 3 > sizeof(err->where)) {
		/* The innermost context says more than the outermost. */
		memcpy(err->where, old, sizeof(old));
		return err->code;
	}
	memcpy(err->where + len, ": ", 2);
	memcpy(err->where + len + 2, old, strlen(old) + 1);
	return err->code;
}

const char *
err_text(const struct err *err, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%s%s", err->where, err->cause);
	for (char *p = buf; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c < 0x20 || c == 0x7f)
			*p = '?';
	}
	return buf;
}
