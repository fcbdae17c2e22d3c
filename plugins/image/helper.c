/*
 * qemu-nbd as a helper: it has the image and a listening socket on which
 * one connection, ours, already waits, as systemd hands over sockets. It opens
 * nothing else: a qcow2's backing file is cut off by the options, and the rest by
 * its jail.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "disk_file.h"

#include "sys/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "/usr/bin/qemu-nbd"
#define MEMORY_MAX ((uint64_t)1024 * 1024 * 1024)

/* Descriptors of the helper, after 0 to 2. */
enum { LISTEN = 3, IMAGE = 4, FREE = 5 };

/*
 * A socket with a name would let others of this machine connect. The kernel
 * makes up this one's, and there is room for one connection that waits: if ours
 * finds room it is that one, and qemu-nbd takes no second.
 */
static int
make_sockets(int *ret_listen, int *ret_ours, struct err *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(addr);
	int listening, ours = -1;

	listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listening < 0)
		return err_sys(err, "socket");
	if (bind(listening, (struct sockaddr *)&addr, sizeof(sa_family_t)) <
		0 ||
	    getsockname(listening, (struct sockaddr *)&addr, &len) < 0 ||
	    listen(listening, 0) < 0 ||
	    (ours = socket(
		 AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0 ||
	    connect(ours, (struct sockaddr *)&addr, len) < 0) {
		(void)err_sys(err, "socket for qemu-nbd");
		(void)close(listening);
		if (ours >= 0)
			(void)close(ours);
		return err->code;
	}
	*ret_listen = listening;
	*ret_ours = ours;
	return 0;
}

/* At most "qcow2" and numbers go in, so it cannot be too long. */
static void
make_name(char *ret, size_t size, const char *driver)
{
	(void)snprintf(ret, size,
	    "json:{\"driver\":\"%s\",\"backing\":null,\"file\":{\"driver\":"
	    "\"file\",\"filename\":\"/proc/self/fd/%d\",\"locking\":\"off\"}}",
	    driver, IMAGE);
}

/* The descriptors to their places, out of the way of these first. */
static int
place(const struct disk_file *file, int listening, int words)
{
	const int from[] = { listening, file->fd, words };
	const int to[] = { LISTEN, IMAGE, 2 };
	int high[3], null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return -1;
	for (int i = 0; i < 3; i++)
		if ((high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, FREE)) < 0)
			return -1;
	if (dup2(null, 0) < 0 || dup2(null, 1) < 0)
		return -1;
	for (int i = 0; i < 3; i++)
		if (dup2(high[i], to[i]) < 0)
			return -1;
	return close_range(FREE, ~0u, 0);
}

/* In the child. What goes wrong is read where the helper's own words are. */
static _Noreturn void
become(const struct disk_file *file, int listening, int words, pid_t parent)
{
	char name[256], listen_pid[32], listen_fds[] = "LISTEN_FDS=1";
	char program[] = PROGRAM, read_only[] = "--read-only",
	     shared[] = "--shared=1", export[] = "--export-name=";
	char *argv[] = { program, read_only, shared, export, name, NULL };
	char *envp[] = { listen_pid, listen_fds, NULL };
	const int image = IMAGE;
	const struct jail_options jail = {
		.see = &image, .n_see = 1, .memory = MEMORY_MAX
	};
	struct err err = ERR_INIT;
	char text[1024];

	make_name(name, sizeof(name), file->format->driver);
	(void)snprintf(
	    listen_pid, sizeof(listen_pid), "LISTEN_PID=%d", (int)getpid());
	if (place(file, listening, words) != 0)
		_exit(127);
	if (jail_program(&jail, PROGRAM, parent, &err) == 0) {
		(void)execve(program, argv, envp);
		(void)err_sys(&err, PROGRAM);
	}
	(void)dprintf(2, "%s\n", err_text(&err, text, sizeof(text)));
	_exit(127);
}

int
helper_start(struct disk_file *file, struct err *err)
{
	int listening = -1, ours = -1, words[2];
	pid_t parent = getpid();

	if (access(PROGRAM, X_OK) != 0)
		return err_set(err, ERR_NOTFOUND,
		    "%s is read by " PROGRAM
		    ", which is not here: package qemu-utils",
		    file->format->name);
	if (make_sockets(&listening, &ours, err) != 0)
		return err->code;
	if (pipe2(words, O_CLOEXEC | O_NONBLOCK) != 0) {
		(void)err_sys(err, "pipe");
		goto fail;
	}
	if ((file->helper = fork()) == 0)
		become(file, listening, words[1], parent);
	if (file->helper < 0) {
		file->helper = 0;
		(void)err_sys(err, "fork");
		(void)close(words[0]);
		(void)close(words[1]);
		goto fail;
	}
	(void)close(words[1]);
	(void)close(listening);
	file->words = words[0];
	file->socket = ours;
	return 0;
fail:
	(void)close(listening);
	(void)close(ours);
	return err->code;
}

void
helper_words(struct disk_file *file, char *ret, size_t size)
{
	char text[2048], *from = text, *end;
	ssize_t n = file->words < 0 ? -1 :
				      read(file->words, text, sizeof(text) - 1);

	ret[0] = '\0';
	if (n <= 0)
		return;
	text[n] = '\0';
	/* The name that we gave the image is of no use to people. */
	if ((end = strstr(text, "}': ")) != NULL)
		from = end + 4;
	from[strcspn(from, "\n")] = '\0';
	(void)snprintf(ret, size, "%s", from);
}

void
helper_end(struct disk_file *file)
{
	if (file->socket >= 0)
		(void)close(file->socket);
	if (file->words >= 0)
		(void)close(file->words);
	file->socket = file->words = -1;
	/* In the jail nobody is killed: there it ends with its connection. */
	if (file->helper > 0 && kill(file->helper, SIGKILL) == 0)
		(void)waitpid(file->helper, NULL, 0);
	file->helper = 0;
}
