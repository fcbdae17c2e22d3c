#!/bin/bash
# A server that is full, busy or strict, and clients that stop or cheat: clear
# messages, and nothing of it is recorded.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/mounts.sh"	# the full disk is a small one
. "$(dirname "$0")/lib.sh"
requires_root

make_central > out
for h in web01 web02 web03; do
	make_host $h > out
	seq 100 > $h/tree/numbers
	host_scan $h > out 2>&1
done

# ---- quotas ----

quota()	# LINE: alone
{
	sed -i '/^\[Quota\]/,$d' "$SERVER_CONF"
	[ -z "$1" ] || printf '[Quota]\n%s\n' "$1" >> "$SERVER_CONF"
}

for q in "max-bytes = 200" "max-entries = 1" "max-path-length = 10"; do
	quota "$q"
	expect_status 3 host_push web01
	has_text "server 127.0.0.1: series web01: it says: " err
	has_text "quota: " err
done
quota "max-snapshots-per-day = 1"
expect_status 0 host_push web01
echo 2 > web01/tree/two
host_scan web01 > out 2>&1
expect_status 3 host_push web01
has_text "quota: 1 snapshots of this host in 24 hours" err
quota ""
expect_status 0 host_push web01
same_snapshots web01

# ---- revoked ----

expect_status 0 lindex enrol --config "$SERVER_CONF" --show
has_text "web01 ssh-ed25519 SHA256:"
expect_status 0 lindex enrol --config "$SERVER_CONF" --revoke web01
echo 3 > web01/tree/three
host_scan web01 > out 2>&1
expect_status 3 host_push web01
has_text "did not accept the key" err
expect_status 2 lindex enrol --config "$SERVER_CONF" --show web01
has_text "not enrolled" err
expect_status 2 lindex enrol --config "$SERVER_CONF" web01 keys/web02.pub
has_text "host web02 has this key already" err
expect_status 0 lindex enrol --config "$SERVER_CONF" web01 \
    "$(cat keys/web01.pub)"
expect_status 0 host_push web01
same_snapshots web01
make_key new
expect_status 2 lindex enrol --config "$SERVER_CONF" web01 - < keys/new.pub
has_text "--force" err
expect_status 0 lindex enrol --config "$SERVER_CONF" --force web01 - \
    < keys/new.pub
has_text "in place of another key"
expect_status 3 host_push web01
expect_status 2 lindex enrol --config "$SERVER_CONF" web01 keys/new
has_text ".pub" err
[ "$(stat -c %a "$AUTHORIZED_KEYS")" = 600 ] || fail "mode of authorized_keys"

# ---- a series that is being recorded ----

lock="$CENTRAL/series/web02.lock"
: >> "$lock"
exec {held}< "$lock"
flock "$held"
host_push web02 2> err &
pid=$!
receiving()
{
	[[ "$(receivers)" == *receiving* ]]
}
wait_until 60 receiving
flock -u "$held"
wait $pid || fail "a push does not wait for the series: $(cat err)"
exec {held}<&-

# ---- a client that stops in the middle and stays ----

quota "idle-timeout = 1 s"
mkfifo pipe
lindex receive --config "$SERVER_CONF" --host web02 < pipe > said 2> err &
pid=$!
exec {hold}> pipe
# HELLO of version 1
printf '\x14\0\0\0\x01\x01\0\0\0%016d' 0 >&"$hold"
status=0
wait $pid || status=$?
[ $status = 2 ] || fail "a client that stays: status $status"
has_text "receive web02: the other side did nothing for 1 s" err
has_text "did nothing for 1 s" said
exec {hold}>&-

# ---- servers that are not ours ----

fake_server()	# SHELL COMMANDS: what web01's key runs from now on
{
	printf '%s\n' '#!/bin/sh' "$1" > fake
	chmod +x fake
	cp "$AUTHORIZED_KEYS" keys.true
	sed -i "s,command=\".*--host web01[^\"]*\",command=\"$T/fake\"," \
	    "$AUTHORIZED_KEYS"
	sed -i "s,^key = .*,key = $T/keys/new," web01/lindex.conf
	run_status timeout 100 lindex push --config web01/lindex.conf
	cp keys.true "$AUTHORIZED_KEYS"
	[ $status = 3 ] || fail "fake: status $status: $(cat err)"
}

fake_server 'echo Welcome to this machine'
has_text 'not a message of the push protocol (it begins with "Welco")' err
fake_server 'echo no such command >&2; exit 127'
has_text "connection closed by the server: no such command" err
fake_server 'printf "\\004\\000\\000\\000\\002\\011\\000\\000\\000"; cat > /dev/null'
has_text "version 9 of the push protocol" err
# One that stands where we do, and fails behind our back.
state='\061\000\000\000\004'
for ((i = 0; i < 41; i++)); do state=$state'\000'; done
state=$state'\377\377\377\377\377\377\377\177'
fake_server "printf '\\004\\000\\000\\000\\002\\001\\000\\000\\000$state'
    printf '\\004\\000\\000\\000\\012boom'; exit 2"
has_text "it says: boom" err
sed -i "s,^key = .*,key = $T/keys/web01," web01/lindex.conf

# ---- the disk is full ----

quota ""
mkdir small
mount -t tmpfs -o size=1m,mode=755 tmpfs small
sed "s,^store = .*,store = $T/small/central," "$SERVER_CONF" > small.conf
sed -i "s,$CENTRAL,$T/small/central,; s,$SERVER_CONF,$T/small.conf," \
    "$AUTHORIZED_KEYS"
expect_status 0 host_push web03
head -c "$(df --output=avail -B1 small | tail -1)" /dev/zero > small/filler \
    2> /dev/null || true
for ((i = 0; i < 3000; i++)); do
	echo $i > "web03/tree/$(printf %0100d $i)"
done
host_scan web03 > out 2>&1
expect_status 3 host_push web03
has_text "No space left on device" err
rm small/filler
CENTRAL=$T/small/central
clean_store "$CENTRAL"
[ "$(n_snapshots "$CENTRAL" web03)" = 1 ] || fail "recorded on a full disk"
[ -z "$(find "$CENTRAL/tmp" -type f)" ] || fail "temporaries stay behind"
expect_status 0 host_push web03
same_snapshots web03
stop_merging
umount small
