/*
 * The plugin host with real shared objects: tests/plugins, which lie beside
 * this program as a build's plugins lie beside its own.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plugin/plugin.h"

#include <lookback/plan.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/log.h"
#include "tests/support/expect.h"
#include "tests/support/output.h"
#include "tests/support/scratch.h"

static struct err err;
static struct plugin plugin;
static struct plugin_handle handle;
static const struct lookback_setting nothing[] = { { 0 } };

/* The folder in which this program's own lies. */
static const char *
prefix(void)
{
	static char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	assert_true(len > 0);
	path[len] = '\0';
	*strrchr(path, '/') = '\0';
	*strrchr(path, '/') = '\0';
	return path;
}

/* It fails with this code and exactly this line; %s is the file's path. */
static void
refused(const char *name, int code, const char *line)
{
	char want[2 * PATH_MAX], path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/plugins/%s.so", prefix(), name);
	(void)snprintf(want, sizeof(want), "%s: %s", path, line);
	assert_int_equal(plugin_load_lab(&plugin, name, &err), code);
	expect_text(told(&err), want);
}

static void
load(const char *name)
{
	if (plugin_load_lab(&plugin, name, &err) != 0)
		fail_msg("%s", told(&err));
	assert_string_equal(plugin.info.name, name);
}

static void
a_plugin_beside_the_program_is_found(void **state)
{
	(void)state;
	load("usual");
	assert_string_equal(plugin.info.version, "1");
	assert_non_null(plugin.lab.apply);
	assert_non_null(plugin.lab.trace);
	assert_null(plugin.lab.probe);
	/* Twice is the same. */
	load("usual");
}

static void
a_path_is_a_file(void **state)
{
	char path[PATH_MAX];

	(void)state;
	(void)snprintf(
	    path, sizeof(path), "%s/../plugins/lab-null.so", prefix());
	assert_int_equal(plugin_load_lab(&plugin, path, &err), 0);
	assert_string_equal(plugin.info.name, "lab-null");
}

static void
an_old_plugin_lacks_what_is_new(void **state)
{
	(void)state;
	load("old");
	assert_non_null(plugin.lab.apply);
	assert_non_null(plugin.lab.observe);
	assert_null(plugin.lab.attach);
	assert_null(plugin.lab.trace);
}

static void
a_newer_plugin_is_taken_as_far_as_it_is_known(void **state)
{
	(void)state;
	load("new");
	assert_non_null(plugin.lab.trace);
	assert_int_equal(plugin_open(&handle, &plugin, nothing, &err), 0);
	plugin_close(&handle);
}

static void
another_abi_is_refused(void **state)
{
	(void)state;
	refused("next-abi", ERR_VERSION,
	    "made for plugin ABI 2, and this program has 1");
	refused("flags", ERR_VERSION, "needs a newer program (flags 0x10)");
}

static void
what_is_no_plugin_is_refused(void **state)
{
	(void)state;
	refused(
	    "no-symbol", ERR_FORMAT, "not a plugin: no symbol lookback_plugin");
	refused("unresolved", ERR_FORMAT, "undefined symbol: nobody_has_this");
	refused("nothing", ERR_FORMAT, "lookback_plugin gives nothing");
}

static void
a_plugin_that_is_not_whole_is_refused(void **state)
{
	char line[80];

	(void)state;
	(void)snprintf(line, sizeof(line),
	    "not whole: a plugin's table of %zu bytes",
	    offsetof(struct lookback_plugin, ops));
	refused("short-table", ERR_FORMAT, line);
	refused("no-apply", ERR_FORMAT,
	    "not whole: a lab plugin must have apply and observe");
}

static void
another_plugin_is_refused(void **state)
{
	(void)state;
	refused("other-name", ERR_FORMAT, "calls itself usual");
	refused("source", ERR_FORMAT, "a plugin of kind source, not lab");
}

static void
a_file_of_junk_is_refused(void **state)
{
	static const char junk[] = "this is not a shared object";
	struct scratch scratch;
	char path[SCRATCH_PATH], want[SCRATCH_PATH + 80];
	int fd;

	(void)state;
	scratch_make(&scratch);
	scratch_keep_path(&scratch, "junk.so", path);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(plugin_load_lab(&plugin, path, &err), ERR_FORMAT);
	(void)snprintf(want, sizeof(want), "%s: file too short", path);
	expect_text(told(&err), want);
	for (int i = 0; i < 100; i++)
		assert_int_equal(
		    write(fd, junk, sizeof(junk)), (ssize_t)sizeof(junk));
	(void)close(fd);
	assert_int_equal(plugin_load_lab(&plugin, path, &err), ERR_FORMAT);
	(void)snprintf(want, sizeof(want), "%s: invalid ELF header", path);
	expect_text(told(&err), want);
	scratch_remove(&scratch);
}

static void
a_missing_file_is_named_with_its_places(void **state)
{
	char want[2 * PATH_MAX + 80];

	(void)state;
	assert_int_equal(plugin_load_lab(&plugin, "none", &err), ERR_NOTFOUND);
	(void)snprintf(want, sizeof(want),
	    "no plugin none: no none.so in %s/plugins or "
	    "%s/lib/lookback/plugins",
	    prefix(), prefix());
	expect_text(told(&err), want);
	assert_int_equal(
	    plugin_load_lab(&plugin, "/no/none.so", &err), ERR_NOTFOUND);
	expect_text(told(&err), "/no/none.so: No such file or directory");
}

static void
a_name_cannot_leave_the_folder(void **state)
{
	(void)state;
	assert_int_equal(plugin_load_lab(&plugin, "", &err), ERR_USAGE);
	assert_int_equal(plugin_load_lab(&plugin, "..", &err), ERR_USAGE);
	assert_int_equal(plugin_load_lab(&plugin, "Usual", &err), ERR_USAGE);
	expect_text(
	    told(&err), "\"Usual\" is no plugin's name: a-z, 0-9 and - only");
}

static void
keep_text(void *ctx, const struct lookback_finding *finding)
{
	(void)snprintf(ctx, 256, "%s", finding->text);
}

static void
settings_are_whole_and_in_order(void **state)
{
	const struct lookback_setting given[] = { { "count", "42" },
		{ "name", "a b" }, { 0 } };
	struct output output;
	char text[256];

	(void)state;
	load("usual");
	log_program("plugin_test");
	assert_int_equal(plugin_open(&handle, &plugin, given, &err), 0);
	output_catch(&output);
	(void)plugin.lab.apply(handle.self, NULL, keep_text, text);
	output_release(&output);
	expect_text(text, "name=a b count=42 fail=no later=x ");
	expect_text(buf_str(&output.err),
	    "plugin_test: usual: note 1\n"
	    "plugin_test: warning: usual: warning 2\n");
	output_done(&output);
	plugin_close(&handle);
	assert_int_equal(plugin_open(&handle, &plugin, nothing, &err), 0);
	assert_string_equal(handle.self, "count=3 fail=no later=x ");
	plugin_close(&handle);
}

/* Opening it with this setting, and perhaps a second one, fails so. */
static void
badly_set(const char *key, const char *value, const char *other, int code,
    const char *line)
{
	const struct lookback_setting given[] = { { key, value },
		{ other, "yes" }, { 0 } };

	assert_int_equal(plugin_open(&handle, &plugin, given, &err), code);
	expect_text(told(&err), line);
	plugin_close(&handle); /* is no second close */
}

static void
wrong_settings_are_told(void **state)
{
	(void)state;
	load("usual");
	badly_set("nmae", "x", NULL, ERR_USAGE, "usual: has no option nmae");
	badly_set("count", "-1", NULL, ERR_USAGE,
	    "usual: count: \"-1\" is no number");
	badly_set("fail", "maybe", NULL, ERR_USAGE,
	    "usual: fail: \"maybe\" is not yes or no");
	badly_set(
	    "fail", "no", "fail", ERR_USAGE, "usual: fail is given twice");
}

static void
failures_come_with_the_plugins_words(void **state)
{
	char text[256];
	struct output output;
	int rc;

	(void)state;
	load("usual");
	badly_set("fail", "yes", NULL, ERR_SYS, "usual: no \"eth0\" here");
	assert_int_equal(err.sys, ENODEV);
	badly_set("later", "odd", NULL, ERR_FORMAT,
	    "usual: open returns 19: not 0, and no failure");

	assert_int_equal(plugin_open(&handle, &plugin, nothing, &err), 0);
	output_catch(&output);
	rc = plugin.lab.apply(handle.self, NULL, keep_text, text);
	output_release(&output);
	output_done(&output);
	assert_int_equal(plugin_result(&handle, rc, &err), ERR_SYS);
	assert_int_equal(err.sys, EADDRINUSE);
	expect_text(told(&err), "usual: mask 10.0.0.0/8 is in use");

	/* Not with those of the one before. */
	rc = plugin.lab.observe(handle.self, NULL, keep_text, text);
	assert_int_equal(plugin_result(&handle, rc, &err), ERR_SYS);
	assert_int_equal(err.sys, EPERM);
	expect_text(told(&err),
	    "usual: failed and does not say why: Operation not permitted");
	assert_int_equal(plugin_result(&handle, 1, &err), 1);
	assert_int_equal((handle.host.fail)(handle.host.ctx, 0, "odd"), -EIO);
	assert_int_equal((handle.host.fail)(handle.host.ctx, -3, "odd"), -3);
	plugin_close(&handle);
}

static void
a_signal_that_waits_ends_what_need_not_be_finished(void **state)
{
	const struct timespec now = { 0 };
	sigset_t one;

	(void)state;
	load("usual");
	assert_int_equal(plugin_open(&handle, &plugin, nothing, &err), 0);
	(void)signal(SIGINT, SIG_DFL);
	interrupt_hold();
	assert_int_equal(handle.host.stopping(handle.host.ctx), 0);
	(void)raise(SIGINT);
	assert_int_equal(handle.host.stopping(handle.host.ctx), 1);
	handle.finish = true;
	assert_int_equal(handle.host.stopping(handle.host.ctx), 0);
	plugin_close(&handle);
	/* The next one is asked again. */
	assert_int_equal(plugin_open(&handle, &plugin, nothing, &err), 0);
	assert_int_equal(handle.host.stopping(handle.host.ctx), 1);
	plugin_close(&handle);
	(void)sigemptyset(&one);
	(void)sigaddset(&one, SIGINT);
	assert_int_equal(sigtimedwait(&one, NULL, &now), SIGINT);
}

static void
count_missing(void *ctx, const struct lookback_finding *finding)
{
	size_t *n = ctx;

	assert_int_equal(finding->state, LOOKBACK_MISSING);
	assert_int_equal(finding->step, (*n)++);
}

static void
lab_null_records_what_it_is_asked(void **state)
{
	struct scratch scratch;
	char path[SCRATCH_PATH], text[256] = "";
	struct lookback_setting given[] = { { "record", path }, { 0 } };
	const struct lookback_place place = { sizeof(place), NULL, "br0" };
	const struct lookback_step steps[2] = { { 0 } };
	const struct lookback_plan plan = {
		.lab = "vlab", .steps = steps, .n_steps = 2
	};
	size_t n_missing = 0;
	FILE *file;

	(void)state;
	scratch_make(&scratch);
	a_path_is_a_file(state);
	scratch_keep_path(&scratch, "no/record", path);
	assert_int_equal(plugin_open(&handle, &plugin, given, &err), ERR_SYS);
	assert_int_equal(err.sys, ENOENT);
	scratch_keep_path(&scratch, "record", path);
	assert_int_equal(plugin_open(&handle, &plugin, given, &err), 0);
	assert_int_equal(
	    plugin.lab.apply(handle.self, &plan, count_missing, NULL), 0);
	assert_int_equal(
	    plugin.lab.observe(handle.self, &plan, count_missing, &n_missing),
	    0);
	assert_int_equal(n_missing, 2);
	assert_int_equal(
	    plugin.lab.attach(handle.self, &place, "tap0", NULL), 0);
	assert_int_equal(plugin.lab.detach(handle.self, &place, "tap0"), 0);
	assert_null(plugin.lab.trace);
	file = fopen(path, "re");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	expect_text(text,
	    "apply vlab: 2 steps\nobserve vlab\nattach tap0 to br0\ndetach "
	    "tap0 from br0\n");
	(void)fclose(file);
	plugin_close(&handle);
	scratch_remove(&scratch);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test(f)
	const struct CMUnitTest tests[] = {
		TEST(a_plugin_beside_the_program_is_found),
		TEST(a_path_is_a_file),
		TEST(an_old_plugin_lacks_what_is_new),
		TEST(a_newer_plugin_is_taken_as_far_as_it_is_known),
		TEST(another_abi_is_refused),
		TEST(what_is_no_plugin_is_refused),
		TEST(a_plugin_that_is_not_whole_is_refused),
		TEST(another_plugin_is_refused),
		TEST(a_file_of_junk_is_refused),
		TEST(a_missing_file_is_named_with_its_places),
		TEST(a_name_cannot_leave_the_folder),
		TEST(settings_are_whole_and_in_order),
		TEST(wrong_settings_are_told),
		TEST(failures_come_with_the_plugins_words),
		TEST(a_signal_that_waits_ends_what_need_not_be_finished),
		TEST(lab_null_records_what_it_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
