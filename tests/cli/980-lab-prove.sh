#!/bin/bash
# labrouter prove: a lab is isolated, also without any rule; one that somebody
# opened is caught, by bridging, by routing and behind a translation; and what
# proves nothing says so.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

. "$TOP/tests/cli/prove.sh"

# ---- nothing stands ----

expect_status 2 labrouter prove blog.lab
has_text 'blog does not stand: labrouter start makes it' err

# ---- a good lab ----

apply blog.lab
isolated "as it was started"
[ "$(python3 -c 'import json
print(len([c for c in json.load(open("out"))["networks"][0]["classes"]
    if c["sent"] > 0]))')" -ge 20 ] || fail "too few classes"
read -r spoofed strays closed front < <(field spoofed strays closed front)
[[ $spoofed -gt 100 && $strays -gt 100 && $closed -gt 100 ]] ||
    fail "not counted: $(cat out)"
[ "$front" = 0 ] || fail "a cell let frames out: $(cat out)"
expect_status 0 labrouter prove blog.lab
has_text 'blog: network "VM Network"' out
has_text 'blog: isolated: none of ' out

# ---- killed: nothing of it stays ----

labrouter prove blog.lab > /dev/null &
has_probe()
{
	ip -n lookback.blog.1 link show | grep -q lbprobe
}
wait_until 60 has_probe
kill -KILL $!
wait $! || true
nothing_stays "after kill -9"

# ---- opened on purpose ----

ip link add leak type veth peer name leak netns lookback.blog.1
ip link set leak master br0 up
ip -n lookback.blog.1 link set leak master in up
leaks "a port of both switches" arp-request ipv6 vlan dhcp stp broadcast
grep -q 'NOT ISOLATED.* on .*leak.*: ' out || fail "not on leak: $(tail -n 1 out)"
ip link del leak
isolated "closed again"

in_cell=(ip -n lookback.blog.1) in_front=(ip -n lookback.blog)
for ns in lookback.blog lookback.blog.1; do
	ip netns exec $ns nft flush ruleset
done
isolated "without rules"
"${in_cell[@]}" route add default via 169.254.1.1 dev out onlink table 77
"${in_cell[@]}" rule add pref 250 iif in lookup 77
"${in_front[@]}" rule add pref 1 iif c1 lookup main
leaks "a route" udp tcp-syn icmp-echo fragment overlap spoofed tunnel
has_text 'on interface 0' out
ip netns exec lookback.blog nft -f - <<-END
	table ip leak {
		chain out {
			type nat hook postrouting priority srcnat;
			oifname "if0" masquerade
		}
	}
END
leaks "a route and a translation" udp tcp-syn icmp-echo
grep -E '^udp ' out | awk 'NR == 1 && $3 > 0 && $4 > 0 { n++ } END { exit !n }' ||
    fail "not counted: $(cat out)"
apply blog.lab
isolated "as it was before"

# ---- what proves nothing ----

"${in_cell[@]}" addr del 192.168.149.2/24 dev in
not_proved 'the gateway of network "VM Network" does not answer'
apply blog.lab
"${in_front[@]}" link set if0 down
expect_status 2 labrouter prove --json blog.lab
has_text '"result":"not proved"' out
has_text 'cannot be sent: Network is down' out
apply -s blog.lab

# ---- one machine that says all addresses are his: an end all the same ----

cat > greedy.lab <<-END
	[Production]
	Attach = br0
	Address = 192.168.149.50/24
	ProbeWait = 30ms
	[Network "Large"]
	Gateway = 10.0.0.1/8
	Mask = 11.0.0.0/8
END
apply greedy.lab
machine greedy lookback.greedy.1 in 10.0.0.2/8
ip -n greedy route add local 10.0.0.0/8 dev lo
expect_status 2 timeout 100 labrouter prove greedy.lab
has_text 'network "Large" somebody has all of 64 addresses to attack from' out
ip netns del greedy
apply -s greedy.lab

# ---- networks that joined ----

cat > joined.lab <<-END
	[Production]
	Attach = br0
	Address = 192.168.149.51/24
	Gateway = 192.168.149.2
	ProbeWait = 30ms
	[Network "VM Network"]
	Gateway = 192.168.149.2/24
	Mask = 192.168.152.0/24
	Publish = 192.168.149.140 tcp 80,443 -> 192.168.149.36
	Join = DMZ
	[Network "DMZ"]
	Gateway = 172.16.129.2/24
	Mask = 172.16.130.0/24
	Static = 192.168.149.141 -> 172.16.129.36
END
apply joined.lab
expect_status 0 labrouter prove --json joined.lab
read -r sent front < <(field networks.1.sent networks.1.front)
[ "$sent" -ge 1800 ] || fail "too few: $(cat out)"
[ "$front" -gt 10 ] || fail "nothing was sent over"
apply -s joined.lab

# ---- a bridge of the host's that is isolated ----

ip link add vmbr7 type bridge forward_delay 0
machine v7 - vmbr7 192.168.149.36/24 192.168.149.2
{
	cat blog.lab
	echo 'Bridge = vmbr7'
} > bridged.lab
expect_status 0 labrouter start bridged.lab
expect_status 0 labrouter prove bridged.lab
ip link add leak type veth peer name leak-p
ip link set leak master br0 up
ip link set leak-p master vmbr7 up
expect_status 1 labrouter prove bridged.lab
has_text 'NOT ISOLATED' out
ip link del leak
expect_status 0 labrouter stop bridged.lab
ip netns del v7

# ---- one namespace for all: its rules are its isolation ----

printf '[Lab]\nLayout = single\n' | cat - blog.lab > single.lab
expect_status 0 labrouter start single.lab
expect_status 0 labrouter prove single.lab
has_text 'single: isolated: none of ' out
ip netns exec lookback.single nft flush ruleset
expect_status 1 labrouter prove single.lab
has_text 'single: NOT ISOLATED' out
expect_status 0 labrouter stop single.lab

# The host itself: here its isolated interface is a bridge, and then none. Its
# way to production ends in the same namespace, which must not answer itself.
sysctl -qw net.ipv4.conf.br0.arp_ignore=1
ip link add outer type veth peer name outer-p
ip link set outer-p master br0 up
ip addr add 192.168.149.50/24 dev outer
ip link set outer up
ip link add inner type bridge forward_delay 0
sed 's/br0/outer/; s/^Mask.*/&\nInterface = inner/' single.lab > router.lab
expect_status 0 labrouter start router.lab
expect_status 0 labrouter prove router.lab
has_text 'router: isolated: none of ' out
expect_status 0 labrouter stop router.lab
ip link del inner
ip link add inner type veth peer name inner-p
ip link set inner-p up
expect_status 0 labrouter start router.lab
expect_status 2 labrouter prove router.lab
has_text 'inner of network "VM Network" is no bridge: what is sent by it goes out to' out
expect_status 0 labrouter stop router.lab
ip link del inner
ip link del outer

# ---- behind a NIC ----

ip link add nic type veth peer name nic-p
ip link set nic-p master br0 up
ip link set nic up
sed -i 's/^\(.*Attach = \).*/\1nic/' blog.lab
on=()
apply blog.lab
isolated "behind a NIC"
