/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "remains.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "lease.h"
#include "plan_steps.h"

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

/* ---- bridges ---- */

/* A lab with more of them has not been seen. */
#define NETWORKS 1000

static int
add_bridge(struct remains *r, const char *name, size_t index, struct err *err)
{
	void *more = reallocarray(
	    r->bridges, r->n_bridges + 1, sizeof(*r->bridges));

	if (more == NULL)
		return err_nomem(err);
	r->bridges = more;
	r->bridges[r->n_bridges].index = index;
	(void)snprintf(r->bridges[r->n_bridges].name, IF_NAMESIZE, "%s", name);
	r->n_bridges++;
	return 0;
}

/* The MAC address says whose it is (plan_bridge.c). */
static int
add_if_ours(struct remains *r, const struct lab *lab, const struct ifreq *link,
    struct err *err)
{
	uint8_t mac[6];

	for (size_t i = 0; i < NETWORKS; i++) {
		plan_mac(mac, lab, "bridge", i);
		/* Those of all parts begin alike, and few others do. */
		if (mac[0] != (uint8_t)link->ifr_hwaddr.sa_data[0])
			break;
		if (memcmp(mac, link->ifr_hwaddr.sa_data, sizeof(mac)) == 0)
			return add_bridge(r, link->ifr_name, i, err);
	}
	return 0;
}

static int
find_bridges(struct remains *r, const struct lab *lab, struct err *err)
{
	struct if_nameindex *all = if_nameindex();
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;

	if (all == NULL || fd < 0)
		rc = err_sys(err, "this host's interfaces");
	for (size_t i = 0; rc == 0 && all[i].if_index != 0; i++) {
		struct ifreq link = { 0 };

		(void)snprintf(
		    link.ifr_name, IF_NAMESIZE, "%s", all[i].if_name);
		/* It may have gone. */
		if (ioctl(fd, SIOCGIFHWADDR, &link) == 0)
			rc = add_if_ours(r, lab, &link, err);
	}
	if (all != NULL)
		if_freenameindex(all);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

int
remains_find(
    struct remains *r, const struct lab *lab, bool bridges, struct err *err)
{
	uint32_t router = 0;
	int rc;

	*r = (struct remains){ 0 };
	/* Where it cannot be told no route is taken away. */
	if ((rc = find_namespaces(r, lab->name, err)) == 0 &&
	    (!bridges || (rc = find_bridges(r, lab, err)) == 0) && r->front &&
	    (rc = lease_router(lab->name, &router, err)) == 0 && router != 0)
		rc = host_routes_read_ours(&r->routes, router, err);
	return rc;
}

void
remains_done(struct remains *r)
{
	free(r->cells);
	free(r->bridges);
	host_routes_done(&r->routes);
	*r = (struct remains){ 0 };
}
