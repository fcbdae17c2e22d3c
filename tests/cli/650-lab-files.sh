#!/bin/bash
# labrouter check: each wrong lab is named with file and line, the others are
# looked at all the same, and this host's routes count. In a network of its own.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires unshare ip

if [ "${1-}" != inside ]; then
	[ "$(id -u)" = 0 ] && own=-n || own=-Urn
	unshare "$own" true 2> /dev/null || skip "no network namespaces here"
	status=0
	unshare "$own" bash "$TOP/tests/cli/${0##*/}" inside || status=$?
	exit $status
fi

cp "$TOP"/etc/labs/*.lab .
for lab in *.lab; do
	expect_status 0 labrouter check "$lab"
	same_text out <<< "${lab%.lab}: nothing is wrong"
	same_text err < /dev/null
done
expect_status 0 labrouter check ./same-subnet-a.lab "$T/same-subnet-b.lab"
same_text out <<< $'same-subnet-a: nothing is wrong\nsame-subnet-b: nothing is wrong'

# ---- files ----

sed 's/^Mask/Maks/' simple.lab > typo.lab
expect_status 1 labrouter check typo.lab publish.lab
has_text 'typo.lab:16: unknown key "Maks" in [Network]' out
has_text 'publish: nothing is wrong' out

expect_status 1 labrouter check simple.lab static.lab
has_text 'static.lab:6: error: Address: 192.168.149.50 is ' out
has_text '(simple.lab:9)' out

mkdir other
sed 's/149\.50/149.52/; s/150\.0/152.0/' simple.lab > other/simple.lab
expect_status 1 labrouter check simple.lab other/simple.lab
has_text 'other/simple.lab:5: error: two files are the lab simple; ' out
[ "$(wc -l < out)" = 2 ] || fail "more than one finding"

expect_status 2 labrouter check nowhere.lab simple.lab
has_text 'nowhere.lab: cannot open' err
has_text 'simple: nothing is wrong' out
expect_status 2 labrouter check simple.lab --bogus
expect_status 2 labrouter check no-such-lab
has_text /etc/lookback/labs/no-such-lab.lab err

# Bytes of no lab do no harm, here or on a terminal.
head -c 100000 /dev/urandom > noise.lab
expect_status 1 labrouter check noise.lab
has_text noise.lab out
printf '[\033[2J]\n' > escape.lab
expect_status 1 labrouter check escape.lab
! grep -q $'\033' out || fail "an escape sequence came through"
expect_status 2 labrouter check "$T/"

# ---- routes ----

in_use()	# DEVICE: simple.lab's mask is
{
	expect_status 1 labrouter check simple.lab
	has_text 'simple.lab:16: error: Mask: 192.168.150.0/24 is in use' out
	has_text "($1)" out
}

ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up
ip addr add 192.168.150.9/24 dev v0
in_use v0
ip addr flush dev v0
ip route add blackhole 192.168.150.64/26 table 77
in_use 'no device'
ip route flush table 77
ip route add 192.168.150.0/24 nexthop dev v1 nexthop dev v0
in_use v1
ip route del 192.168.150.0/24
# More than one answer holds.
for ((i = 0; i < 2000; i++)); do
	echo "route add 172.20.$((i / 250)).$((i % 250))/32 dev v0"
done > routes.batch
echo 'route add 192.168.150.36/32 dev v1 metric 9' >> routes.batch
ip -batch routes.batch
in_use v1
ip route del 192.168.150.36
# Labs' own routes, the default one and others' are in nobody's way.
ip route add 192.168.150.0/24 dev v0 proto 76
ip route add default dev v0
expect_status 0 labrouter check simple.lab
same_text out <<< 'simple: nothing is wrong'
