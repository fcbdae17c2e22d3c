#!/bin/bash
# The lab's own host reaches it by mask and by claim, on a NIC and on a bridge,
# also where it is hardened; production sees of the host what it saw before; what
# the host cannot have is left out with an advice, and the lab stands; nobody
# else's route is touched; and the stop takes away what the start brought.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"
. "$TOP/tests/cli/rows.sh"

on=()	# what Attach is
quietly()	# OPTION... FILE: the same without a warning
{
	apply "$@"
	[ ! -s err ] || fail "apply $*: $(cat err)"
}

# ---- production has its own switch; the host is on it by nic0 ----

ip link set lo up
ip netns add prod
ip -n prod link add br0 type bridge forward_delay 0 mcast_snooping 0
ip -n prod link set br0 up
machine gw prod br0 192.168.149.2/24
machine c77 prod br0 192.168.149.77/24 192.168.149.2
ip link add nic0 type veth peer name p-host netns prod
ip -n prod link set p-host master br0 up
serve c77 prod 80
serve - host 80

{
	blog_lines | sed 's/br0/nic0/'
	cat <<-END
		Publish = 99.99.99.99 tcp 80 -> 192.168.149.36
		[Network "The same again"]
		Gateway = 192.168.149.2/24
		Mask = 192.168.151.0/24
	END
} > nic.lab
sed 's/nic0/br1/' nic.lab > bridge.lab

# What of the host is there, but for its labs.
standing()
{
	ip -o link show | sed 's/^[0-9]*: //; s/ mtu .*//'
	ip -o -4 addr show | sed 's/^[0-9]*: //'
	ip -4 route show table all
}
address()	# DEV: the host's
{
	# Another one comes first, on another device and on this one.
	ip addr add 10.1.1.1/24 dev "$1"
	ip addr add 192.168.149.22/24 dev "$1"
	ip link set "$1" up
	ip route add default via 192.168.149.2 dev "$1"
}
ip link add other type bridge
ip addr add 172.30.0.1/24 dev other
ip link set other up

restore()
{
	machine v36 lookback."$1".1 in 192.168.149.36/24 192.168.149.2
	machine a36 lookback."$1".2 in 192.168.149.36/24 192.168.149.2
	serve v36 copy 80
	serve a36 again 80
}
reach()	# all that the host should
{
	asked - 192.168.150.36 80 'copy sees 192.168.149.2'
	asked - 192.168.151.36 80 'again sees 192.168.149.2'
	asked - 192.168.149.136 80 'copy sees 192.168.149.2'
	asked - 99.99.99.99 80 'copy sees 192.168.149.2'
	all_asked
}
mac_of()	# DEV
{
	ip -o link show "$1" | sed 's/.* link.ether \([^ ]*\) .*/\1/'
}
# Production and the host see each other as before, and one MAC of the host.
as_before()	# DEV
{
	asked - 192.168.149.77 80 'prod sees 192.168.149.22'
	asked c77 192.168.149.22 80 'host sees 192.168.149.77'
	asked c77 192.168.149.136 80 'copy sees 192.168.149.2'
	all_asked
	for from in 192.168.149.77 0.0.0.0; do
		ip netns exec c77 python3 who_has.py $from 192.168.149.22 > macs
		same_text macs <<< "192.168.149.22 $(mac_of "$1")"
	done
}
harden()	# RP_FILTER ARP_IGNORE ARP_ANNOUNCE
{
	sysctl -qw net.ipv4.conf.all.rp_filter="$1" \
	    net.ipv4.conf.all.arp_ignore="$2" \
	    net.ipv4.conf.all.arp_announce="$3"
}

whole()	# LAB DEV
{
	standing > before
	quietly "$1.lab"
	restore "$1"
	for how in '0 0 0' '1 1 2' '2 2 2'; do
		# shellcheck disable=SC2086
		harden $how
		ip neigh flush dev "$2"
		ip -n lookback."$1" neigh flush dev if0
		reach
		as_before "$2"
	done
	harden 0 0 0
	quietly "$1.lab"
	nothing "a second start"
}
stopped()	# LAB
{
	ip netns del v36
	ip netns del a36
	quietly -s "$1.lab"
	standing | same_text before
	quietly -s "$1.lab"
	nothing "a second stop"
}

address nic0
row 23
whole nic nic0
stopped nic

# ---- what this host cannot have ----

advised()	# TEXT: a warning with this cause; the lab stands all the same
{
	apply "$attach.lab"
	[ "$(wc -l < err)" = 1 ] || fail "not one warning: $(cat err)"
	has_text "$1" err
	has_text 'this host itself does not reach the lab' err
	restore "$attach"
	asked c77 192.168.149.136 80 'copy sees 192.168.149.2'
	asked - 192.168.149.77 80 'prod sees 192.168.149.22'
	all_asked
}
attach=nic
# The name that its own link would have is somebody's.
link=$("$HELPERS/lab_plan" nic.lab | sed -n 's/^ip link add link nic0 name \(lb[^ ]*\) .*/\1/p')
ip link add "$link" type bridge
advised "$link stands and is no macvlan"
ip link del "$link"
quietly nic.lab
reach
stopped nic

# A route of somebody else's to the mask; its own metric does not hide it.
ip route add 192.168.150.0/24 via 192.168.149.2 metric 100 proto static
standing > before
advised 'this host has a route to 192.168.150.0/24 that is not ours (proto 4)'
stopped nic
ip route del 192.168.150.0/24 via 192.168.149.2 metric 100

# ---- on a bridge ----

ip addr flush dev nic0
ip link add br1 type bridge forward_delay 0 mcast_snooping 0
ip link set nic0 master br1
attach=bridge on=(-b)
ip link set br1 up
ip addr add 192.168.149.22/24 dev other
apply bridge.lab
has_text 'br1 has no address in the network of 192.168.149.50' err
has_text 'it needs an address of production' err
# The commands say the same, and that the lab stands.
quietly -s bridge.lab
expect_status 0 labrouter start bridge.lab
has_text 'this host itself does not reach the lab' err
expect_status 0 labrouter status bridge.lab
has_text 'bridge: stands'
has_text 'bridge.lab:8: left out: ip route add 192.168.150.0/24 via'
expect_status 0 labrouter start bridge.lab
has_text 'this host itself does not reach the lab' err
ip addr del 192.168.149.22/24 dev other
expect_status 0 labrouter stop bridge.lab
[ ! -s err ] || fail "$(cat err)"
address br1
whole bridge br1
# What the host finds by ARP needs no route.
! ip route show proto 76 | grep -F 192.168.149.136 || fail "a needless route"
stopped bridge
ip route add 192.168.151.0/24 via 192.168.149.2 proto static
standing > before
advised 'this host has a route to 192.168.151.0/24 that is not ours (proto 4)'
asked - 192.168.150.36 80 'copy sees 192.168.149.2'
all_asked
stopped bridge

# The printed plan does the same.
ip route del 192.168.151.0/24 via 192.168.149.2
standing > before
"$HELPERS/lab_plan" -b bridge.lab > start
"$HELPERS/lab_plan" -s bridge.lab > stop
do_steps start
restore bridge
reach
ip netns del v36
ip netns del a36
do_steps stop 2> err
standing | same_text before
