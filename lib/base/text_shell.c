/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/text.h"

#include <string.h>

int
text_shell(struct buf *b, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-+:,@%=";
	int failed;

	if (*s != '\0' && s[strspn(s, plain)] == '\0')
		return buf_add_str(b, s);
	failed = buf_add_byte(b, '\'');
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			failed |= buf_add_str(b, "'\\''");
		else
			failed |= buf_add_byte(b, (uint8_t)*s);
	}
	return failed | buf_add_byte(b, '\'');
}
