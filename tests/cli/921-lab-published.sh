#!/bin/bash
# Published services, with the names and numbers of the article on NAT loopback:
# from outside and inside, in each layout; what happens without the loopback; and
# the article's two contradictions: found by the check, seen on the wire where
# they are made all the same, and gone where one list says it all.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"
. "$TOP/tests/cli/rows.sh"

cat > dig.py <<'E2'
import socket, sys
# dig.py ADDRESS: what is answered on port 53, and from where
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(10)
s.sendto(b"?", (sys.argv[1], 53))
text, peer = s.recvfrom(99)
print(text.decode().rsplit(" ", 1)[0], "from", peer[0])
E2
cat > sources.py <<'E2'
import socket
# sources.py: where each IPv4 packet to eth0 comes from, into $T/sources
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x800))
s.bind(("eth0", 0x800))
with open("sources", "w") as f:
    print("ready", file=f, flush=True)
    while True:
        frame, peer = s.recvfrom(99)
        if peer[2] != socket.PACKET_OUTGOING:
            print(socket.inet_ntoa(frame[26:30]), file=f, flush=True)
E2
dug()	# NS ADDRESS ANSWER
{
	local got
	got=$(ip netns exec "$1" python3 dig.py "$2")
	[ "$got" = "$3" ] || fail "$row: $1 digs $2: $got, not $3"
}
cell()	# NS ADDRESS: a machine inside, in $switch
{
	# shellcheck disable=SC2086	# two words
	machine "$1" $switch "$2/24" 10.10.1.1
}
machines()
{
	cell web 10.10.1.10
	cell mail 10.10.1.20
	cell dns 10.10.1.30
	cell vm99 10.10.1.99
	serve web web 80 443 22
	serve mail mail 25 993
	serve dns dns 53
	ip -n out neigh flush dev eth0
}
no_machines()
{
	for ns in web mail dns vm99; do
		ip netns del $ns
	done
}

# out is somewhere in the world, on the same wire for want of a longer one.
make_production
machine out - br0 99.99.99.60/24 99.99.99.1
machine gw - br0 10.10.1.1/24
ip -n gw addr add 99.99.99.1/24 dev eth0
ip netns exec gw sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 \
    net.ipv4.conf.eth0.send_redirects=0
ip -n gw route add 10.10.101.0/24 via 10.10.1.50
serve out out 25 53 80 443
daemon ip netns exec out python3 sources.py
wait_until 60 test -s sources

publish()	# LAYOUT
{
	cat > french.lab <<-END
		[Lab]
		Layout = $1
		[Production]
		Attach = br0
		Address = 10.10.1.50/24
		Gateway = 10.10.1.1
		ProbeWait = 30ms
		[Network "Servers"]
		Gateway = 10.10.1.1/24
		Mask = 10.10.101.0/24
		Publish = 99.99.99.99 tcp 80,443 -> 10.10.1.10
		Publish = 99.99.99.98 tcp 25,993 -> 10.10.1.20
		Publish = 99.99.99.99 udp 53 -> 10.10.1.30
	END
}

isolated()	# COMMAND...: that takes the rules of loopback away
{
	row 37 41
	for port in 80 443; do
		asked out 99.99.99.99 $port 'web sees 10.10.1.1'
	done
	for port in 25 993; do
		asked out 99.99.99.98 $port 'mail sees 10.10.1.1'
	done
	asked out 99.99.99.99 53 'dns sees 10.10.1.1' udp
	row 38	# it is there, but not published; another's port; the other protocol
	asked out 10.10.101.10 22 'web sees 10.10.1.1'
	asked out 99.99.99.99 22 nobody
	asked out 99.99.99.99 25 nobody
	asked out 99.99.99.99 53 nobody
	row 40 41
	for ns in vm99 web mail; do
		for port in 80 443; do
			asked $ns 99.99.99.99 $port 'web sees 99.99.99.99'
		done
		for port in 25 993; do
			asked $ns 99.99.99.98 $port 'mail sees 99.99.99.98'
		done
	done
	all_asked
	dug vm99 99.99.99.99 'dns sees 99.99.99.99 from 99.99.99.99'
	dug dns 99.99.99.99 'dns sees 99.99.99.99 from 99.99.99.99'

	row 39	# until the start puts it back
	"$@"
	dug vm99 99.99.99.99 'dns sees 10.10.1.99 from 10.10.1.30'
	asked vm99 99.99.99.99 80 nobody
	all_asked
	expect_status 0 labrouter start french.lab
	dug vm99 99.99.99.99 'dns sees 99.99.99.99 from 99.99.99.99'

	row 43	# nothing has a private source, nor two outer ones
	asked dns 99.99.99.60 53 nobody udp
	asked mail 99.99.99.60 25 nobody
	asked mail 99.99.99.60 443 nobody
	all_asked
	dug out 99.99.99.99 'dns sees 10.10.1.1 from 99.99.99.99'
	# The mask's is the answer to row 38.
	sort -u sources > got
	same_text got <<-END
		10.10.101.10
		99.99.99.98
		99.99.99.99
		ready
	END
}

what=cells
publish cells
expect_status 0 labrouter start french.lab
switch='lookback.french.1 in'
machines
isolated ip netns exec lookback.french.1 nft flush chain ip lookback nat_out
expect_status 0 labrouter stop french.lab
no_machines

what=single
publish single
expect_status 0 labrouter start french.lab
switch='lookback.french in1'
machines
isolated ip netns exec lookback.french nft flush chain inet lookback nat_out
expect_status 0 labrouter stop french.lab
no_machines

# ---- the article's rules, contradictions and all ----

what=
row 43
publish cells
sed -i 's/.*udp 53.*/Allow = 10.10.1.30 udp 53/' french.lab
echo 'Publish = 99.99.99.99 tcp 53 -> 10.10.1.30' >> french.lab
echo 'Publish = 99.99.99.99 tcp 8443 -> 10.10.1.20 443' >> french.lab
expect_status 1 labrouter start french.lab
has_text 'french.lab:13: error: ' err
has_text 'Publish = 99.99.99.99 udp 53 -> 10.10.1.30' err
has_text 'french.lab:15: error: ' err
has_text 'write one outer address' err

nat()	# LINE...: a router of servers that may begin a talk
{
	cat > french.lab <<-END
		[Lab]
		Layout = single
		[Production]
		Attach = br0
		Address = 99.99.99.99/24
		ProbeWait = 30ms
		[Nat]
		Address = 10.10.1.1/24
		Dnat = 99.99.99.99 tcp 80,443 -> 10.10.1.10
		Dnat = 99.99.99.98 tcp 25,993 -> 10.10.1.20
		Dnat = 99.99.99.99 udp 53 -> 10.10.1.30
	END
	printf '%s\n' "$@" >> french.lab
}
nat 'Pass = 10.10.1.30 udp 53' \
    'Snat = 10.10.1.0/24 tcp 80,443 -> 99.99.99.99' \
    'Snat = 10.10.1.20 tcp 25 -> 99.99.99.98'
expect_status 1 labrouter start french.lab
has_text 'french.lab:12: error: Pass: 10.10.1.30 is known outside as 99.99.99.99' err
has_text 'french.lab:14: warning: Snat: what talks from 10.10.1.20/32 goes out by' err
# By hand, since a start refuses it.
"$HELPERS/lab_plan" -b french.lab > start
"$HELPERS/lab_plan" -s french.lab > stop
do_steps start
switch='lookback.french nat'
machines
ip -n out route add 10.10.1.0/24 via 99.99.99.99
asked dns 99.99.99.60 53 'out sees 10.10.1.30' udp
asked mail 99.99.99.60 25 'out sees 99.99.99.98'
asked mail 99.99.99.60 443 'out sees 99.99.99.99'
all_asked
do_steps stop
no_machines

row 42 43	# one line a server, with the ports that it may leave to
nat 'Snat = 10.10.1.10 tcp 80,443 -> 99.99.99.99' \
    'Snat = 10.10.1.20 tcp 25,443 -> 99.99.99.98' \
    'Snat = 10.10.1.30 udp 53 -> 99.99.99.99'
expect_status 0 labrouter start french.lab
machines
asked dns 99.99.99.60 53 'out sees 99.99.99.99' udp
asked mail 99.99.99.60 25 'out sees 99.99.99.98'
asked mail 99.99.99.60 443 'out sees 99.99.99.98'
asked web 99.99.99.60 80 'out sees 99.99.99.99'
asked web 99.99.99.60 443 'out sees 99.99.99.99'
row 42
asked mail 99.99.99.60 80 nobody
asked web 99.99.99.60 25 nobody
asked dns 99.99.99.60 53 nobody
asked vm99 99.99.99.60 443 nobody
row 37
asked out 99.99.99.99 443 'web sees 99.99.99.60'
asked out 99.99.99.98 993 'mail sees 99.99.99.60'
asked out 99.99.99.99 53 'dns sees 99.99.99.60' udp
all_asked
expect_status 0 labrouter stop french.lab
