/*
 * Plans in the words of the tools that one would use by hand.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_private.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

/* "NS" as an option of ip(8), and as a command around any other. */
static int
ip_begin(struct buf *b, const struct lookback_step *s)
{
	return s->netns == NULL ? buf_add_str(b, "ip ") :
				  buf_printf(b, "ip -n %s ", s->netns);
}

static int
other_begin(struct buf *b, const struct lookback_step *s)
{
	return s->netns == NULL ? 0 :
				  buf_printf(b, "ip netns exec %s ", s->netns);
}

static const char *
verb(const struct lookback_step *s)
{
	return s->remove ? "del" : "add";
}

static int
mac_text(struct buf *b, const uint8_t m[6])
{
	return buf_printf(b, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2],
	    m[3], m[4], m[5]);
}

static bool
has_mac(const struct lookback_step *s)
{
	static const uint8_t none[sizeof(s->mac)];

	return memcmp(s->mac, none, sizeof(none)) != 0;
}

static int
link_text(struct buf *b, const struct lookback_step *s)
{
	if (s->remove)
		return buf_printf(b, "link del %s", s->dev);
	switch (s->u.link.kind) {
	case LOOKBACK_VETH:
		if (buf_printf(b, "link add %s type veth peer name %s", s->dev,
			s->u.link.peer) != 0)
			return -1;
		return s->u.link.peer_netns == NULL ?
		    0 :
		    buf_printf(b, " netns %s", s->u.link.peer_netns);
	case LOOKBACK_BRIDGE:
		if (buf_printf(b, "link add %s ", s->dev) != 0 ||
		    (has_mac(s) &&
			(buf_add_str(b, "address ") != 0 ||
			    mac_text(b, s->mac) != 0 ||
			    buf_add_byte(b, ' ') != 0)))
			return -1;
		return buf_add_str(
		    b, "type bridge stp_state 0 forward_delay 0");
	case LOOKBACK_MACVLAN:
		break;
	}
	return buf_printf(b,
	    "link add link %s name %s%s%s type macvlan mode bridge",
	    s->u.link.parent, s->dev, s->netns != NULL ? " netns " : "",
	    s->netns != NULL ? s->netns : "");
}

/* A link of this host's namespace that may be somebody else's. */
static int
shared_link_text(struct buf *b, const struct lookback_step *s)
{
	const char *dev = s->dev;

	if (!s->remove)
		return buf_printf(b, "ip link show %s > /dev/null 2>&1 || ip ",
			   dev) != 0 ?
		    -1 :
		    link_text(b, s);
	if (buf_printf(b, "! ip link show %s | grep -q 'ether ", dev) != 0 ||
	    mac_text(b, s->mac) != 0)
		return -1;
	return buf_printf(b,
	    " ' || ip link show master %s | grep -q . || ip link del %s", dev,
	    dev);
}

static int
table_text(struct buf *b, uint32_t table)
{
	if (table == 254)
		return buf_add_str(b, "main");
	if (table == 255)
		return buf_add_str(b, "local");
	return buf_printf(b, "%" PRIu32, table);
}

/* What this device of the host's has in the network of addr. */
static int
owner_text(struct buf *b, const char *dev, uint32_t addr)
{
	if (buf_printf(b, "\"$(ip route get ") != 0 ||
	    plan_add_addr(b, addr) != 0)
		return -1;
	return buf_printf(
	    b, " oif %s | sed -n 's/.* src \\([^ ]*\\).*/\\1/p')\"", dev);
}

static int
route_text(struct buf *b, const struct lookback_step *s)
{
	const char *kind = s->u.route.blackhole ? "blackhole " : "";

	if (buf_printf(b, "route %s %s", verb(s), kind) != 0 ||
	    (s->len == 0 ? buf_add_str(b, "default") :
			   plan_add_prefix(b, s->addr, s->len)) != 0)
		return -1;
	if (s->u.route.via != 0 &&
	    (buf_add_str(b, " via ") != 0 ||
		plan_add_addr(b, s->u.route.via) != 0))
		return -1;
	if (s->dev != NULL && buf_printf(b, " dev %s", s->dev) != 0)
		return -1;
	if (s->u.route.via != 0 && s->dev != NULL && !s->u.route.near &&
	    buf_add_str(b, " onlink") != 0)
		return -1;
	if (s->u.route.source != NULL &&
	    (buf_add_str(b, " src ") != 0 ||
		owner_text(b, s->u.route.source,
		    s->u.route.via != 0 ? s->u.route.via : s->addr) != 0))
		return -1;
	if (buf_add_str(b, " table ") != 0 ||
	    table_text(b, s->u.route.table) != 0)
		return -1;
	return buf_printf(b, " proto %d", LOOKBACK_PROTO);
}

static int
rule_text(struct buf *b, const struct lookback_step *s)
{
	if (buf_printf(
		b, "rule %s pref %" PRIu32, verb(s), s->u.rule.priority) != 0)
		return -1;
	if (s->u.rule.iif != NULL &&
	    buf_printf(b, " iif %s", s->u.rule.iif) != 0)
		return -1;
	if (s->u.rule.mask != 0 &&
	    buf_printf(b, " fwmark 0x%" PRIx32 "/0x%" PRIx32, s->u.rule.mark,
		s->u.rule.mask) != 0)
		return -1;
	if (buf_add_str(b, " lookup ") != 0 ||
	    table_text(b, s->u.rule.table) != 0)
		return -1;
	return s->remove ? 0 : buf_printf(b, " protocol %d", LOOKBACK_PROTO);
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

/* Those that begin with "ip", which stands there. */
static int
ip_text(struct buf *b, const struct lookback_step *s)
{
	switch (s->type) {
	case LOOKBACK_LINK:
		return link_text(b, s);
	case LOOKBACK_ROUTE:
		return route_text(b, s);
	case LOOKBACK_RULE:
		return rule_text(b, s);
	case LOOKBACK_MAC:
		return buf_printf(b, "link set %s address ", s->dev) != 0 ?
		    -1 :
		    mac_text(b, s->mac);
	case LOOKBACK_MTU:
		return buf_printf(
		    b, "link set %s mtu %" PRIu64, s->dev, s->number);
	case LOOKBACK_ALIAS:
		return buf_printf(b, "link set %s alias ", s->dev) != 0 ?
		    -1 :
		    text_shell(b, s->text);
	case LOOKBACK_MASTER:
		return buf_printf(b, "link set %s master %s", s->dev, s->text);
	case LOOKBACK_UP:
		return buf_printf(
		    b, "link set %s %s", s->dev, s->remove ? "down" : "up");
	case LOOKBACK_UP_NOARP:
		return buf_printf(b, "link set %s arp off up", s->dev);
	case LOOKBACK_ADDRESS:
		/* The host may have its own already. */
		if (buf_printf(b, "addr %s ",
			s->netns == NULL && !s->remove ? "replace" : verb(s)) !=
			0 ||
		    plan_add_prefix(b, s->addr, s->len) != 0)
			return -1;
		return buf_printf(b, " dev %s%s", s->dev,
		    s->u.address.alone ? " noprefixroute" : "");
	case LOOKBACK_NEIGHBOUR:
		if (buf_printf(b, "neigh %s ", verb(s)) != 0 ||
		    (s->u.neighbour.owner == NULL ?
			    plan_add_addr(b, s->addr) :
			    owner_text(b, s->u.neighbour.owner, s->addr)) !=
			0 ||
		    buf_add_str(b, " lladdr ") != 0 || mac_text(b, s->mac) != 0)
			return -1;
		return buf_printf(b, " dev %s nud permanent", s->dev);
	case LOOKBACK_PROXY:
		if (buf_printf(b, "neigh %s proxy ", verb(s)) != 0 ||
		    plan_add_addr(b, s->addr) != 0)
			return -1;
		return buf_printf(b, " dev %s", s->dev);
	case LOOKBACK_NETNS:
	case LOOKBACK_SYSCTL:
	case LOOKBACK_RULESET:
	case LOOKBACK_PROBE:
	case LOOKBACK_ANNOUNCE:
	case LOOKBACK_FILE:
	case LOOKBACK_RUN:
		break;
	}
	return 0;
}

static int
step_text(struct buf *b, const struct lookback_step *s)
{
	switch (s->type) {
	case LOOKBACK_NETNS:
		return buf_printf(b, "ip netns %s %s", verb(s), s->netns);
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
	case LOOKBACK_LINK:
		if (has_mac(s))
			return shared_link_text(b, s);
		/* A macvlan is made where its parent is. */
		if (s->u.link.kind == LOOKBACK_MACVLAN && !s->remove)
			return buf_add_str(b, "ip ") != 0 ? -1 : ip_text(b, s);
		break;
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
	return ip_begin(b, s) != 0 ? -1 : ip_text(b, s);
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
