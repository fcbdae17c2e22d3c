#!/bin/bash
# A first lab as the manuals and samples say, by the commands of its unit: what
# people get wrong first is named before anything is changed, and a router of
# its own reaches its machines without any other way.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

# A host with a NIC in production, as in the samples.
ip link set lo up
ip netns add wire
ip -n wire link add sw0 type bridge forward_delay 0 mcast_snooping 0
ip -n wire link set sw0 up
ip link add eth0 type veth peer name p-host netns wire
ip -n wire link set p-host master sw0 up
ip addr add 192.168.149.9/24 dev eth0
ip link set eth0 up
sample()	# NAME: a copy of it here, which waits for nobody
{
	sed '/^Attach/a ProbeWait = 30ms' "$TOP/etc/labs/$1.lab" > "$1.lab"
}
refused()	# NAME TEXT...: check and start say all, and nothing is made
{
	local name=$1 text command
	shift
	for command in check start; do
		expect_status 1 labrouter $command "$name.lab"
		cat out err > said
		for text; do
			has_text "$text" said
		done
	done
	! compgen -G '/run/netns/lookback*' || fail "a namespace stays"
}

# ---- what goes wrong first ----

# A NIC's macvlan does not hear its own host, so no probe finds this.
sample simple
sed -i 's,^Address = .*/24,Address = 192.168.149.9/24,' simple.lab
refused simple "error: Address: 192.168.149.9 is this host's own; write a free"
sample static
sed -i 's/149.136/149.9/' static.lab
refused static "error: Static: 192.168.149.9 is this host's own; write a free"
# As on a host of virtual machines.
sample simple
ip link add vmbr0 type bridge forward_delay 0
ip link set eth0 master vmbr0
ip link set vmbr0 up
refused simple 'error: Attach: eth0 is a port of the bridge vmbr0; write Attach = vmbr0'
ip link set eth0 nomaster
ip link del vmbr0

# ---- its unit ----

unit()	# KEY: its command, for the lab in this directory
{
	local words
	read -r -a words < <(sed -n "s/^$1=//p" \
	    "$TOP/etc/systemd/labrouter@.service")
	[ "${words[*]:0:1} ${words[*]: -1}" = '/usr/bin/labrouter %i' ] ||
	    fail "$1 is: ${words[*]}"
	expect_status 0 labrouter "${words[@]:1:${#words[@]}-2}" simple.lab
}
unit ExecStart
grep -qE '^simple: started, [0-9]+ changes$' out || fail "says $(cat out)"
unit ExecStart
same_text <<< 'simple: stands already'
echo 'Timeout = 2s' >> simple.lab
unit ExecReload
machine copy lookback.simple.1 in 192.168.149.36/24 192.168.149.2
ip netns exec copy sh -c 'for p in 22 443; do
    python3 -c "import socket, sys
s = socket.create_server((\"\", $p))
open(\"served.$p\", \"w\").close()
while True: s.accept()" & done; wait' &
wait_until 60 test -e served.22
wait_until 60 test -e served.443
expect_status 0 labrouter verify simple.lab
has_text 'simple: 1 of 1 machines passed'
unit ExecStop
same_text <<< 'simple: stopped'

# ---- a router of its own ----

# Its host has no other way to the mask than the lab's, and a route to production
# alone; a second start finds its own addresses there.
wait_until 60 eval '! ip -n copy link show eth0 > found'
ip link add eth1 type veth peer name eth0 netns copy
ip -n copy addr add 192.168.149.36/24 dev eth0
ip -n copy link set eth0 up
ip -n copy route replace default via 192.168.149.2
sed -i '1i[Lab]\nLayout = single
/^Mask/a Interface = eth1' simple.lab
expect_status 0 labrouter start simple.lab
expect_status 0 labrouter verify simple.lab
same_text err < /dev/null
expect_status 0 labrouter start simple.lab
same_text <<< 'simple: stands already'
same_text err < /dev/null
expect_status 0 labrouter route add simple.lab
same_text < /dev/null
expect_status 0 labrouter stop simple.lab
! ip route show table all | grep 'proto 76' || fail "a route stays"

# ---- completions know what this host has ----

complete_word()	# PREVIOUS WORD...: what the last one becomes
{
	COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2))
	_labrouter labrouter "${!#}" "$1"
	echo "${COMPREPLY[*]}"
}
export -f complete_word
cat > walk.sh <<-'END'
	mount -t tmpfs none /etc && mkdir -p /etc/lookback/labs
	cp simple.lab /etc/lookback/labs/office.lab
	printf '[Network "$(touch expanded) *"]\n' > /etc/lookback/labs/odd.lab
	. "$TOP/etc/completions/labrouter.bash"
	complete_word start labrouter start of
	complete_word attach labrouter attach eth
	complete_word eth1 labrouter attach eth1 VM
	complete_word t labrouter attach --tap t \$
	complete_word --from labrouter trace --from prod
	complete_word 10.0.0.2 labrouter trace 10.0.0.1 10.0.0.2 u
	complete_word route labrouter route p
END
expect_status 0 unshare -m bash walk.sh
same_text <<-'END'
	office
	eth0 eth1
	VM\ Network
	\$\(touch\ expanded\)\ \*
	production
	udp
	print
END
[ ! -e expanded ] || fail "a network's name was run"
