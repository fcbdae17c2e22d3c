/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "remains.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <limits.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define NETNS_DIR "/run/netns"
#define PREFIX "lookback." /* of all namespaces of labs */

static int
add_cell(struct remains *r, unsigned i, struct err *err)
{
	void *more = reallocarray(r->cells, r->n_cells + 1, sizeof(*r->cells));

	if (more == NULL)
		return err_nomem(err);
	r->cells = more;
	r->cells[r->n_cells++] = i;
	return 0;
}

static int
find_namespaces(struct remains *r, const char *lab, struct err *err)
{
	DIR *dir = opendir(NETNS_DIR);
	const size_t len = strlen(lab);
	const struct dirent *d;
	int rc = 0;

	while (dir != NULL && rc == 0 && (d = readdir(dir)) != NULL) {
		const char *rest;
		long long i;

		if (strncmp(d->d_name, PREFIX, strlen(PREFIX)) != 0 ||
		    strncmp(d->d_name + strlen(PREFIX), lab, len) != 0)
			continue;
		rest = d->d_name + strlen(PREFIX) + len;
		if (*rest == '\0')
			r->front = true;
		else if (*rest == '.' && text_int(rest + 1, 1, UINT_MAX, &i))
			rc = add_cell(r, (unsigned)i, err);
	}
	if (dir != NULL)
		(void)closedir(dir);
	return rc;
}

/* The address of interface 0, by which this host's own routes go; 0 where there
 * is none. The calling thread is in the front. */
static uint32_t
outer_address(void)
{
	struct ifaddrs *all = NULL;
	uint32_t addr = 0;

	if (getifaddrs(&all) != 0)
		return 0;
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
		struct sockaddr_in in;

		if (a->ifa_addr == NULL || a->ifa_addr->sa_family != AF_INET ||
		    strcmp(a->ifa_name, "if0") != 0)
			continue;
		memcpy(&in, a->ifa_addr, sizeof(in));
		addr = ntohl(in.sin_addr.s_addr);
	}
	freeifaddrs(all);
	return addr;
}

int
remains_router(const char *lab, uint32_t *ret, struct err *err)
{
	char path[PATH_MAX];
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int front, rc = 0;

	(void)snprintf(path, sizeof(path), NETNS_DIR "/" PREFIX "%s", lab);
	front = open(path, O_RDONLY | O_CLOEXEC);
	*ret = 0;
	if (home >= 0 && front >= 0 && setns(front, CLONE_NEWNET) == 0) {
		*ret = outer_address();
		if (setns(home, CLONE_NEWNET) != 0)
			rc = err_sys(err, "back from %s", path);
	}
	if (home >= 0)
		(void)close(home);
	if (front >= 0)
		(void)close(front);
	return rc;
}

int
remains_find(struct remains *r, const char *lab, struct err *err)
{
	uint32_t router = 0;
	int rc;

	*r = (struct remains){ 0 };
	/* Where it cannot be told no route is taken away. */
	if ((rc = find_namespaces(r, lab, err)) == 0 && r->front &&
	    (rc = remains_router(lab, &router, err)) == 0 && router != 0)
		rc = host_routes_read_ours(&r->routes, router, err);
	return rc;
}

void
remains_done(struct remains *r)
{
	free(r->cells);
	host_routes_done(&r->routes);
	*r = (struct remains){ 0 };
}
