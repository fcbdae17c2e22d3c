/*
 * A snapshot in which nothing changes, of any date: a clock that was ahead.
 *
 *   snapshot_at STORE SERIES NANOSECONDS
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/recorder.h"

#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
	struct scope scope = { 0 };
	struct record_head head = { .origin = "file:///",
		.scope = &scope,
		.fields = ENTRY_ALL,
		.additive = true };
	struct record_result result;
	struct series_lock *lock;
	struct recorder *r;
	struct err err = ERR_INIT;
	struct store *s;
	char text[2048];

	if (argc != 4 || scope_set_root(&scope, "/") != 0)
		return 2;
	head.series = argv[2];
	head.clock_ns = head.date_ns = strtoll(argv[3], NULL, 10);
	if (store_open(&s, argv[1], STORE_WRITE, &err) != 0 ||
	    series_lock_take(&lock, s, argv[2], "a test", 0, &err) != 0 ||
	    recorder_begin(&r, s, &head, &err) != 0 ||
	    recorder_finish(r, &result, &err) != 0) {
		fprintf(stderr, "%s\n", err_text(&err, text, sizeof(text)));
		return 2;
	}
	recorder_free(r);
	series_lock_release(lock);
	store_close(s);
	scope_done(&scope);
	return 0;
}
