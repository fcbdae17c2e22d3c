#!/bin/bash
# labrouter start and stop: what they say, what stays, and what refuses them.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

make_production
lab()	# NAME LAST-OF-ADDRESS MASK-NET: its file
{
	cat > "$1.lab" <<-EOF
		[Production]
		Attach = br0
		Address = 192.168.149.$2/24
		ProbeWait = 30ms
		[Network "VM Network"]
		Gateway = 192.168.149.2/24
		Mask = 192.168.$3.0/24
	EOF
}
nothing_stays()
{
	! compgen -G '/run/netns/lookback*' || fail "a namespace stays"
	! ip link show | grep -E ': lb[0-9a-f]{12}' || fail "a link stays"
	! ip route show table all | grep 'proto 76' || fail "a route stays"
	find /run/lookback -type f > files
	same_text files < /dev/null
}
machine vbs - br0 192.168.149.22/24
lab one 50 150
cp one.lab kept

# ---- once, twice, stopped, stopped again ----

expect_status 0 labrouter start one.lab
grep -qE '^one: started, [0-9]{2} changes$' out || fail "says $(cat out)"
cmp one.lab /run/lookback/labs.d/one.lab
expect_status 0 labrouter start one.lab
same_text <<< 'one: stands already'
expect_status 0 labrouter stop one.lab
same_text <<< 'one: stopped'
nothing_stays
expect_status 0 labrouter stop one.lab
same_text <<< 'one: does not stand'
nothing_stays

# Each change, where it comes from; a mended lab says what was mended.
expect_status 0 labrouter start --verbose one.lab
has_text 'one.lab:1: ip netns add lookback.one'
has_text 'one.lab:5: ip netns exec lookback.one.1 nft -f - # table ip lookback'
changes=$(sed -n 's/^one: started, \([0-9]*\) changes$/\1/p' out)
[ "$(grep -c '^one.lab:[0-9]*: ' out)" = $((changes + 1)) ] ||
    fail "not $changes changes and an announcement: $(cat out)"
ip -n lookback.one link set if0 alias x
expect_status 0 labrouter start -v one.lab
grep -v arping out > said
same_text said <<-EOF
	one.lab:2: ip -n lookback.one link set if0 alias 'lab one'
	one: mended, 1 change
EOF

# ---- the check: nothing is changed ----

lab two 51 150
expect_status 1 labrouter start two.lab
has_text 'two.lab:7: error: Mask: 192.168.150.0/24 lies over the mask' err
has_text '/run/lookback/labs.d/one.lab:7' err
[ ! -e /run/netns/lookback.two ] || fail "two was made"
lab two 51 151
ip route add blackhole 192.168.151.0/24
expect_status 1 labrouter start two.lab
has_text 'is in use: this host has a route' err
[ ! -e /run/netns/lookback.two ] || fail "two was made"
ip route del 192.168.151.0/24
sed 's/^Mask/Maks/' two.lab > three.lab
expect_status 1 labrouter start three.lab one.lab
has_text 'three.lab:7: unknown key "Maks"' err
same_text <<< 'one: stands already'
# A lab's own routes, which are 76, are not in its way.
ip route show 192.168.150.0/24 | grep 'proto 76' > routes ||
    fail "no route of its own: $(ip route)"
expect_status 0 labrouter start one.lab
same_text <<< 'one: stands already'
expect_status 0 labrouter start two.lab
expect_status 0 labrouter stop two.lab

# ---- what fails is told, and taken away again ----

sed 's/br0/br9/' two.lab > nine.lab
expect_status 2 labrouter start nine.lab
has_text 'nine.lab:2: Attach: this host has no interface br9' err
ip -n vbs addr add 192.168.149.51/24 dev eth0
expect_status 2 labrouter start two.lab
has_text 'two.lab:3: ip netns exec lookback.two arping -q -D' err
has_text '192.168.149.51 is in use, by ' err
has_text 'two: what was made of it is taken away again' err
ip -n vbs addr del 192.168.149.51/24 dev eth0
# A name that is taken in the host's namespace.
expect_status 0 labrouter start two.lab
port=$(grep -lx 'lab two' /sys/class/net/lb*/ifalias | cut -d/ -f5)
expect_status 0 labrouter stop two.lab
ip link add "$port" type bridge
expect_status 2 labrouter start two.lab
has_text "two.lab:2: ip link add $port type veth" err
has_text "$port stands and is no veth" err
ip link del "$port"
# The kernel's own words, of a port that cannot be one.
ip link add ve0 type veth peer name ve1
mount -t tmpfs none /sys
mkdir -p /sys/class/net/ve0/bridge
sed 's/br0/ve0/' two.lab > ten.lab
expect_status 2 labrouter start ten.lab
umount /sys
grep -qE 'ten.lab:2: ip link set lb[0-9a-f]{12} master ve0: [A-Z]' err ||
    fail "not the kernel's words: $(cat err)"
ip link del ve0
[ "$(ls /run/netns)" = "$(printf 'lookback.one\nlookback.one.1\nvbs')" ] ||
    fail "namespaces: $(ls /run/netns)"
[ "$(find /run/lookback -type f)" = /run/lookback/labs.d/one.lab ] ||
    fail "files: $(find /run/lookback -type f)"

# One that stood is left standing.
sed 's/149\.50/149.22/' kept > one.lab
expect_status 2 labrouter start one.lab
has_text '192.168.149.22 is in use' err
has_text 'one: what stood of it was left' err
ip -n lookback.one link show if0 > out || fail "it was taken away"
cp kept one.lab
expect_status 0 labrouter start one.lab
expect_status 0 labrouter stop one.lab
nothing_stays

# ---- files that changed or went ----

cat >> one.lab <<-EOF
	[Network "Second"]
	Gateway = 10.1.0.1/24
	Mask = 10.2.0.0/24
EOF
expect_status 0 labrouter start one.lab
[ -e /run/netns/lookback.one.2 ] || fail "no second cell"
cp kept one.lab
expect_status 0 labrouter stop one.lab
nothing_stays
expect_status 0 labrouter start one.lab
echo nonsense > one.lab
expect_status 0 labrouter stop one.lab
nothing_stays
cp kept one.lab
expect_status 0 labrouter start one.lab
rm one.lab
expect_status 0 labrouter stop one	# by its name
same_text <<< 'one: stopped'
nothing_stays
# Names are all that there is.
cp kept one.lab
expect_status 0 labrouter start one.lab
rm -r one.lab /run/lookback
expect_status 0 labrouter stop one
same_text <<< 'one: stopped'
nothing_stays
expect_status 2 labrouter stop one
has_text '/etc/lookback/labs/one.lab: cannot open' err
expect_status 1 labrouter stop ./Not.a.lab
cp kept one.lab

# ---- two at once ----

exec 8> /run/lookback/one.lock
flock -n 8
printf 'process 7 (a test), since then' >&8
for c in start stop; do
	expect_status 2 labrouter $c one.lab
	has_text 'one: process 7 (a test), since then is at work on it' err
done
exec 8>&-
for ((i = 0; i < 8; i++)); do
	labrouter start one.lab > out.$i 2>&1 &
done
wait
cat out.[0-7] > all
[ "$(grep -c '^one: started' all)" = 1 ] || fail "$(cat all)"
! grep -vE '^one: (started|stands) |^labrouter: one: (process [0-9]+ \(labrouter start\), since .*|another process) is at work on it$|^one: started, ' all ||
    fail "what else is said"
expect_status 0 labrouter start one.lab
same_text <<< 'one: stands already'
expect_status 0 labrouter stop one.lab
nothing_stays

# ---- a plugin that builds nothing ----

printf '[Lab]\nPlugin = lab-null\n' | cat - kept > null.lab
expect_status 0 labrouter start null.lab
expect_status 1 labrouter status null.lab
same_text <<< 'null: down'
expect_status 2 labrouter reload null.lab
has_text 'null does not stand' err
expect_status 0 labrouter stop null.lab
sed 's/lab-null/no-such/' null.lab > gone.lab
expect_status 2 labrouter start gone.lab
has_text 'no-such' err
nothing_stays

# ---- JSON ----

requires jq
lab two 51 150
expect_status 1 labrouter check --json one.lab two.lab three.lab
jq -se 'length == 3 and .[0].file == "three.lab" and .[0].lab == null and
    (.[0].findings[0].text | contains("Maks")) and
    .[1].lab == "one" and .[1].errors == 0 and
    .[2].errors == 1 and .[2].findings[0].line == 7 and
    .[2].findings[0].other_file == "one.lab"' out > jq.out ||
    fail "check: $(cat out)"
expect_status 0 labrouter plan --json one.lab
jq -se 'map(.step) == [range(length)] and .[0].netns == "lookback.one" and
    (map(.command) | any(startswith("ip netns exec lookback.one.1 nft")))' \
    out > jq.out || fail "plan: $(cat out)"
expect_status 1 labrouter status --json null.lab
jq -e '.type == "status" and .lab == "null" and .state == "down" and
    .missing == .steps and .drift == [] and
    .networks[0].mask == "192.168.150.0/24"' out > jq.out ||
    fail "status: $(cat out)"
