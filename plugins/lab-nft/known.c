/*
 * Addresses that no plan can name, since a program learns them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "steps.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* 1: the file is empty. */
static int
read_address(struct job *job, const char *path, uint32_t *ret)
{
	char text[64] = "";
	struct in_addr addr;
	FILE *f = fopen(path, "re");

	if (f == NULL && errno == ENOENT)
		return job_why(job, ENOENT, "there is no %s", path);
	if (f == NULL)
		return job_why(job, errno, "%s: %s", path, strerror(errno));
	if (fgets(text, sizeof(text), f) == NULL)
		text[0] = '\0';
	(void)fclose(f);
	text[strcspn(text, "\n")] = '\0';
	if (text[0] == '\0')
		return 1;
	if (inet_pton(AF_INET, text, &addr) != 1)
		return job_why(job, EINVAL, "%s holds no address", path);
	*ret = ntohl(addr.s_addr);
	return 0;
}

int
step_known(struct job *job, const struct lookback_step *s,
    struct lookback_step *room, const struct lookback_step **ret)
{
	const bool via = s->type == LOOKBACK_ROUTE &&
	    s->u.route.via_file != NULL;
	int rc = 0;

	*ret = s;
	if (s->remove || (s->addr_file == NULL && !via))
		return 0;
	*room = *s;
	*ret = room;
	if (via)
		rc = read_address(job, s->u.route.via_file, &room->u.route.via);
	if (rc == 0 && s->addr_file != NULL &&
	    (rc = read_address(job, s->addr_file, &room->addr)) == 1)
		rc = job_why(job, EINVAL, "%s is empty", s->addr_file);
	return rc;
}
