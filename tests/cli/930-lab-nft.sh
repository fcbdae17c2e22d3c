#!/bin/bash
# lab-nft does the plan of the blog's simple lab: a restored machine is reached
# through the mask; a second time nothing changes; what is missing or wrong
# comes back; a start that ends at any step is completed; nothing of it after
# the stop; and a plan that cannot be done says which step, and why.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

says()	# TEXT
{
	grep -qF -- "$1" err || fail "not '$1' but: $(cat err)"
}
nothing_stays()
{
	! compgen -G '/run/netns/lookback*' || fail "a namespace stays"
	! ip link show | grep -E ': lb[0-9a-f]{12}' || fail "a link stays"
}

# ---- production, and a machine that looks on ----

make_production
machine vbs - br0 192.168.149.22/24
ip -n vbs route add 192.168.150.0/24 via 192.168.149.50

blog_lab

restore()	# a machine with its production address in the cell
{
	machine v36 lookback.blog.1 in 192.168.149.36/24 192.168.149.2
}
reached()	# ADDRESS
{
	reaches vbs "$1" || fail "$1 is not reached"
}

# ---- start, and once more ----

apply blog.lab
[ "$(grep -c ^changed out)" -gt 50 ] || fail "too few steps: $(cat out)"
restore
reached 192.168.150.36
reached 192.168.149.136
apply blog.lab
nothing "a second start"
# With more the kernel would wait for each other processor, at each link.
for at in 'lookback.blog c1' 'lookback.blog.1 out' 'lookback.blog if0'; do
	ip -n "${at% *}" -d link show "${at#* }" > queues
	has_text 'numtxqueues 1 numrxqueues 1 ' queues
done

# ---- each object by hand, then back ----

in_front=(ip -n lookback.blog) in_cell=(ip -n lookback.blog.1)
drift()	# EXPECTED COMMAND...
{
	local want=$1
	shift
	"$@"
	apply blog.lab
	grep -qF -- "$want" out || fail "after $*: $(cat out)"
	reached 192.168.150.36
	apply blog.lab
	nothing "again after $*"
}
drift 'rule add pref 99' "${in_cell[@]}" rule del pref 99
drift 'rule del pref 0' "${in_cell[@]}" rule add pref 0 lookup local
drift 'route add 192.168.149.0/24' "${in_cell[@]}" route flush table 2
drift 'route add default via 169.254.1.1' \
    "${in_cell[@]}" route replace blackhole default table 8
drift 'addr add 192.168.149.2/24' \
    "${in_cell[@]}" addr del 192.168.149.2/24 dev in
drift 'neigh add 192.168.150.2' "${in_front[@]}" neigh replace 192.168.150.2 \
    lladdr 02:00:00:00:00:01 dev c1 nud permanent
drift 'neigh add proxy' \
    "${in_front[@]}" neigh del proxy 192.168.149.136 dev if0
drift 'link set in up' "${in_cell[@]}" link set in down
drift "link set if0 alias" "${in_front[@]}" link set if0 alias x
drift 'ip_forward=1' ip netns exec lookback.blog.1 \
    sysctl -qw net.ipv4.ip_forward=0
drift 'table ip lookback' ip netns exec lookback.blog.1 nft flush ruleset
drift 'table inet lookback' ip netns exec lookback.blog nft flush chain \
    inet lookback forward
ip netns del v36

# ---- stop, and once more ----

apply -s blog.lab
nothing_stays
apply -s blog.lab
nothing "a second stop"

# ---- half a start, at every step ----

total=$("$HELPERS/lab_plan" -b -l blog.lab | grep -cE '^[0-9]+: ip')
for ((n = 0; n <= total; n += 7)); do
	apply -n $n blog.lab
	apply blog.lab
	apply blog.lab
	nothing "after $n steps and the others"
	apply -s blog.lab
	nothing_stays
done

# Killed between a name and its namespace: completed, and taken away.
touch /run/netns/lookback.blog
apply blog.lab
apply -s blog.lab
touch /run/netns/lookback.blog
apply -s blog.lab
nothing_stays

# ---- what cannot be done ----

not_applied -u blog.lab
says 'a step of type 999'
nothing_stays
sed 's/br0/br9/' blog.lab > bad.lab
not_applied bad.lab
says 'port of a bridge'
says 'line 2 of the lab): there is no link br9'
grep -q '^failed: ip link set lb' out || fail "the step is not told"
apply -s bad.lab

# Somebody answers for the address.
ip -n vbs addr add 192.168.149.50/24 dev eth0
not_applied blog.lab
says '192.168.149.50 is in use, by '
says "$(ip netns exec vbs cat /sys/class/net/eth0/address)"
[ "$(ip netns exec lookback.blog sysctl -n net.ipv4.ip_forward)" = 0 ] ||
    fail "it forwards"
ip -n vbs addr del 192.168.149.50/24 dev eth0
apply blog.lab
restore
reached 192.168.150.36
ip netns del v36
apply -s blog.lab
nothing_stays

# ---- the labs of the golden plans, which have all kinds of rules ----

ip link add eth1 type veth peer name eth2.7
ip addr add 192.168.1.9/24 dev br0
for lab in "$TOP"/tests/golden-plans/*.lab; do
	# 960 and 961 have what this one needs: a DHCP server, and accounts.
	[ "${lab##*/}" != services.lab ] || continue
	sed 's/^Attach = .*/Attach = br0/
	    /^Attach/a ProbeWait = 30ms' "$lab" | awk '!/ProbeWait/ || !n++' > any.lab
	apply any.lab
	apply any.lab
	nothing "a second start of ${lab##*/}"
	apply -s any.lab
	nothing_stays
	# On a host of its own, its address stays.
	ip addr del 192.168.149.50/24 dev br0 2> gone || true
done
ip addr del 192.168.1.9/24 dev br0

# ---- on a NIC: the machine that looks on is at its other end ----

on=()
ip addr flush dev br0
ip link del p-vbs
ip link add nic0 type veth peer name eth0 netns vbs
ip addr add 192.168.149.9/24 dev nic0
ip -n vbs addr add 192.168.149.22/24 dev eth0
ip -n vbs link set eth0 up
ip -n vbs route add 192.168.150.0/24 via 192.168.149.50
sed -i 's/br0/nic0/' blog.lab
not_applied blog.lab
says 'ARP probe of if0 in lookback.blog, line 3 of the lab): if0 has no carrier'
ip link set nic0 up
apply blog.lab
restore
reached 192.168.150.36
reached 192.168.149.136
apply blog.lab
nothing "a second start on a NIC"
ip netns del v36
apply -s blog.lab
nothing_stays
