#!/bin/bash
# A thousand random packets in each layout: each goes where `labrouter trace`
# says, as the machine sees it, or nobody gets it. Labs stand side by side, one
# of them without a gateway in production. SEED=N COUNT=N LAYOUTS='A B' to run
# others.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

seed=${SEED:-$(($(date +%s) % 100000))} count=${COUNT:-1000}
layouts=${LAYOUTS:-cells single router nat nat-router}
echo "SEED=$seed COUNT=$count"

make_production
here()	# NS PREFIX [BUT...]: it is all of them, and no check is in the way
{
	local but
	ip -n "$1" route add local "$2" dev eth0
	for but in "${@:3}"; do
		ip -n "$1" route add "$but/32" dev eth0 table local
	done
	ip netns exec "$1" sysctl -qw net.ipv4.conf.all.rp_filter=0 \
	    net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth0.accept_local=1 \
	    net.ipv4.conf.eth0.arp_announce=2
}
claims=192.168.149.13

# ---- labs ----

begin_lab()	# LAB ADDRESS: its first lines, on stdout
{
	[ "$layout" = cells ] || printf '[Lab]\nLayout = single\n'
	printf '[Production]\nAttach = %s\nAddress = %s/24\n' $attach "$2"
	n=0
}
net()	# the section on stdin, with its link where the layout has such
{
	cat
	n=$((n + 1))
	[ $attach = br0 ] || echo "Interface = eth$n"
}
isolated_labs()
{
	local again=192.168.149
	[ "$layout" = cells ] || again=192.168.139
	{
		begin_lab one 192.168.149.50
		echo 'Gateway = 192.168.149.2'
		net <<-END
			[Network "VM Network"]
			Gateway = 192.168.149.2/24
			Mask = 192.168.150.0/24
			Static = 192.168.149.136 -> 192.168.149.36
			Static = 192.168.149.137 -> 192.168.149.99
			Publish = 99.99.99.99 tcp 80,8000-8010 -> 192.168.149.36
			Publish = 99.99.99.99 tcp 8080 -> 192.168.149.40 80
			Publish = 99.99.99.99 udp 53 -> 192.168.149.99
			Publish = 192.168.149.138 tcp 22 -> 192.168.149.41
			Join = DMZ
		END
		net <<-END
			[Network "DMZ"]
			Gateway = 10.10.15.254/20
			Mask = 172.16.16.0/20
			Static = 192.168.149.139 -> 10.10.0.36
			Publish = 10.10.0.40 tcp 25 -> 10.10.0.41
			Publish = 10.10.0.40 udp 53 -> 10.10.0.41 5353
			Allow = from 192.168.149.0/25 10.10.0.36 tcp 22,80-90
			Allow = 10.10.0.99 icmp
			Allow = 10.10.0.50 udp 53
		END
		net <<-END
			[Network "The same again"]
			Gateway = $again.2/24
			Mask = 192.168.151.0/24
			Allow = from 192.168.149.22/32 $again.36 tcp 80
			Allow = from 10.1.0.0/16 $again.36
			Allow = $again.99 udp 1-65535
		END
		net <<-END
			[Network "Third"]
			Gateway = 10.30.1.1/28
			Mask = 10.40.1.16/28
			Publish = 99.99.99.98 tcp 443 -> 10.30.1.5
			Join = DMZ
		END
	} > one.lab
	{
		begin_lab two 192.168.149.51
		net <<-END
			[Network "VM Network"]
			Gateway = 192.168.149.2/24
			Mask = 192.168.152.0/24
			Static = 192.168.149.146 -> 192.168.149.36
			Allow = 192.168.149.36
			Join = Other
		END
		net <<-END
			[Network "Other"]
			Gateway = 10.10.1.1/24
			Mask = 10.20.1.0/24
		END
	} > two.lab
	start one two
	switch one 1 192.168.149.0/24 192.168.149.2 ${claims}6 ${claims}7 ${claims}8
	switch one 2 10.10.0.0/20 10.10.15.254 10.10.0.40 10.10.3.3
	switch one 3 $again.0/24 $again.2
	switch one 4 10.30.1.0/28 10.30.1.1
	switch two 1 192.168.149.0/24 192.168.149.2 192.168.149.146
	switch two 2 10.10.1.0/24 10.10.1.1
	for mask in 192.168.152.0/24 10.20.1.0/24; do
		ip -n prod route add $mask via 192.168.149.51
	done
}
# One beside a network, one alone, and one whose subnet production has.
nat_labs()
{
	{
		begin_lab one 192.168.149.50
		echo 'Gateway = 192.168.149.2'
		net <<-END
			[Network "VM Network"]
			Gateway = 192.168.149.2/24
			Mask = 192.168.150.0/24
			Static = 192.168.149.136 -> 192.168.149.36
			Publish = 192.168.149.138 tcp 22 -> 192.168.149.41
		END
		net <<-END
			[Nat]
			Address = 192.168.1.1/24
			Dnat = 192.168.149.50 tcp 80 -> 192.168.1.36 8080
			Dnat = 192.168.149.50 tcp 25,443 -> 192.168.1.40
			Dnat = 192.168.149.137 -> 192.168.1.36
			Redirect = udp 53 -> 192.168.1.41
			Redirect = tcp 22 -> 3128
			Netmap = to 10.50.1.0/24 -> 192.168.1.0/24
			Deny = 192.168.1.0/24 tcp 25
			Deny = 192.168.1.50 udp 1-65535
			Pass = 192.168.1.99 icmp
			Snat = 192.168.1.36 -> 192.168.149.137
			Snat = 192.168.1.40/31 -> 192.168.149.139 30000-60000
			Snat = 192.168.1.64/26 tcp 80,443 -> 192.168.149.139
			Netmap = from 192.168.1.128/25 -> 10.50.1.128/25
			Masquerade = 192.168.1.16/28 udp 53,80 -> 20000-60000
			Masquerade = 192.168.1.0/28
			Claim = 192.168.149.146
		END
	} > one.lab
	{
		begin_lab two 192.168.149.51
		net <<-END
			[Nat]
			Address = 10.60.1.1/24
			Redirect = any -> 10.60.1.36
			Masquerade = 10.60.1.0/24 udp 53
			Pass = 10.60.1.36
			Masquerade = 10.60.1.0/24 tcp 22,80
		END
	} > two.lab
	{
		begin_lab three 192.168.149.52
		net <<-END
			[Network "Other"]
			Gateway = 10.10.1.1/24
			Mask = 10.20.1.0/24
		END
		net <<-END
			[Nat]
			Address = 192.168.149.1/24
			Twin = 192.168.153.0/24 -> 192.168.149.0/24
		END
	} > three.lab
	start one two three
	switch one 1 192.168.149.0/24 192.168.149.2 ${claims}6 ${claims}8
	switch one 2 192.168.1.0/24 192.168.1.1
	switch two 1 10.60.1.0/24 10.60.1.1
	switch three 1 10.10.1.0/24 10.10.1.1
	switch three 2 192.168.149.0/24 192.168.149.1
	ip -n prod route add 10.60.1.0/24 via 192.168.149.51
	for mask in 192.168.153.0/24 10.20.1.0/24; do
		ip -n prod route add $mask via 192.168.149.52
	done
}

# ---- where they stand ----

# A router with links of its own, and behind each of them a switch.
make_router()	# LAB LINKS ADDRESS
{
	local i rt=rt-$1
	ip netns add "$rt"
	ip link add eth0 netns "$rt" type veth peer name "p-$rt"
	ip link set "p-$rt" master br0 up
	for i in $(seq "$2"); do
		ip netns add "iso-$1-$i"
		ip -n "iso-$1-$i" link add sw type bridge forward_delay 0 mcast_snooping 0
		ip -n "iso-$1-$i" link set sw up
		ip -n "iso-$1-$i" link add p-rt type veth peer name "eth$i" netns "$rt"
		ip -n "iso-$1-$i" link set p-rt master sw up
	done
	ip -n "$rt" link set lo up
	ip -n "$rt" link set eth0 up
	ip -n "$rt" addr add "$3" dev eth0
	ip -n "$rt" route add default via 192.168.149.2
	ip netns exec "$rt" sysctl -qw net.ipv4.conf.eth0.rp_filter=0 \
	    net.ipv4.icmp_echo_ignore_broadcasts=1
}
start()	# LAB...
{
	local lab
	for lab in "$@"; do
		"$HELPERS/lab_plan" -b "$lab.lab" > start
		if [ $attach = br0 ]; then
			do_steps start
			continue
		fi
		make_router "$lab" "$(grep -c Interface "$lab.lab")" \
		    "$(sed -n 's/^Address = //p;T;q' "$lab.lab")"
		sed -i '/^arping /d' start
		ip netns exec "rt-$lab" bash -e start || fail "a step of $lab"
	done
}
switch()	# LAB NET REAL/LEN GATEWAY [BUT...]: who receives and who sends
{
	local at=("lookback.$1" "in$2")
	case $layout in
	cells) at=("lookback.$1.$2" in) ;;
	*router) at=("iso-$1-$2" sw) ;;
	nat) [ "$2" -le "$(grep -c Network "$1.lab")" ] || at[1]=nat ;;
	esac
	machine "r-$1-$2" "${at[@]}" "${3%.*}.77/${3#*/}"
	machine "s-$1-$2" "${at[@]}" 169.254.9.9/32
	here "r-$1-$2" "${@:3}"
	ip -n "r-$1-$2" route add default via "$4"
}

for layout in $layouts; do
	attach=br0
	case $layout in
	*router) attach=eth0 ;;
	esac
	# Whoever is in production, but for the labs' own addresses.
	machine prod - br0 192.168.149.22/24
	here prod 192.168.149.0/24 192.168.149.50 192.168.149.51 192.168.149.52 \
	    ${claims}6 ${claims}7 ${claims}8 ${claims}9 192.168.149.146
	ip -n prod addr add 10.1.1.1/32 dev eth0
	ip -n prod route add default via 192.168.149.50
	case $layout in
	nat*) nat_labs ;;
	*) isolated_labs ;;
	esac
	python3 "$TOP/tests/cli/lab_trace.py" "$HELPERS/lab_trace" "$layout" "$seed" \
	    "$count" ./*.lab || fail "what was predicted is not what happened," \
	    "SEED=$seed COUNT=$count LAYOUTS=$layout"
	rm ./*.lab
	ip route flush proto 76
	for link in $(ip -br link show type veth | sed 's/[@ ].*//'); do
		ip link del "$link"
	done
	for ns in $(ip netns list | sed 's/ .*//'); do
		ip netns del "$ns"
	done
done
