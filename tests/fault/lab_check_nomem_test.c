/*
 * Whatever allocation of a check fails: it is told, and no finding is left of
 * which people could think that it is all.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
/* wrap: reallocarray */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fault/faults.h"

#include <stdlib.h>

#include "labrouter/check.h"

static const char text[] = "[Production]\n"
			   "Attach = eth0\n"
			   "Address = 192.168.149.50/24\n"
			   "[Network \"VM Network\"]\n"
			   "Gateway = 192.168.149.2/24\n"
			   "Mask = 192.168.150.0/24\n"
			   "Static = 192.168.149.2 -> 192.168.149.36\n"
			   "Allow = 192.168.149.36\n"
			   "Allow = 192.168.149.36 tcp 22\n";

static void
a_check_survives_no_memory(void **state)
{
	struct err err = ERR_INIT;
	struct lab lab;
	const struct lab *labs[] = { &lab };
	struct lab_findings f;
	long n = 0;
	int rc;

	(void)state;
	assert_int_equal(
	    lab_parse(&lab, "a.lab", text, sizeof(text) - 1, &err), 0);
	for (;; n++) {
		faults_arm(n);
		rc = lab_check(&f, labs, 1, &(struct lab_host){ 0 }, &err);
		faults_disarm();
		if (!faults_hit)
			break;
		assert_int_equal(rc, ERR_NOMEM);
		assert_int_equal(err.code, ERR_NOMEM);
		assert_null(f.item);
		assert_int_equal(f.n, 0);
	}
	assert_int_equal(n, 3); /* claims, entries, findings */
	assert_int_equal(rc, 0);
	assert_int_equal(f.n, 2);
	assert_int_equal(f.n_errors, 1);
	lab_findings_done(&f);
	lab_done(&lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_check_survives_no_memory),
	};

	return cmocka_run_group_tests_name(
	    "lab_check_nomem", tests, NULL, NULL);
}
