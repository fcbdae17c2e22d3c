/*
 * Lab files for which memory runs out at any call: it is told, and nothing
 * leaks.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
/* wrap: malloc calloc realloc reallocarray strdup strndup openat64 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fault/faults.h"

#include <string.h>

#include "labrouter/check.h"
#include "labrouter/labs.h"

#define EVERY_KEY "tests/fuzz/corpus/lab/every-key"
#define CALLS_MAX 1000

/* Find, read and check the samples, as labrouter does, the nth call failing. */
static int
once(long n, struct err *err)
{
	char *files[] = { (char[]){ "etc/labs/three-networks.lab" },
		(char[]){ "etc/labs/publish.lab" }, (char[]){ EVERY_KEY },
		(char[]){ "etc/labs/nat.lab" }, NULL };
	struct strlist list = { 0 };
	struct lab lab[4] = { 0 };
	const struct lab *labs[] = { &lab[0], &lab[1], &lab[2], &lab[3] };
	struct lab_findings found = { 0 };
	int rc;

	err_clear(err);
	faults_arm(n);
	rc = labs_find(&list, "etc/labs", files, err);
	for (size_t i = 0; i < list.n && rc == 0; i++)
		rc = lab_read(&lab[i], list.item[i], err);
	if (rc == 0)
		rc = lab_check(
		    &found, labs, list.n, &(struct lab_host){ 0 }, err);
	faults_disarm();
	if (rc == 0) {
		assert_int_equal(lab[0].n_networks, 3);
		assert_int_equal(lab[1].network[0].n_publish, 4);
		assert_int_equal(lab[2].n_machines, 1);
		assert_int_equal(lab[3].nat.n_rules, 7);
	}
	lab_findings_done(&found);
	for (size_t i = 0; i < 4; i++)
		lab_done(&lab[i]);
	strlist_done(&list);
	return rc;
}

static void
a_call_that_fails_is_told(void **state)
{
	struct err err = ERR_INIT;
	long n = 0;

	(void)state;
	assert_int_equal(once(CALLS_MAX, &err), 0);
	do {
		int rc = once(n, &err);

		assert_true(n < CALLS_MAX);
		if (faults_hit && rc != ERR_NOMEM && rc != ERR_SYS)
			fail_msg("call %ld: %d, %s", n, rc, err.cause);
		assert_int_equal(rc, err.code);
	} while (n++, faults_hit);
	assert_true(n > 50);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_that_fails_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
