/*
 * What became of the machines, for people and for programs.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "verify.h"

#include "base/json.h"
#include "base/table.h"
#include "base/text.h"
#include "check_private.h"

#include <inttypes.h>
#include <string.h>

#define MS INT64_C(1000000)

/* "passed", "FAILED", "-", or how many of several passed. */
static void
put_kind(struct table *t, const struct verify_machine *m, enum verify_kind kind)
{
	size_t n = 0, passed = 0;

	for (size_t k = 0; k < m->n_checks; k++)
		if (m->check[k].kind == kind) {
			n++;
			passed += m->check[k].passed;
		}
	if (n == 0)
		table_cell(t, "-");
	else if (kind == VERIFY_TCP)
		table_cell(t, "%zu/%zu", passed, n);
	else
		table_cell(t, "%s", passed == n ? "passed" : "FAILED");
}

static int
put_quoted(struct table *t, const char *text)
{
	struct buf b = { 0 };
	int rc = text_quote(&b, text, strlen(text));

	table_cell(t, "%s", buf_str(&b));
	buf_done(&b);
	return rc;
}

static int
put_table(const struct verify *v, FILE *to)
{
	struct table t = { 0 };
	int rc = 0;

	table_cell(&t, "MACHINE");
	table_cell(&t, "ADDRESS");
	table_cell(&t, "PING");
	table_cell(&t, "TCP");
	table_cell(&t, "SCRIPT");
	table_cell(&t, "SECONDS");
	table_cell(&t, "RESULT");
	table_heading_done(&t);
	for (size_t i = 0; i < v->n_machines; i++) {
		const struct verify_machine *m = &v->machine[i];

		if (put_quoted(&t, m->machine->name) != 0)
			rc = -1;
		table_cell(&t, IP_FMT, IP(m->addr));
		put_kind(&t, m, VERIFY_PING);
		put_kind(&t, m, VERIFY_TCP);
		put_kind(&t, m, VERIFY_SCRIPT);
		table_cell(&t, "%" PRId64 ".%" PRId64, m->took_ns / (1000 * MS),
		    m->took_ns / (100 * MS) % 10);
		table_cell(&t, "%s", m->passed ? "passed" : "FAILED");
	}
	return table_print(&t, to, "f") != 0 ? -1 : rc;
}

/* "ping", "tcp 22", "script /etc/..." */
static int
put_name(
    struct buf *b, const struct verify_machine *m, const struct verify_check *c)
{
	switch (c->kind) {
	case VERIFY_PING:
		return buf_add_str(b, "ping");
	case VERIFY_TCP:
		return buf_printf(b, "tcp %u", c->port);
	case VERIFY_SCRIPT:
		break;
	}
	return buf_add_str(b, "script ") != 0 ?
	    -1 :
	    text_quote(b, m->machine->script, strlen(m->machine->script));
}

/* What a script said, line by line, as a terminal may see it. */
static int
put_output(struct buf *b, const struct buf *output)
{
	const char *p = (const char *)output->data;
	size_t left = output->len;

	while (left > 0) {
		const char *nl = memchr(p, '\n', left);
		const size_t n = nl != NULL ? (size_t)(nl - p) : left;

		if (buf_add_str(b, "    ") != 0 || text_tame(b, p, n) != 0 ||
		    buf_add_byte(b, '\n') != 0)
			return -1;
		p += nl != NULL ? n + 1 : n;
		left -= nl != NULL ? n + 1 : n;
	}
	return 0;
}

static bool
is_like(const struct verify_check *a, const struct verify_check *b)
{
	return a->kind == VERIFY_TCP && b->kind == VERIFY_TCP && !b->passed &&
	    strcmp(a->said, b->said) == 0;
}

/* "FILE:LINE: NAME: tcp 22: Connection refused (60 tries)". Ports with one
 * answer are one line. */
static int
put_failure(struct buf *b, const struct verify *v,
    const struct verify_machine *m, size_t *k)
{
	const struct verify_check *c = &m->check[*k];
	size_t n = 1;

	while (*k + n < m->n_checks && is_like(c, &c[n]))
		n++;
	*k += n - 1;
	if (text_tame(b, v->lab->file, strlen(v->lab->file)) != 0 ||
	    buf_printf(b, ":%d: ", m->machine->line) != 0 ||
	    text_quote(b, m->machine->name, strlen(m->machine->name)) != 0 ||
	    buf_add_str(b, ": ") != 0 || put_name(b, m, c) != 0 ||
	    (n > 1 &&
		buf_printf(b, " to %u, %zu ports", c[n - 1].port, n) != 0) ||
	    buf_printf(b, ": %s", c->said) != 0 ||
	    (c->tries > 0 &&
		buf_printf(b, " (%u %s)", c->tries,
		    c->tries == 1 ? "try" : "tries") != 0) ||
	    buf_add_byte(b, '\n') != 0)
		return -1;
	return put_output(b, &c->output);
}

int
verify_text(const struct verify *v, FILE *to)
{
	struct buf b = { 0 };
	int rc = put_table(v, to);

	for (size_t i = 0; i < v->n_machines; i++)
		for (size_t k = 0; rc == 0 && k < v->machine[i].n_checks; k++)
			if (!v->machine[i].check[k].passed)
				rc = put_failure(&b, v, &v->machine[i], &k);
	if (rc == 0)
		rc = buf_printf(&b, "%s: %zu of %zu machines passed\n",
		    v->lab->name, v->n_passed, v->n_machines);
	if (rc == 0)
		(void)fwrite(b.data, 1, b.len, to);
	buf_done(&b);
	return rc;
}

/* ---- JSON ---- */

static void
json_addr(struct json *j, const char *key, uint32_t addr)
{
	char text[16];

	(void)snprintf(text, sizeof(text), IP_FMT, IP(addr));
	json_string(j, key, text);
}

static void
json_check(struct json *j, const struct verify_machine *m,
    const struct verify_check *c)
{
	static const char *const kinds[] = { [VERIFY_PING] = "ping",
		[VERIFY_TCP] = "tcp",
		[VERIFY_SCRIPT] = "script" };
	struct buf output = { 0 };

	json_item(j);
	json_string(j, "check", kinds[c->kind]);
	if (c->kind == VERIFY_TCP)
		json_uint(j, "port", c->port);
	if (c->kind == VERIFY_SCRIPT)
		json_bytes(j, "script", m->machine->script);
	json_bool(j, "passed", c->passed);
	json_uint(j, "tries", c->tries);
	json_int(j, "took_ms", c->took_ns / MS);
	if (!c->passed)
		json_string(j, "why", c->said);
	if (c->output.len > 0 &&
	    buf_add(&output, c->output.data, c->output.len) == 0)
		json_bytes(j, "output", buf_str(&output));
	buf_done(&output);
	json_close(j);
}

static void
json_machine(
    struct json *j, const struct verify *v, const struct verify_machine *m)
{
	json_item(j);
	json_bytes(j, "name", m->machine->name);
	json_int(j, "line", m->machine->line);
	json_bytes(j, "network", v->lab->network[m->machine->network].name);
	json_addr(j, "address", m->machine->addr);
	json_addr(j, "masked", m->addr);
	json_bool(j, "passed", m->passed);
	json_int(j, "took_ms", m->took_ns / MS);
	json_list(j, "checks");
	for (size_t k = 0; k < m->n_checks; k++)
		json_check(j, m, &m->check[k]);
	json_list_end(j);
	json_close(j);
}

int
verify_json(struct buf *b, const struct verify *v)
{
	struct json j = json_begin(b);

	json_int(&j, "v", 1);
	json_string(&j, "type", "verify");
	json_string(&j, "lab", v->lab->name);
	json_bytes(&j, "file", v->lab->file);
	json_bool(&j, "passed", v->n_passed == v->n_machines);
	json_int(&j, "took_ms", v->took_ns / MS);
	json_list(&j, "machines");
	for (size_t i = 0; i < v->n_machines; i++)
		json_machine(&j, v, &v->machine[i]);
	json_list_end(&j);
	return json_end(&j);
}
