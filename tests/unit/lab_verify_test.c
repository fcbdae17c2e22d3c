/*
 * Asking machines, here ports of our own and scripts; and the report.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "labrouter/verify.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define S INT64_C(1000000000)
#define LOOPBACK UINT32_C(0x7f000000)

/* The mask is loopback, so 10.0.0.1 is asked at 127.0.0.1. */
struct one_machine {
	struct scratch s;
	struct lab lab;
	struct lab_network net;
	struct lab_machine machine;
	struct port_range range;
	struct verify v;
	char script[SCRATCH_PATH];
};

static void
make(struct one_machine *o)
{
	memset(o, 0, sizeof(*o));
	scratch_make(&o->s);
	o->net = (struct lab_network){ .name = (char *)(uintptr_t) "net",
		.mask = { LOOPBACK, 24 },
		.gateway = { 0x0a0000fe, 24 } };
	o->machine = (struct lab_machine){ .name = (char *)(uintptr_t) "m",
		.addr = 0x0a000001,
		.line = 7,
		.timeout_ns = 20 * S };
	o->lab = (struct lab){ .name = (char *)(uintptr_t) "one",
		.file = (char *)(uintptr_t) "one.lab",
		.network = &o->net,
		.n_networks = 1,
		.machine = &o->machine,
		.n_machines = 1 };
}

static void
done(struct one_machine *o)
{
	verify_done(&o->v);
	scratch_remove(&o->s);
}

static void
ask_for_port(struct one_machine *o, uint16_t port)
{
	o->range = (struct port_range){ port, port };
	o->machine.tcp = (struct ports){ &o->range, 1 };
}

static void
write_script(struct one_machine *o, const char *text)
{
	FILE *f;

	scratch_keep_path(&o->s, "script", o->script);
	f = fopen(o->script, "we");
	assert_non_null(f);
	assert_true(fprintf(f, "#!/bin/sh\n%s", text) > 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(o->script, 0700), 0);
	o->machine.script = o->script;
}

static bool
passes(struct one_machine *o)
{
	struct err err = ERR_INIT;

	if (verify_init(&o->v, &o->lab, &err) != 0 ||
	    verify_run(&o->v, &err) != 0)
		fail_msg("%s", told(&err));
	return o->v.n_passed == 1;
}

static struct verify_check *
last(struct one_machine *o)
{
	struct verify_machine *m = &o->v.machine[0];

	return &m->check[m->n_checks - 1];
}

/* A socket bound to 127.0.0.1. */
static int
bind_one(uint16_t *ret_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	*ret_port = ntohs(at.sin_port);
	return fd;
}

static void
an_open_port_passes_and_its_script_knows_it(void **state)
{
	struct one_machine o;
	char want[64];
	uint16_t port;
	int fd = bind_one(&port);

	(void)state;
	make(&o);
	assert_int_equal(listen(fd, 5), 0);
	ask_for_port(&o, port);
	write_script(&o, "echo \"$# $1 $2\"\n");
	assert_true(passes(&o));
	(void)snprintf(want, sizeof(want), "2 127.0.0.1 %u\n", port);
	assert_string_equal(buf_str(&last(&o)->output), want);
	assert_int_equal(o.v.machine[0].addr, LOOPBACK + 1);
	assert_int_equal(last(&o)->tries, 1);
	(void)close(fd);
	done(&o);
}

static void
a_closed_port_is_tried_until_the_time_is_over(void **state)
{
	struct one_machine o;
	uint16_t port;
	int fd = bind_one(&port);

	(void)state;
	make(&o);
	ask_for_port(&o, port);
	write_script(&o, "exit 0\n");
	o.machine.timeout_ns = S + S / 2;
	assert_false(passes(&o));
	assert_int_equal(o.v.machine[0].check[0].tries, 2);
	assert_string_equal(o.v.machine[0].check[0].said, "Connection refused");
	/* The script's turn never came. */
	assert_int_equal(last(&o)->tries, 0);
	assert_true(o.v.took_ns >= S + S / 2);
	(void)close(fd);
	done(&o);
}

static void
a_script_is_run_again_until_it_passes(void **state)
{
	struct one_machine o;

	(void)state;
	make(&o);
	write_script(&o,
	    "[ $# = 1 ] || exit 5\n"
	    "echo x >> $0.count; [ \"$(grep -c x $0.count)\" = 2 ]\n");
	assert_true(passes(&o));
	assert_int_equal(last(&o)->tries, 2);
	assert_string_equal(last(&o)->said, "");
	done(&o);
}

/* Its group dies with it, and a child that holds its output holds nobody up. */
static void
a_script_ends_with_its_time(void **state)
{
	struct one_machine o;
	char text[64] = { 0 };
	FILE *f;
	int pid;

	(void)state;
	make(&o);
	write_script(&o,
	    "trap '' TERM INT HUP\nsleep 99 & echo $! > $0.pid\n"
	    "echo begun; sleep 99\n");
	o.machine.timeout_ns = S;
	assert_false(passes(&o));
	assert_true(o.v.took_ns < 10 * S);
	assert_string_equal(last(&o)->said, "killed, since the time is over");
	assert_string_equal(buf_str(&last(&o)->output), "begun\n");
	f = fopen(scratch_path(&o.s, "script.pid"), "re");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	assert_int_equal(fclose(f), 0);
	assert_int_equal(sscanf(text, "%d", &pid), 1);
	/* Killed, perhaps not yet gone: nobody is left who would run. */
	for (int i = 0; i < 1000 && kill(pid, 0) == 0; i++) {
		char path[64], stat[256] = "";

		(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		if ((f = fopen(path, "re")) == NULL)
			break;
		(void)fgets(stat, sizeof(stat), f);
		(void)fclose(f);
		if (strstr(stat, ") Z ") != NULL)
			break;
		(void)usleep(10000);
		assert_int_not_equal(i, 999);
	}
	done(&o);
}

static void
a_script_that_talks_without_end_is_kept_short(void **state)
{
	struct one_machine o;

	(void)state;
	make(&o);
	write_script(&o,
	    "head -c 1000000 /dev/zero | tr '\\0' a; echo the end; exit 3\n");
	o.machine.timeout_ns = S;
	assert_false(passes(&o));
	assert_string_equal(last(&o)->said, "status 3");
	assert_true(last(&o)->output.len < 16384);
	assert_non_null(strstr(buf_str(&last(&o)->output), "the end\n"));
	done(&o);
}

static void
a_script_that_is_not_there_is_hopeless(void **state)
{
	struct one_machine o;

	(void)state;
	make(&o);
	write_script(&o, "exit 0\n");
	assert_int_equal(unlink(o.script), 0);
	assert_false(passes(&o));
	assert_true(last(&o)->hopeless);
	assert_int_equal(last(&o)->tries, 1);
	assert_true(o.v.took_ns < 10 * S);
	done(&o);
}

static void
what_machines_say_does_not_reach_the_terminal(void **state)
{
	struct one_machine o;
	struct err err = ERR_INIT;
	struct buf json = { 0 };
	struct verify_check *c;
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	(void)state;
	make(&o);
	o.machine.ping = true;
	write_script(&o, "");
	assert_int_equal(verify_init(&o.v, &o.lab, &err), 0);
	o.v.machine[0].check[0].passed = true;
	c = last(&o);
	c->tries = 2;
	(void)strcpy(c->said, "status 1");
	assert_int_equal(buf_add_str(&c->output, "\033[2J\"a\nb"), 0);
	assert_non_null(to);
	assert_int_equal(verify_text(&o.v, to), 0);
	assert_int_equal(fclose(to), 0);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "    \\x1b[2J\"a\n    b\n"));
	assert_non_null(strstr(text, "one.lab:7: m: script "));
	assert_non_null(strstr(text, ": status 1 (2 tries)\n"));
	assert_non_null(strstr(text, "one: 0 of 1 machines passed\n"));
	assert_int_equal(verify_json(&json, &o.v), 0);
	assert_non_null(
	    strstr(buf_str(&json), "\"output\":\"\\u001b[2J\\\"a\\nb\""));
	free(text);
	buf_done(&json);
	done(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_port_passes_and_its_script_knows_it),
		cmocka_unit_test(a_closed_port_is_tried_until_the_time_is_over),
		cmocka_unit_test(a_script_is_run_again_until_it_passes),
		cmocka_unit_test(a_script_ends_with_its_time),
		cmocka_unit_test(a_script_that_talks_without_end_is_kept_short),
		cmocka_unit_test(a_script_that_is_not_there_is_hopeless),
		cmocka_unit_test(what_machines_say_does_not_reach_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
