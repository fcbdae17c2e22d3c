/*
 * What a connection leaves behind that did not come about; the rest of
 * lib/remote is tested by pushes to a real sshd.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "remote/remote.h"

/* A server whose key nobody knows, who stays until we have hung up. */
static void
serve(int listener)
{
	ssh_bind bind = ssh_bind_new();
	ssh_session ssh = ssh_new();
	ssh_key key = NULL;
	char rest[256];
	int fd = accept(listener, NULL, NULL), ours = dup(fd);
	ssize_t n;

	(void)alarm(60);
	if (ours < 0 || ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) != 0 ||
	    ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, key) != 0 ||
	    ssh_bind_accept_fd(bind, ssh, fd) != 0)
		_exit(2);
	/* Fails where the client is gone before it has returned. */
	(void)ssh_handle_key_exchange(ssh);
	while ((n = read(ours, rest, sizeof(rest))) > 0)
		;
	/* Reset, where something was left unread. */
	_exit(n == 0 || errno == ECONNRESET ? 0 : 3);
}

static int
listen_on_loopback(int *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*ret_port = ntohs(a.sin_port);
	return fd;
}

static void
who_is_not_trusted_is_hung_up_on(void **state)
{
	struct remote_options o = {
		.host = "127.0.0.1", .known_hosts = "/dev/null", .timeout_s = 10
	};
	struct err err = ERR_INIT;
	struct remote *r = NULL;
	int status, listener = listen_on_loopback(&o.port);
	pid_t child = fork();

	(void)state;
	if (child == 0)
		serve(listener);
	assert_int_equal(close(listener), 0);
	assert_int_equal(remote_open(&r, &o, "true", &err), ERR_REFUSED);
	assert_non_null(strstr(err.cause, "is not known"));
	/* Ends when the connection does, and by the alarm otherwise. */
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_not_trusted_is_hung_up_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
