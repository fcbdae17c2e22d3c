/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "host.h"
#include "parse.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NET "/sys/class/net"

/* Add the device if it is a port. */
static int
add_port(struct host *h, const char *dev, struct err *err)
{
	char path[NAME_MAX + 64], bridge[PATH_MAX];
	struct host_port *more, *port;
	ssize_t n;

	(void)snprintf(path, sizeof(path), NET "/%.255s/brport/bridge", dev);
	if ((n = readlink(path, bridge, sizeof(bridge) - 1)) < 0)
		return 0;
	bridge[n] = '\0';
	more = lab_list_grow(h->port, h->n_ports, sizeof(*more));
	if (more == NULL)
		return err_nomem(err);
	h->port = more;
	port = &more[h->n_ports++];
	port->dev = strdup(dev);
	port->bridge = strdup(strrchr(bridge, '/') + 1);
	return port->dev == NULL || port->bridge == NULL ? err_nomem(err) : 0;
}

static int
read_ports(struct host *h, struct err *err)
{
	DIR *dir = opendir(NET);
	const struct dirent *d;
	int rc = 0;

	if (dir == NULL)
		return err_sys(err, NET);
	while (rc == 0 && (d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.')
			rc = add_port(h, d->d_name, err);
	(void)closedir(dir);
	return rc;
}

int
host_read(struct host *h, struct err *err)
{
	int rc;

	*h = (struct host){ 0 };
	if ((rc = host_routes_read(&h->routes, err)) != 0 ||
	    (rc = read_ports(h, err)) != 0) {
		host_done(h);
		return rc;
	}
	h->seen = (struct lab_host){ h->routes.route, h->routes.n, h->port,
		h->n_ports };
	return 0;
}

void
host_done(struct host *h)
{
	for (size_t i = 0; i < h->n_ports; i++) {
		free(h->port[i].dev);
		free(h->port[i].bridge);
	}
	free(h->port);
	host_routes_done(&h->routes);
	*h = (struct host){ 0 };
}
