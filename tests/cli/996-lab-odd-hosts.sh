#!/bin/bash
# Labs on hosts that are not as hoped: each start is refused with what is wrong,
# changes nothing, and works once that is mended; and no lab changes the bridge
# that it hangs on.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

make_production
blog_lab
# As the kernel may choose them, and a lab's must not come before it.
ip link add e0 type veth peer name e1
ip link set e0 address fa:00:00:00:00:01 mtu 9000 master br0 up
ip link set e1 mtu 9000 up
is_up()	# the carrier comes when the kernel gets to it
{
	[ "$(< /sys/class/net/br0/operstate)" = up ]
}
wait_until 60 is_up
nothing_stays()
{
	! compgen -G '/run/netns/lookback*' || fail "a namespace stays"
	! ip link show | grep -E ': lb[0-9a-f]{12}' || fail "a link stays"
	! ip route show table all | grep 'proto 76' || fail "a route stays"
	[ -z "$(find /run/lookback ! -type d)" ] ||
	    fail "files: $(find /run/lookback)"
}
refused()	# MESSAGE LAB: a start of it, and nothing of it stays
{
	expect_status 2 labrouter start "$2"
	has_text "$1" err
	nothing_stays
}

# ---- the bridge stays what it is: its address, its MTU ----

ip -br link show br0 > before
mtu=$(< /sys/class/net/br0/mtu)
[ "$mtu" = 9000 ] || fail "br0 has $mtu"
expect_status 0 labrouter start blog.lab
ip -br link show br0 > after
same_text after < before
[ "$(< /sys/class/net/br0/mtu)" = 9000 ] || fail "br0 has another MTU"
expect_status 0 labrouter status blog.lab

# ---- who has an address is told at the line that wants it ----

labrouter stop blog.lab > out
machine prod - br0 192.168.149.136/24
refused 'blog.lab:9: ip netns exec lookback.blog arping ' blog.lab
has_text "192.168.149.136 is in use, by $(ip netns exec prod \
    cat /sys/class/net/eth0/address)" err
ip link del p-prod
ip netns del prod
expect_status 0 labrouter start blog.lab

# ---- Attach goes while the lab stands ----

ip link set br0 down
ip link set br0 name br1
labrouter status --json blog.lab > out || true
has_text '"attach_gone":true'
tell_all()	# but what goes on by itself
{
	local n
	for n in lookback.blog lookback.blog.1; do
		ip netns exec $n nft list ruleset
		ip -n $n addr show | sed -E 's/<[^>]*>|state [A-Z]+| tentative//g'
	done
}
tell_all > before
for c in start reload; do
	expect_status 2 labrouter $c blog.lab
	has_text 'blog.lab:2: Attach: this host has no interface br0' err
done
tell_all > after
same_text after < before
expect_status 1 labrouter status blog.lab
has_text 'blog: this host has no interface br0 (Attach)'
ip link set br1 name br0
ip link set br0 up
expect_status 0 labrouter start blog.lab
expect_status 0 labrouter status blog.lab

# ---- a namespace without its name, and somebody in it ----

is_lived_in()	# NS
{
	[ -n "$(ip netns pids "$1")" ]
}
for n in lookback.blog lookback.blog.1; do
	daemon ip netns exec $n sleep 1000
	wait_until 60 is_lived_in $n
	ip netns del $n
done
expect_status 0 labrouter stop blog.lab
nothing_stays
expect_status 0 labrouter start blog.lab
expect_status 0 labrouter status blog.lab
ip netns del lookback.blog
expect_status 0 labrouter start blog.lab
expect_status 0 labrouter status blog.lab
expect_status 0 labrouter stop blog.lab
nothing_stays

# ---- NICs that bear no macvlan ----

sed 's/br0/e0/' blog.lab > nic.lab
expect_status 1 labrouter start nic.lab
has_text 'Attach: e0 is a port of the bridge br0' err
nothing_stays
# It may become one meanwhile.
expect_status 2 "$HELPERS/lab_apply" "$NFT" nic.lab
has_text 'e0 is a port of br0, which has all that comes; name that one' err
"$HELPERS/lab_apply" -s "$NFT" nic.lab > out
sed 's/br0/lo/' blog.lab > lo.lab
refused 'lo is no Ethernet interface' lo.lab
ip link set e0 nomaster
ip link set e1 down
refused 'if0 has no carrier, so nobody can be asked' nic.lab
ip link set e1 up
expect_status 0 labrouter start nic.lab
expect_status 0 labrouter stop nic.lab

# ---- no room, no permission ----

mount -t tmpfs -o size=64k none /run
fill()
{
	! cat /dev/zero > /run/full 2> /dev/null || fail "/run is not full"
}
fill
expect_status 2 labrouter start blog.lab
has_text '/run/lookback/starting.d/blog.new: cannot write: No space' err
nothing_stays
rm /run/full
expect_status 0 labrouter start blog.lab
fill
expect_status 0 labrouter stop blog.lab
rm -f /run/full
nothing_stays
mount -o remount,ro /run
expect_status 2 labrouter start blog.lab
has_text '/run/lookback: blog.lock: cannot open: Read-only file system' err
mount -o remount,rw /run
nothing_stays
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
refused '/proc/sys/net/ipv6/conf/all/disable_ipv6: Read-only file' blog.lab
umount /proc/sys
mkdir /run/netns/lookback.blog	# no namespace, and no file to be one
expect_status 2 labrouter start blog.lab
has_text '/run/netns/lookback.blog: Is a directory' err
rmdir /run/netns/lookback.blog
expect_status 0 labrouter start blog.lab

# ---- without descriptors, nothing of ours is written over ----

labrouter stop blog.lab > out
(exec <&- >&- 2>&-; exec labrouter start -v blog.lab) && fail "nobody was told"
cmp blog.lab /run/lookback/labs.d/blog.lab
expect_status 0 labrouter status blog.lab
expect_status 0 labrouter stop blog.lab
nothing_stays
