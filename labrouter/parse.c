/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "parse.h"
#include "model.h"
#include "sys/file.h"
#include "value.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Room for tens of thousands of static mappings. */
#define LAB_FILE_MAX ((size_t)4 * 1024 * 1024)
/* A network's number is a byte of the marks in single layout. */
#define NETWORKS_MAX 255
#define MACHINES_MAX 4096

struct parser {
	struct lab *lab;
	const char *file;
	uint64_t seen_once;  /* of [Lab], [Production] and [Nat] */
	uint64_t seen_named; /* of the section that is being read */
};

/* ---- sections ---- */

static int
at(const char *file, int line, struct err *err)
{
	return err_wrap(err, "%s:%d", file, line);
}

/* The index of a network or machine, or the number of them. */
static size_t
network_find(const struct lab *lab, const char *name)
{
	size_t i = 0;

	while (i < lab->n_networks && strcmp(lab->network[i].name, name) != 0)
		i++;
	return i;
}

static size_t
machine_find(const struct lab *lab, const char *name)
{
	size_t i = 0;

	while (i < lab->n_machines && strcmp(lab->machine[i].name, name) != 0)
		i++;
	return i;
}

static int
network_add(struct parser *ps, const struct config_item *item, struct err *err)
{
	struct lab *lab = ps->lab;
	struct lab_network *list, *net;

	list = lab_list_grow(lab->network, lab->n_networks, sizeof(*list));
	if (list == NULL)
		return err_nomem(err);
	lab->network = list;
	net = &list[lab->n_networks];
	net->line = item->line;
	if ((net->name = strdup(item->name)) == NULL)
		return err_nomem(err);
	lab->n_networks++;
	return settings_default_section(&lab_keys, "Network", net, err);
}

static int
machine_add(struct parser *ps, const struct config_item *item, struct err *err)
{
	struct lab *lab = ps->lab;
	struct lab_machine *list, *m;

	list = lab_list_grow(lab->machine, lab->n_machines, sizeof(*list));
	if (list == NULL)
		return err_nomem(err);
	lab->machine = list;
	m = &list[lab->n_machines];
	m->line = item->line;
	if ((m->name = strdup(item->name)) == NULL)
		return err_nomem(err);
	lab->n_machines++;
	return settings_default_section(&lab_keys, "Machine", m, err);
}

/* A [Network "NAME"] or [Machine "NAME"] begins. */
static int
section_begin(struct parser *ps, const struct config_item *item,
    bool is_network, struct err *err)
{
	const struct lab *lab = ps->lab;
	const char *what = is_network ? "Network" : "Machine";
	size_t n = is_network ? lab->n_networks : lab->n_machines;
	size_t max = is_network ? NETWORKS_MAX : MACHINES_MAX;
	size_t same = is_network ? network_find(lab, item->name) :
				   machine_find(lab, item->name);

	if (*item->name == '\0')
		(void)err_set(err, ERR_FORMAT, "write [%s \"NAME\"]", what);
	else if (!value_is_name(item->name))
		(void)err_set(err, ERR_FORMAT,
		    "[%s]: a name is at most %d bytes of printable text", what,
		    LAB_NAME_MAX);
	else if (same < n)
		(void)err_set(err, ERR_FORMAT,
		    "[%s \"%s\"] stands in line %d already", what, item->name,
		    is_network ? lab->network[same].line :
				 lab->machine[same].line);
	else if (n == max)
		(void)err_set(err, ERR_FORMAT,
		    "a lab has at most %zu sections [%s]: write a second file",
		    max, what);
	else {
		ps->seen_named = 0;
		return is_network ? network_add(ps, item, err) :
				    machine_add(ps, item, err);
	}
	return at(item->file, item->line, err);
}

int
lab_section(void *ctx, const struct config_item *item, void **ret_into,
    uint64_t **ret_seen, struct err *err)
{
	struct parser *ps = ctx;
	struct lab *lab = ps->lab;
	bool is_network = strcasecmp(item->section, "Network") == 0;

	if (!is_network && strcasecmp(item->section, "Machine") != 0) {
		if (*item->name != '\0')
			return ERR_NOTFOUND;
		if (strcasecmp(item->section, "Production") == 0 &&
		    lab->production.line == 0)
			lab->production.line = item->line;
		if (strcasecmp(item->section, "Nat") == 0 && lab->nat.line == 0)
			lab->nat.line = item->line;
		*ret_into = lab;
		*ret_seen = &ps->seen_once;
		return 0;
	}
	if (item->key == NULL)
		return section_begin(ps, item, is_network, err);
	/* Keys follow their section's line. */
	if (is_network)
		*ret_into = &lab->network[lab->n_networks - 1];
	else
		*ret_into = &lab->machine[lab->n_machines - 1];
	*ret_seen = &ps->seen_named;
	return 0;
}

/* ---- once all was read ---- */

static int
lacks(const struct parser *ps, int line, const char *what, const char *name,
    const char *example, struct err *err)
{
	const char *quote = *name != '\0' ? "\"" : "";

	(void)err_set(err, ERR_FORMAT, "[%s%s%s%s%s] needs a line like \"%s\"",
	    what, *name != '\0' ? " " : "", quote, name, quote, example);
	return at(ps->file, line, err);
}

static int
production_finish(const struct parser *ps, struct err *err)
{
	const struct lab *lab = ps->lab;

	if (lab->production.line == 0) {
		(void)err_set(err, ERR_FORMAT,
		    "there is no [Production]: it names this host's interface "
		    "(Attach) and the router's own address (Address)");
		return err_wrap(err, "%s", ps->file);
	}
	if (lab->production.attach_line == 0)
		return lacks(ps, lab->production.line, "Production", "",
		    "Attach = eth0", err);
	if (lab->production.address_line == 0)
		return lacks(ps, lab->production.line, "Production", "",
		    "Address = 192.168.149.50/24", err);
	return 0;
}

static int
unknown_network(const struct parser *ps, int line, const char *key,
    const char *name, struct err *err)
{
	(void)err_set(err, ERR_FORMAT,
	    "%s: there is no [Network \"%.64s\"] in this file", key, name);
	return at(ps->file, line, err);
}

static int
network_finish(
    const struct parser *ps, struct lab_network *net, struct err *err)
{
	if (net->gateway_line == 0)
		return lacks(ps, net->line, "Network", net->name,
		    "Gateway = 192.168.149.2/24", err);
	if (net->mask_line == 0)
		return lacks(ps, net->line, "Network", net->name,
		    "Mask = 192.168.150.0/24", err);
	for (size_t i = 0; i < net->n_join; i++) {
		struct lab_join *join = &net->join[i];

		join->network = network_find(ps->lab, join->name);
		if (join->network == ps->lab->n_networks)
			return unknown_network(
			    ps, join->line, "Join", join->name, err);
	}
	return 0;
}

static int
machine_finish(const struct parser *ps, struct lab_machine *m, struct err *err)
{
	if (m->network_line == 0)
		return lacks(ps, m->line, "Machine", m->name,
		    "Network = VM Network", err);
	if (m->addr_line == 0)
		return lacks(ps, m->line, "Machine", m->name,
		    "Address = 192.168.149.36", err);
	m->network = network_find(ps->lab, m->network_name);
	if (m->network == ps->lab->n_networks)
		return unknown_network(
		    ps, m->network_line, "Network", m->network_name, err);
	return 0;
}

static int
finish(const struct parser *ps, struct err *err)
{
	struct lab *lab = ps->lab;
	int rc = production_finish(ps, err);

	if (rc == 0 && lab->n_networks == 0 && lab->nat.line == 0) {
		(void)err_set(err, ERR_FORMAT,
		    "there is no [Network \"NAME\"] and no [Nat]: a lab has at "
		    "least one of them");
		rc = err_wrap(err, "%s", ps->file);
	}
	if (rc == 0 && lab->nat.line != 0 && lab->nat.address_line == 0)
		rc = lacks(ps, lab->nat.line, "Nat", "",
		    "Address = 192.168.1.1/24", err);
	for (size_t i = 0; i < lab->n_networks && rc == 0; i++)
		rc = network_finish(ps, &lab->network[i], err);
	for (size_t i = 0; i < lab->n_machines && rc == 0; i++)
		rc = machine_finish(ps, &lab->machine[i], err);
	return rc;
}

/* ---- the file ---- */

/* The file's base name without ".lab". */
int
lab_file_name(
    char name[static LAB_FILE_NAME_MAX + 1], const char *file, struct err *err)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	const char *slash = strrchr(file, '/');
	const char *base = slash == NULL ? file : slash + 1;
	size_t len = strlen(base);

	if (len >= 4 && strcmp(base + len - 4, ".lab") == 0)
		len -= 4;
	if (len == 0 || len > LAB_FILE_NAME_MAX || strspn(base, good) < len)
		return err_set(err, ERR_FORMAT,
		    "%.512s: a lab's file is called NAME.lab, NAME of at most "
		    "%d small letters, digits and \"-\"",
		    file, LAB_FILE_NAME_MAX);
	memcpy(name, base, len);
	name[len] = '\0';
	return 0;
}

static int
set_names(struct lab *lab, const char *file, struct err *err)
{
	char name[LAB_FILE_NAME_MAX + 1];
	int rc = lab_file_name(name, file, err);

	if (rc != 0)
		return rc;
	lab->name = strdup(name);
	lab->file = strdup(file);
	return lab->name == NULL || lab->file == NULL ? err_nomem(err) : 0;
}

int
lab_parse(struct lab *ret, const char *file, const char *text, size_t len,
    struct err *err)
{
	struct lab lab = { 0 };
	struct parser ps = { .lab = &lab, .file = file };
	int rc;

	if ((rc = set_names(&lab, file, err)) == 0 &&
	    (rc = settings_default_section(&lab_keys, "Lab", &lab, err)) == 0 &&
	    (rc = settings_default_section(
		 &lab_keys, "Production", &lab, err)) == 0 &&
	    (rc = settings_parse(&lab_keys, &ps, file, text, len, err)) == 0)
		rc = finish(&ps, err);
	if (rc != 0)
		lab_done(&lab);
	else
		*ret = lab;
	return rc;
}

int
lab_read_text(struct buf *ret, const char *file, struct err *err)
{
	return file_read_all(AT_FDCWD, file, LAB_FILE_MAX, ret, err);
}

int
lab_read(struct lab *ret, const char *file, struct err *err)
{
	struct buf b = { 0 };
	int rc = lab_read_text(&b, file, err);

	if (rc == 0)
		rc = lab_parse(ret, file, (const char *)b.data, b.len, err);
	buf_done(&b);
	return rc;
}
