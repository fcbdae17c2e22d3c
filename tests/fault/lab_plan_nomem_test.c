/*
 * Whatever allocation of a plan fails: it is told, and there is no plan of
 * which a step or a rule is missing.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
/* wrap: calloc realloc reallocarray strdup */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fault/faults.h"

#include <stdlib.h>
#include <string.h>

#include "labrouter/plan.h"

#define PRODUCTION "[Production]\nAttach = br0\n"
#define FIXED PRODUCTION "Address = 192.168.149.50/24\n"
#define LEASED PRODUCTION "Address = dhcp\nGateway = 192.168.149.2\n"
#define NETWORK                                            \
	"[Network \"VM Network\"]\n"                       \
	"Gateway = 192.168.149.2/24\n"                     \
	"Mask = 192.168.150.0/24\n"                        \
	"Static = 192.168.149.136 -> 192.168.149.36\n"     \
	"Publish = 99.99.99.99 tcp 80 -> 192.168.149.36\n" \
	"Allow = 192.168.149.36 tcp 22\n"                  \
	"Join = DMZ\n"
#define DMZ                            \
	"[Network \"DMZ\"]\n"          \
	"Gateway = 192.168.129.2/24\n" \
	"Mask = 172.16.129.0/24\n"
#define SERVICES "Proxy = yes\nDns = yes\n"
#define NAT                                              \
	"[Nat]\nAddress = 10.1.1.1/24\n"                 \
	"Dnat = 192.168.149.7 tcp 80 -> 10.1.1.2\n"      \
	"Snat = 10.1.1.2 -> 192.168.149.7 30000-30009\n" \
	"Masquerade = 10.1.1.0/24\n"

static const char fixed[] = FIXED NETWORK SERVICES DMZ;
static const char leased[] = LEASED NETWORK SERVICES DMZ;
static const char single[] = "[Lab]\nLayout = single\n" FIXED NETWORK DMZ NAT;

static void
a_plan_survives_no_memory(void **state)
{
	struct lookback_plan *plan = NULL, *again;
	struct err err = ERR_INIT;
	struct lab lab;
	const char *text = *state;
	long n;
	int rc;

	assert_int_equal(lab_parse(&lab, "a.lab", text, strlen(text), &err), 0);
	for (n = 0;; n++) {
		faults_arm(n);
		rc = lab_plan(&lab, LAB_BRIDGE, &plan, &err);
		faults_disarm();
		if (!faults_hit)
			break;
		assert_int_equal(rc, ERR_NOMEM);
		assert_int_equal(err.code, ERR_NOMEM);
		assert_null(plan);
	}
	assert_true(n > 20);
	assert_int_equal(rc, 0);
	for (n = 0;; n++) {
		again = NULL;
		faults_arm(n);
		rc = lab_plan_stop(&lab, &again, &err);
		faults_disarm();
		if (!faults_hit)
			break;
		assert_int_equal(rc, ERR_NOMEM);
		assert_null(again);
	}
	assert_int_equal(rc, 0);
	lab_plan_free(again);
	assert_int_equal(lab_plan(&lab, LAB_BRIDGE, &again, &err), 0);
	assert_int_equal(plan->n_steps, again->n_steps);
	assert_int_equal(plan->hash, again->hash);
	lab_plan_free(again);
	lab_plan_free(plan);
	assert_int_equal(lab_plan(&lab, LAB_NIC, &again, &err), 0);
	assert_int_not_equal(again->hash, 0);
	lab_plan_free(again);
	lab_done(&lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a_plan_survives_no_memory", a_plan_survives_no_memory, NULL,
		    NULL, (void *)(uintptr_t)fixed },
		{ "a_plan_with_a_lease_survives_no_memory",
		    a_plan_survives_no_memory, NULL, NULL,
		    (void *)(uintptr_t)leased },
		{ "a_plan_of_one_namespace_survives_no_memory",
		    a_plan_survives_no_memory, NULL, NULL,
		    (void *)(uintptr_t)single },
	};

	return cmocka_run_group_tests_name("lab_plan_nomem", tests, NULL, NULL);
}
