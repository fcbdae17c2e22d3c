/*
 * The keys that the parser knows, that the manual explains and that the sample
 * file shows are the same ones. Run from the top of the tree.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "indexer/server_settings.h"
#include "indexer/settings.h"
#include "labrouter/model.h"
#include "labrouter/parse.h"
#include "sys/file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct documented {
	const struct settings_table *keys;
	const char *manual, *sample;
	int (*load)(const char *text, size_t len, struct err *);
};

static int
load_host(const char *text, size_t len, struct err *err)
{
	struct settings s;
	int rc = settings_load_text(&s, "sample", text, len, err);

	if (rc == 0)
		settings_done(&s);
	return rc;
}

static int
load_server(const char *text, size_t len, struct err *err)
{
	struct server_settings s;
	int rc = server_settings_load_text(&s, "sample", text, len, err);

	if (rc == 0)
		server_settings_done(&s);
	return rc;
}

static int
load_lab(const char *text, size_t len, struct err *err)
{
	struct lab lab;
	int rc = lab_parse(&lab, "sample.lab", text, len, err);

	if (rc == 0)
		lab_done(&lab);
	return rc;
}

static struct documented host = { &settings_keys, "man/lindex.conf.5",
	"etc/lindex.conf", load_host };
static struct documented server = { &server_settings_keys,
	"man/lookback-server.conf.5", "etc/server.conf", load_server };
/* Its samples are whole labs: see labs_test.c. */
static struct documented lab_file = { &lab_keys, "man/lookback-lab.5", NULL,
	load_lab };

static void
read_file(const char *path, struct buf *ret)
{
	struct err err = ERR_INIT;

	if (file_read_all(AT_FDCWD, path, 1 << 20, ret, &err) != 0)
		fail_msg("%s", err.cause);
	(void)buf_str(ret);
}

static size_t
row_of(const struct settings_table *keys, const char *section, const char *key)
{
	for (size_t i = 0; i < keys->n; i++)
		if (strcmp(keys->row[i].section, section) == 0 &&
		    strcmp(keys->row[i].key, key) == 0)
			return i;
	fail_msg("[%s] %s is not a key of the parser", section, key);
	return 0;
}

static void
assert_all(const struct settings_table *keys, uint64_t seen, const char *file)
{
	for (size_t i = 0; i < keys->n; i++)
		if (!(seen & UINT64_C(1) << i))
			fail_msg("%s lacks [%s] %s", file, keys->row[i].section,
			    keys->row[i].key);
}

/* Each ".It Cm KEY" under its ".Ss", and the default that it ends with. */
static void
the_manual_explains_the_keys(void **state)
{
	const struct documented *d = *state;
	char section[64] = "", key[64] = "", def[160], *save = NULL;
	struct buf b = { 0 };
	bool pending = false;
	uint64_t seen = 0;

	read_file(d->manual, &b);
	for (char *line = strtok_r((char *)b.data, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, ".Ss ", 4) == 0) {
			section[0] = '\0';
			(void)sscanf(line, ".Ss [%63[A-Za-z]", section);
		}
		if (sscanf(line, ".It Cm %63s", key) == 1)
			seen |= UINT64_C(1) << row_of(d->keys, section, key);
		if (sscanf(line, "Default: %159[^.,]", def) == 1 ||
		    (pending && sscanf(line, ".%*s %159s", def) == 1)) {
			size_t i = row_of(d->keys, section, key);

			if (d->keys->row[i].def != NULL)
				assert_string_equal(def, d->keys->row[i].def);
		}
		pending = strcmp(line, "Default:") == 0;
	}
	assert_all(d->keys, seen, d->manual);
	buf_done(&b);
}

/* Each "#key = value" under its section, with the default. */
static void
the_sample_shows_the_keys_with_their_defaults(void **state)
{
	const struct documented *d = *state;
	char section[64] = "", key[64], value[160], *save = NULL;
	struct buf b = { 0 };
	uint64_t seen = 0;

	read_file(d->sample, &b);
	for (char *line = strtok_r((char *)b.data, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "[%63[A-Za-z]]", section) == 1)
			continue;
		if (strncmp(line, "#[", 2) == 0) {
			/* What follows is an example, to the next section. */
			(void)snprintf(section, sizeof(section), "-");
			continue;
		}
		if (strcmp(section, "-") == 0 ||
		    sscanf(line, "#%63[a-z-] = %159[^\n]", key, value) != 2)
			continue;
		size_t i = row_of(d->keys, section, key);

		seen |= UINT64_C(1) << i;
		if (d->keys->row[i].def != NULL)
			assert_string_equal(value, d->keys->row[i].def);
	}
	assert_all(d->keys, seen, d->sample);
	buf_done(&b);
}

static void
the_sample_is_valid_with_and_without_comments(void **state)
{
	const struct documented *d = *state;
	struct buf b = { 0 };
	struct err err = ERR_INIT;

	read_file(d->sample, &b);
	if (d->load((const char *)b.data, b.len, &err) != 0)
		fail_msg("%s%s", err.where, err.cause);
	/* "#key" and "#[" are settings, "# text" and "#" are not. */
	for (size_t i = 0; i + 1 < b.len; i++)
		if (b.data[i] == '#' && b.data[i + 1] != ' ' &&
		    b.data[i + 1] != '\n')
			b.data[i] = ' ';
	if (d->load((const char *)b.data, b.len, &err) != 0)
		fail_msg("%s%s", err.where, err.cause);
	buf_done(&b);
}

/* What stands between ".Bd" and ".Ed" under EXAMPLES. */
static void
the_manuals_example_is_valid(void **state)
{
	const struct documented *d = *state;
	struct buf b = { 0 };
	struct err err = ERR_INIT;
	const char *from, *to;

	read_file(d->manual, &b);
	from = strstr((const char *)b.data, ".Sh EXAMPLES");
	assert_non_null(from);
	assert_non_null(from = strstr(from, ".Bd "));
	assert_non_null(from = strchr(from, '\n'));
	assert_non_null(to = strstr(from, "\n.Ed"));
	if (d->load(from, (size_t)(to - from), &err) != 0)
		fail_msg("%s%s", err.where, err.cause);
	buf_done(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(the_manual_explains_the_keys, &host),
		cmocka_unit_test_prestate(
		    the_manual_explains_the_keys, &server),
		cmocka_unit_test_prestate(
		    the_manual_explains_the_keys, &lab_file),
		cmocka_unit_test_prestate(
		    the_sample_shows_the_keys_with_their_defaults, &host),
		cmocka_unit_test_prestate(
		    the_sample_shows_the_keys_with_their_defaults, &server),
		cmocka_unit_test_prestate(
		    the_sample_is_valid_with_and_without_comments, &host),
		cmocka_unit_test_prestate(
		    the_sample_is_valid_with_and_without_comments, &server),
		cmocka_unit_test_prestate(the_manuals_example_is_valid, &host),
		cmocka_unit_test_prestate(
		    the_manuals_example_is_valid, &server),
		cmocka_unit_test_prestate(
		    the_manuals_example_is_valid, &lab_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
