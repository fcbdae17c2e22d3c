/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "place.h"
#include "labs.h"
#include "plan_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lookback_place
lab_switch(const struct lab *lab, size_t network,
    char netns[static LAB_NETNS_SIZE], char dev[static LAB_DEV_SIZE])
{
	if (lab_is_on_host(lab))
		return (struct lookback_place){ .size = sizeof(
						    struct lookback_place),
			.dev = lab->network[network].interface };
	if (lab->layout == LAB_CELLS) {
		(void)snprintf(netns, LAB_NETNS_SIZE, "lookback.%s.%zu",
		    lab->name, network + 1);
		(void)snprintf(dev, LAB_DEV_SIZE, PLAN_IN);
	} else {
		(void)snprintf(netns, LAB_NETNS_SIZE, "lookback.%s", lab->name);
		(void)snprintf(dev, LAB_DEV_SIZE, PLAN_IN "%zu", network + 1);
	}
	return (struct lookback_place){ .size = sizeof(struct lookback_place),
		.netns = netns,
		.dev = dev };
}

void
lab_place_go(struct lab_place *p, size_t network)
{
	p->network = network;
	p->at = lab_switch(&p->use.lab, network, p->netns, p->dev);
}

/* The lab as it stands, or where it does not, as its file says. */
static int
read_lab(struct lab *ret, const char *file, struct err *err)
{
	char path[RECORD_PATH];
	int rc;

	if ((rc = lab_read(ret, file, err)) != 0 ||
	    !record_is_there(RECORD_STANDS, ret->name))
		return rc;
	(void)record_path(RECORD_STANDS, ret->name, path);
	lab_done(ret);
	return lab_read(ret, path, err);
}

int
lab_place_open(struct lab_place *p, const char *file, struct err *err)
{
	const struct lab *lab = &p->use.lab;
	int rc;

	memset(p, 0, sizeof(*p));
	p->lock = (struct record_lock){ .dirfd = -1, .fd = -1 };
	if ((rc = read_lab(&p->use.lab, file, err)) != 0)
		return rc;
	if (lab_is_on_host(lab))
		rc = err_set(err, ERR_USAGE,
		    "%s:%d: this lab has no switches: its networks' Interface "
		    "leads to the machines",
		    file, lab->layout_line);
	else if (lab->n_networks == 0)
		rc = err_set(err, ERR_USAGE,
		    "%s: this lab has no isolated network", file);
	else if ((rc = record_lock_lab(
		      &p->lock, lab->name, "labrouter attach", err)) == 0)
		rc = lab_use_open(&p->use, err);
	if (rc != 0)
		lab_place_end(p);
	else
		lab_place_go(p, 0);
	return rc;
}

void
lab_place_end(struct lab_place *p)
{
	record_unlock(&p->lock);
	lab_use_end(&p->use);
}

/* A network's name, or else its number, in one of some labs. */
struct wanted {
	const char *network;
	bool by_number;
	const char *file; /* of the one that was found, else NULL */
	size_t index;
};

static bool
is_wanted(const struct wanted *w, const struct lab *lab, size_t i)
{
	char number[24];

	if (!w->by_number)
		return strcmp(lab->network[i].name, w->network) == 0;
	(void)snprintf(number, sizeof(number), "%zu", i + 1);
	return strcmp(number, w->network) == 0;
}

static int
look_in(struct wanted *w, const char *file, struct err *err)
{
	struct lab lab;
	int rc;

	if ((rc = read_lab(&lab, file, err)) != 0)
		return rc;
	for (size_t i = 0; i < lab.n_networks && rc == 0; i++) {
		if (!is_wanted(w, &lab, i))
			continue;
		if (w->file != NULL)
			rc = err_set(err, ERR_USAGE,
			    "%s has a network %s, and so has %s: say which "
			    "with --lab",
			    w->file, w->network, file);
		w->file = file;
		w->index = i;
	}
	lab_done(&lab);
	return rc;
}

static int
look(struct wanted *w, const struct strlist *files, struct err *err)
{
	int rc = 0;

	for (int pass = 0; pass < 2 && w->file == NULL && rc == 0; pass++) {
		w->by_number = pass == 1;
		for (size_t i = 0; i < files->n && rc == 0; i++)
			rc = look_in(w, files->item[i], err);
	}
	if (rc == 0 && w->file == NULL)
		rc = err_set(err, ERR_NOTFOUND, "%s: there is no network %s",
		    files->n == 1 ? files->item[0] : LABS_DIR, w->network);
	return rc;
}

int
lab_place_find(
    struct lab_place *p, const char *lab, const char *network, struct err *err)
{
	char *one = lab != NULL ? strdup(lab) : NULL;
	char *const words[] = { one, NULL };
	struct wanted w = { .network = network };
	struct strlist files = { 0 };
	int rc;

	if (lab != NULL && one == NULL)
		return err_nomem(err);
	if ((rc = labs_find(&files, LABS_DIR, words, err)) == 0 &&
	    (rc = look(&w, &files, err)) == 0 &&
	    (rc = lab_place_open(p, w.file, err)) == 0)
		lab_place_go(p, w.index);
	strlist_done(&files);
	free(one);
	return rc;
}

int
lab_place_wrap(const struct lab_place *p, struct err *err)
{
	return err_wrap(err, "%s of %s", p->use.lab.network[p->network].name,
	    p->use.lab.name);
}
