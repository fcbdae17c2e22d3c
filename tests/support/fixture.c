/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/fixture.h"

#include <sqlite3.h>

#include "tests/support/expect.h"

struct scratch scratch;
char dir[SCRATCH_PATH];
struct store *store;
struct err err;

int
fixture_dir(void **state)
{
	(void)state;
	scratch_make(&scratch);
	scratch_keep_path(&scratch, "store", dir);
	err_clear(&err);
	return 0;
}

int
fixture_store(void **state)
{
	(void)fixture_dir(state);
	fixture_open(STORE_CREATE);
	return 0;
}

int
fixture_done(void **state)
{
	(void)state;
	fixture_close();
	scratch_remove(&scratch);
	return 0;
}

void
fixture_open(enum store_mode mode)
{
	fixture_close();
	store = open_or_fail(dir, mode);
}

void
fixture_close(void)
{
	store_close(store);
	store = NULL;
}

void
fixture_sql(const char *text)
{
	sqlite3 *db;

	expect(sqlite3_open(scratch_path(&scratch, "store/manifest.db"), &db) ==
	    SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		expect_failed(sqlite3_errmsg(db));
	expect(sqlite3_close(db) == SQLITE_OK);
}

void
fixture_renew(void)
{
	(void)fixture_done(NULL);
	(void)fixture_dir(NULL);
}
