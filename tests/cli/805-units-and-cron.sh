#!/bin/bash
# The installed cron lines and the units' ExecStart do their work as they are
# written, with an empty environment.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/root.sh"

make_root grep
make_central
echo "store = $ROOT/var/lib/lookback/central" > "$SERVER_CONF"
echo "authorized-keys = $AUTHORIZED_KEYS" >> "$SERVER_CONF"
make_host web01
mkdir -p "$ROOT/root/.ssh" "$ROOT/srv"
cp keys/web01 "$KNOWN_HOSTS" "$ROOT/root/.ssh/"
sed "s,$T/keys/,/root/.ssh/,; s,$T/sshd/,/root/.ssh/,
    s,^store = .*,store = /var/lib/lookback/local,
    /^prune/d" web01/lindex.conf \
    > "$ROOT/etc/lookback/lindex.conf"

cron_line()	# FILE USER: the one command line of that user
{
	local line
	line=$(sed -nE "s/^([0-9*]+ ){5}$2 //p" "$ROOT/etc/cron.d/$1")
	[ "$(grep -c . <<< "$line")" = 1 ] ||
	    fail "not one line of $2 in cron.d/$1"
	echo "$line"
}

snapshots()	# STORE: how many
{
	in_root 0:0 /usr/bin/lindex snapshots --store "$1" --jsonl > all.json
	grep -c '"snapshot"' all.json || true
}

run_unit()	# UNIT USER: its ExecStart lines, one after the other
{
	sed -n 's/^ExecStart=//p' "$ROOT/usr/lib/systemd/system/$1" > commands
	[ -s commands ] || fail "no ExecStart in $1"
	while read -r -a command; do
		expect_status 0 in_root "$2" "${command[@]}" < /dev/null
	done < commands
}

# The units lie below usr/lib of the root, which make install filled.
host_line=$(cron_line lindex root)
server_line=$(cron_line lookback-server lookback)
echo one > "$ROOT/srv/first-file"
expect_status 0 in_root 0:0 /bin/sh -c "$host_line"
rm "$ROOT/srv/first-file"
run_unit lindex-run.service 0:0
chown -R "$LOOKBACK_ID:$LOOKBACK_ID" "$ROOT/var/lib/lookback/central"

# Where systemd runs, the cron lines step aside.
before=$(snapshots /var/lib/lookback/central)
[ "$before" = 2 ] || fail "$before snapshots came, not 2"
mkdir -p "$ROOT/run/systemd/system"
expect_status 0 in_root 0:0 /bin/sh -c "$host_line"
[ "$(snapshots /var/lib/lookback/central)" = 2 ] || fail "cron ran all the same"
rmdir "$ROOT/run/systemd/system"

# The server's work, as its account; it says nothing.
printf '[Retention]\nkeep-last = 1\n' > "$ROOT/etc/lookback/server.conf"
expect_status 0 in_root lookback:lookback /bin/sh -c "$server_line"
cat out err > said
same_text said < /dev/null
[ "$(snapshots /var/lib/lookback/central)" = 1 ] || fail "nothing was pruned"
run_unit lookback-server.service lookback:lookback

# A backup repository is indexed, by root, and the store stays its account's.
repo_line=$(cron_line lindex-repo root)
expect_status 0 in_root 0:0 /bin/sh -c "$repo_line"
same_text err < /dev/null
mkdir -p "$ROOT/srv/backup/db1"
tar -C "$ROOT/etc" -cf "$ROOT/srv/backup/db1/etc-2026-11-18.tar" lookback
chmod 600 "$ROOT/srv/backup/db1/etc-2026-11-18.tar"
printf '[Repository "/srv/backup"]\npattern = {host}/{set}-{date}.tar\n' \
    > "$ROOT/etc/lookback/server.conf"
expect_status 0 in_root 0:0 /bin/sh -c "$repo_line"
same_text err < /dev/null
[ "$(snapshots /var/lib/lookback/central)" = 2 ] || fail "cron indexed nothing"
run_unit lindex-repo.service 0:0
has_text "0 indexed, 1 known"
[ -z "$(find "$ROOT/var/lib/lookback/central" ! -user "$LOOKBACK_ID")" ] ||
    fail "the store is not its account's any more"

# A member of the group searches, a stranger does not.
expect_status 0 in_root alice: /usr/bin/lsearch lindex.conf
has_text "web01:/etc/lookback/lindex.conf"
stranger_refused()
{
	for c in "lsearch lindex.conf" "lindex hosts" "lindex check"; do
		# shellcheck disable=SC2086
		expect_status 2 in_root 65534:65534 /usr/bin/$c
		has_text "store /var/lib/lookback/central: permission denied" err
		[ ! -s out ] || fail "output for a stranger: $c"
	done
}
stranger_refused
expect_status 2 in_root 65534:65534 /usr/bin/lsearch lindex.conf
has_text "members of group lookback" err

# A host has the directory of the central store and nothing in it: the store is
# its own.
rm -r "$ROOT/var/lib/lookback/central"
mkdir -m 750 "$ROOT/var/lib/lookback/central"
chown "$LOOKBACK_ID:$LOOKBACK_ID" "$ROOT/var/lib/lookback/central"
for user in 0:0 alice:; do
	expect_status 0 in_root $user /usr/bin/lsearch -N /srv/first-file
	has_text "web01:/srv/first-file"
	expect_status 0 in_root $user /usr/bin/lindex hosts
	has_text web01
done
stranger_refused

# Where there is no central store, the server's line has nothing to do.
rm -r "$ROOT/var/lib/lookback/central"
expect_status 0 in_root lookback:lookback /bin/sh -c "$server_line"
same_text err < /dev/null
