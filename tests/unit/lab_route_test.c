/*
 * The routes to masks, in the words of each system.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "labrouter/mask_routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
says(enum mask_os os, bool remove, unsigned len, const char *want)
{
	const struct mask_route r = { { 0xc0a89600, len }, 0xc0a89532 };
	struct buf b = { 0 };

	assert_int_equal(mask_route_text(&b, os, remove, &r), 0);
	assert_string_equal(buf_str(&b), want);
	buf_done(&b);
}

static void
linux_routes_bear_our_mark(void **state)
{
	(void)state;
	says(MASK_LINUX, false, 24,
	    "ip route add 192.168.150.0/24 via 192.168.149.50 proto 76");
	says(MASK_LINUX, true, 24,
	    "ip route del 192.168.150.0/24 via 192.168.149.50 proto 76");
}

static void
windows_has_masks(void **state)
{
	(void)state;
	says(MASK_WINDOWS, false, 24,
	    "route add 192.168.150.0 mask 255.255.255.0 192.168.149.50");
	says(MASK_WINDOWS, false, 23,
	    "route add 192.168.150.0 mask 255.255.254.0 192.168.149.50");
	says(MASK_WINDOWS, true, 24,
	    "route delete 192.168.150.0 mask 255.255.255.0 192.168.149.50");
}

static void
macos_has_prefixes(void **state)
{
	(void)state;
	says(MASK_MACOS, false, 24,
	    "route -n add -net 192.168.150.0/24 192.168.149.50");
	says(MASK_MACOS, true, 24,
	    "route -n delete -net 192.168.150.0/24 192.168.149.50");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linux_routes_bear_our_mark),
		cmocka_unit_test(windows_has_masks),
		cmocka_unit_test(macos_has_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
