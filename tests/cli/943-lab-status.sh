#!/bin/bash
# labrouter status: what stands, what drifts and from where, what hangs on the
# switches; and what became of the file.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"
requires jq setpriv

make_production
blog_lab
cp blog.lab plain
state()	# STATUS FIRST-LINE
{
	expect_status "$1" labrouter status blog.lab
	grep -qE "^blog: $2\$" out || fail "not \"$2\": $(cat out)"
}

state 1 'down'
[ "$(wc -l < out)" = 1 ] || fail "more than one line: $(cat out)"
expect_status 0 labrouter start blog.lab
state 0 'stands, [0-9]+ steps'
has_text 'blog: VM Network (192.168.150.0/24): nothing attached'

# ---- what hangs on a switch is told and is no drift ----

machine v36 lookback.blog.1 in 192.168.149.36/24
ip link add vm37 type veth peer name far
expect_status 0 labrouter attach --lab ./blog.lab vm37 1
state 0 'stands, [0-9]+ steps'
grep -qE '^blog: VM Network \(192.168.150.0/24\):( p-v36| vm37){2}$' out ||
    fail "what is attached: $(cat out)"
expect_status 0 labrouter status --json blog.lab
jq -e '.state == "stands" and .drift == [] and .steps > 50 and
    ([.networks[0].attached[].interface] | sort) == ["p-v36", "vm37"]' out \
    > jq.out || fail "$(cat out)"

# ---- drift: each kind, with its place ----

ip -n lookback.blog link set if0 alias x
ip -n lookback.blog.1 route flush table 2
state 1 'drift: 1 missing, 1 differs, of [0-9]+ steps'
has_text "blog.lab:2: differs: ip -n lookback.blog link set if0 alias 'lab blog'"
has_text 'blog.lab:7: missing: ip -n lookback.blog.1 route add 192.168.149.0/24'
expect_status 1 labrouter status --json blog.lab
jq -e '.state == "drift" and .missing == 1 and .differs == 1 and
    ([.drift[].line] | sort) == [2, 7]' out > jq.out || fail "$(cat out)"
expect_status 0 labrouter start blog.lab
same_text <<< 'blog: mended, 2 changes'
ip -n lookback.blog.1 route add 10.0.0.0/8 dev in
state 1 'drift: 1 extra, of [0-9]+ steps'
grep -q '^blog: extra: ' out || fail "what is extra: $(cat out)"
expect_status 0 labrouter start blog.lab
same_text <<< 'blog: mended, 1 change'
state 0 'stands, [0-9]+ steps'

# ---- the file ----

echo '# as it was' >> blog.lab
state 0 'stands, [0-9]+ steps'
has_text 'blog: the file has changed since the start; labrouter reload blog'
expect_status 0 labrouter reload blog.lab
state 0 'stands, [0-9]+ steps'
lacks_text 'has changed'
mv blog.lab away
state 0 'stands, [0-9]+ steps'
has_text 'blog: its file is gone'
mv away blog.lab
echo nonsense > blog.lab
expect_status 1 labrouter status blog.lab
has_text 'blog.lab:1: ' err
cp plain blog.lab
expect_status 0 labrouter stop blog.lab
state 1 'down'
expect_status 2 labrouter status ./no-such.lab

# ---- half a start ----

"$HELPERS/lab_apply" -b -n 30 "$BIN/../plugins/lab-nft.so" blog.lab > told
cp blog.lab /run/lookback/starting.d/	# as a start that was killed leaves it
state 1 'drift: [0-9]+ missing, [0-9]+ differs, of [0-9]+ steps'
has_text 'blog: a start began and did not end'
expect_status 0 labrouter start blog.lab
grep -qE '^blog: completed, [0-9]+ changes$' out || fail "says $(cat out)"
state 0 'stands, [0-9]+ steps'
lacks_text 'did not end'

# ---- the service: its commands, with its capabilities, are enough ----

unit=$TOP/etc/systemd/labrouter@.service
caps=$(sed -ne ':a' -e '/\\$/{N;s/\\\n//;ba}' \
    -e 's/^CapabilityBoundingSet=//p' "$unit" |
    tr '[:upper:]' '[:lower:]' | sed 's/cap_/+/g; s/  */,/g')
mount -t tmpfs tmpfs /etc	# of this test's own mounts
mkdir -p /etc/lookback/labs
cp blog.lab /etc/lookback/labs/
for what in Stop Start Reload Stop; do
	read -r -a command < <(sed -n "s,^Exec$what=/usr/bin/,,p" "$unit")
	expect_status 0 setpriv --no-new-privs --bounding-set="-all,$caps" \
	    --inh-caps=-all "${command[@]/\%i/blog}"
done
umount /etc
same_text <<< 'blog: stopped'
! compgen -G '/run/netns/lookback*' || fail "a namespace stays"

# ---- what the rules counted ----

tried()	# NS ADDRESS SECONDS: a connection, which is refused or gets no answer
{
	ip netns exec "$1" python3 -c '
import socket, sys
s = socket.socket()
s.settimeout(float(sys.argv[2]))
try:
    s.connect((sys.argv[1], 80))
except OSError as e:
    print(e)' "$2" "$3"
}
cp plain blog.lab
cat >> blog.lab <<-END
	[Network "Other"]
	Gateway = 10.1.0.1/24
	Mask = 10.2.0.0/24
END
expect_status 0 labrouter start blog.lab
machine v10 lookback.blog.1 in 192.168.149.36/24 192.168.149.2
machine vbs - br0 192.168.149.22/24
ip -n vbs route add 192.168.150.0/24 via 192.168.149.50
[ "$(tried vbs 192.168.150.36 60)" = '[Errno 111] Connection refused' ] ||
    fail "v10 is not reached"
tried v10 8.8.8.8 0.3 > tried.out
expect_status 0 labrouter status -v blog.lab
grep -qxE 'blog: front: counted [0-9]+ strays' out || fail "$(cat out)"
grep -qxE 'blog: VM Network: counted 1 entered, 1 answered, 0 spoofed, 0 denied, [1-9] strays, 0 closed' \
    out || fail "$(cat out)"
has_text 'blog: Other: counted 0 entered, 0 answered, 0 spoofed'
expect_status 0 labrouter status blog.lab
lacks_text counted
expect_status 0 labrouter status --json blog.lab
jq -e '(.counters | map(.name)) == ["strays"] and
    (.networks[0].counters[] | select(.name == "entered") |
    .packets == 1 and .bytes == 60) and
    (.networks[1].counters | map(.packets) | add == 0)' out > jq.out ||
    fail "counters: $(cat out)"
# Where there is nothing that counts, the rest is told.
ip netns exec lookback.blog.1 nft flush ruleset
expect_status 1 labrouter status -v blog.lab
lacks_text 'VM Network: counted'
has_text 'Other: counted'
expect_status 0 labrouter stop blog.lab
sed "1i [Lab]\nLayout = single" plain > blog.lab
expect_status 0 labrouter start blog.lab
expect_status 0 labrouter status -v blog.lab
has_text 'blog: all networks: counted 0 entered, 0 answered'
lacks_text 'VM Network: counted'
expect_status 0 labrouter stop blog.lab
expect_status 1 labrouter status --json blog.lab
jq -e '.counters == [] and .networks[0].counters == []' out > jq.out ||
    fail "counters of none: $(cat out)"
