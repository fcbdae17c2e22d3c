#!/bin/bash
# A thousand random packets: each goes where `labrouter trace` says, as the
# machine sees it, or nobody gets it. Two labs stand side by side, one of them
# without a gateway in production. SEED=N COUNT=N to run others.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

seed=${SEED:-$(($(date +%s) % 100000))} count=${COUNT:-1000}
echo "SEED=$seed COUNT=$count"

make_production
# Whoever is in production, but for the labs' own addresses.
machine prod - br0 192.168.149.22/24
here()	# NS PREFIX [BUT...]: it is all of them, and no check is in the way
{
	local but
	ip -n "$1" route add local "$2" dev eth0
	for but in "${@:3}"; do
		ip -n "$1" route add "$but/32" dev eth0 table local
	done
	ip netns exec "$1" sysctl -qw net.ipv4.conf.all.rp_filter=0 \
	    net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth0.accept_local=1
}

cat > one.lab <<-END
	[Production]
	Attach = br0
	Address = 192.168.149.50/24
	Gateway = 192.168.149.2
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
	[Network "DMZ"]
	Gateway = 10.10.15.254/20
	Mask = 172.16.16.0/20
	Static = 192.168.149.139 -> 10.10.0.36
	Publish = 10.10.0.40 tcp 25 -> 10.10.0.41
	Publish = 10.10.0.40 udp 53 -> 10.10.0.41 5353
	Allow = from 192.168.149.0/25 10.10.0.36 tcp 22,80-90
	Allow = 10.10.0.99 icmp
	Allow = 10.10.0.50 udp 53
	[Network "The same again"]
	Gateway = 192.168.149.2/24
	Mask = 192.168.151.0/24
	Allow = from 192.168.149.22/32 192.168.149.36 tcp 80
	Allow = from 10.1.0.0/16 192.168.149.36
	Allow = 192.168.149.99 udp 1-65535
	[Network "Third"]
	Gateway = 10.30.1.1/28
	Mask = 10.40.1.16/28
	Publish = 99.99.99.98 tcp 443 -> 10.30.1.5
	Join = DMZ
END
cat > two.lab <<-END
	[Production]
	Attach = br0
	Address = 192.168.149.51/24
	[Network "VM Network"]
	Gateway = 192.168.149.2/24
	Mask = 192.168.152.0/24
	Static = 192.168.149.146 -> 192.168.149.36
	Allow = 192.168.149.36
	Join = Other
	[Network "Other"]
	Gateway = 10.10.1.1/24
	Mask = 10.20.1.0/24
END
switch()	# LAB NET REAL/LEN [BUT...]: who receives and who sends
{
	machine "r-$1-$2" "lookback.$1.$2" in "${3%.*}.77/${3#*/}"
	machine "s-$1-$2" "lookback.$1.$2" in 169.254.9.9/32
	here "r-$1-$2" "${@:3}"
	ip -n "r-$1-$2" route add default via "$4"
}
for lab in one two; do
	"$HELPERS/lab_plan" -b $lab.lab > start
	do_steps start
done
claims=192.168.149.13
switch one 1 192.168.149.0/24 192.168.149.2 ${claims}6 ${claims}7 ${claims}8
switch one 2 10.10.0.0/20 10.10.15.254 10.10.0.40 10.10.3.3
switch one 3 192.168.149.0/24 192.168.149.2
switch one 4 10.30.1.0/28 10.30.1.1
switch two 1 192.168.149.0/24 192.168.149.2 192.168.149.146
switch two 2 10.10.1.0/24 10.10.1.1
here prod 192.168.149.0/24 192.168.149.50 192.168.149.51 \
    ${claims}6 ${claims}7 ${claims}8 ${claims}9 192.168.149.146
ip -n prod addr add 10.1.1.1/32 dev eth0
ip -n prod route add default via 192.168.149.50
for mask in 192.168.152.0/24 10.20.1.0/24; do
	ip -n prod route add $mask via 192.168.149.51
done

python3 "$TOP/tests/cli/lab_trace.py" "$HELPERS/lab_trace" "$seed" "$count" ||
    fail "what was predicted is not what happened, SEED=$seed COUNT=$count"
