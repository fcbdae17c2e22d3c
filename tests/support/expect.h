/*
 * What must hold in a test. Not an assertion library's, since fuzz targets link
 * with tests/support too. A test that fails here exits, so that what it made
 * goes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_EXPECT_H
#define SUPPORT_EXPECT_H

/* Fails the test with the place. */
#define expect(good) ((good) ? (void)0 : expect_failed("not so: " #good))
/* Fails it with this message. */
#define expect_failed(why) expect_failed_at(__FILE__, __LINE__, why)
/* They are the same text. */
#define expect_text(got, want) expect_text_at(__FILE__, __LINE__, got, want)

_Noreturn void expect_failed_at(const char *file, int line, const char *why);
void expect_text_at(
    const char *file, int line, const char *got, const char *want);

/* These stand in the list, a blank behind each. */
struct strlist;
void expect_strings(const struct strlist *, const char *want);

#endif
