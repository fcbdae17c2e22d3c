/*
 * Plans in the words of the tools that one would use by hand.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_private.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

/* "NS" around a command that is not ip(8). */
static int
other_begin(struct buf *b, const struct lookback_step *s)
{
	return s->netns == NULL ? 0 :
				  buf_printf(b, "ip netns exec %s ", s->netns);
}

static int
sysctl_text(struct buf *b, const struct lookback_step *s)
{
	if (other_begin(b, s) != 0)
		return -1;
	return buf_printf(b, "sysctl -q%s -w %s=%s",
	    s->u.sysctl.may_lack ? " -e" : "", s->u.sysctl.key,
	    s->u.sysctl.value);
}

/* In seconds, as arping wants it. */
static int
arping_text(struct buf *b, const struct lookback_step *s)
{
	const uint64_t ms = s->number / 1000000;

	if (other_begin(b, s) != 0)
		return -1;
	if (s->type == LOOKBACK_PROBE ?
		buf_printf(b,
		    "arping -q -D -c 3 -w %" PRIu64 ".%03" PRIu64 " -I %s ",
		    ms / 1000, ms % 1000, s->dev) != 0 :
		buf_printf(b, "arping -q -U -c 1 -I %s ", s->dev) != 0)
		return -1;
	return plan_add_addr(b, s->addr);
}

/* Files are below directories that need not be there. */
static int
file_text(struct buf *b, const struct lookback_step *s)
{
	return buf_printf(b, "install -Dm 644 /dev/stdin %s <<'END'\n",
		   s->u.file.path) != 0 ||
		buf_add_str(b, s->text) != 0 || buf_add_str(b, "END") != 0 ?
	    -1 :
	    0;
}

/* Until it is ready, which is when the plugin goes on. */
static int
ready_text(struct buf *b, const struct lookback_step *s)
{
	if (buf_printf(b, " && timeout %" PRIu64 " sh -c 'until ",
		s->number / 1000000000) != 0)
		return -1;
	if (s->dev != NULL &&
	    buf_printf(b, "[ -e %s/ready ]", s->u.run.dir) != 0)
		return -1;
	if (s->u.run.port != 0 &&
	    (other_begin(b, s) != 0 ||
		buf_printf(b, "ss -Hltn sport = :%u | grep -q LISTEN",
		    (unsigned)s->u.run.port) != 0))
		return -1;
	return buf_add_str(b, "; do sleep 0.1; done'");
}

static int
run_text(struct buf *b, const struct lookback_step *s)
{
	if (s->remove)
		return buf_printf(b,
		    "p=$(cat %s/pid) && kill $p && "
		    "tail -s 0.1 --pid $p -f /dev/null && rm -r %s",
		    s->u.run.dir, s->u.run.dir);
	if (buf_printf(b, "(cd %s && ", s->u.run.dir) != 0 ||
	    other_begin(b, s) != 0 ||
	    buf_add_str(
		b, "setsid -f sh -c 'echo $$ > pid; exec \"$@\"' sh ") != 0)
		return -1;
	if (s->u.run.user != NULL &&
	    buf_printf(b,
		"setpriv --reuid=%s --regid=nogroup "
		"--clear-groups --no-new-privs ",
		s->u.run.user) != 0)
		return -1;
	for (size_t i = 0; s->u.run.argv[i] != NULL; i++)
		if (buf_printf(b, "%s ", s->u.run.argv[i]) != 0)
			return -1;
	if (buf_add_str(b, "< /dev/null > log 2>&1)") != 0)
		return -1;
	return s->dev == NULL && s->u.run.port == 0 ? 0 : ready_text(b, s);
}

static int
ruleset_text(struct buf *b, const struct lookback_step *s)
{
	if (other_begin(b, s) != 0)
		return -1;
	if (s->remove) {
		if (s->dev != NULL &&
		    buf_printf(
			b, "ip link show %s > /dev/null 2>&1 || ", s->dev) != 0)
			return -1;
		/* "table FAMILY NAME" begins it. */
		return buf_printf(b, "nft delete %.*s",
		    (int)strcspn(s->text, "\n{"), s->text);
	}
	return buf_printf(b, "nft -f - <<'END'\n") != 0 ||
		buf_add_str(b, s->text) != 0 || buf_add_str(b, "END") != 0 ?
	    -1 :
	    0;
}

static int
step_text(struct buf *b, const struct lookback_step *s)
{
	switch (s->type) {
	case LOOKBACK_SYSCTL:
		return sysctl_text(b, s);
	case LOOKBACK_RULESET:
		return ruleset_text(b, s);
	case LOOKBACK_PROBE:
	case LOOKBACK_ANNOUNCE:
		return arping_text(b, s);
	case LOOKBACK_FILE:
		return file_text(b, s);
	case LOOKBACK_RUN:
		return run_text(b, s);
	case LOOKBACK_NETNS:
	case LOOKBACK_LINK:
	case LOOKBACK_MAC:
	case LOOKBACK_MTU:
	case LOOKBACK_ALIAS:
	case LOOKBACK_MASTER:
	case LOOKBACK_UP:
	case LOOKBACK_UP_NOARP:
	case LOOKBACK_ADDRESS:
	case LOOKBACK_ROUTE:
	case LOOKBACK_RULE:
	case LOOKBACK_NEIGHBOUR:
	case LOOKBACK_PROXY:
		break;
	}
	return plan_ip_text(b, s);
}

/* For a shell that ends where a command fails: what may fail, and what may not
 * be there to be taken away. */
int
lab_step_text(struct buf *b, const struct lookback_step *s)
{
	if (step_text(b, s) != 0)
		return -1;
	if (s->advice == NULL &&
	    !(s->remove && s->netns == NULL && s->type != LOOKBACK_NETNS))
		return 0;
	return buf_add_str(b, " || true");
}

int
lab_step_line(struct buf *b, const struct lookback_step *s)
{
	const size_t from = b->len;
	const uint8_t *end;

	if (s->type == LOOKBACK_RULESET)
		return other_begin(b, s) != 0 ?
		    -1 :
		    buf_printf(b, "nft -f - # %.*s",
			(int)strcspn(s->text, "\n"), s->text);
	if (s->type == LOOKBACK_RUN && !s->remove) {
		if (other_begin(b, s) != 0)
			return -1;
		for (size_t i = 0; s->u.run.argv[i] != NULL; i++)
			if (buf_printf(b, "%s ", s->u.run.argv[i]) != 0)
				return -1;
		return buf_printf(b, "# in %s", s->u.run.dir);
	}
	if (lab_step_text(b, s) != 0)
		return -1;
	end = memchr(b->data + from, '\n', b->len - from);
	if (end != NULL)
		b->len = (size_t)(end - b->data);
	return 0;
}

int
lab_plan_text(struct buf *b, const struct lookback_plan *plan)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (lab_step_text(b, &plan->steps[i]) != 0 ||
		    buf_add_byte(b, '\n') != 0)
			return -1;
	return 0;
}
