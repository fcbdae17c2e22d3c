#!/bin/bash
# A restored machine's interface goes into its lab and comes back; a program has
# a tap there; what this host cannot do without, it keeps.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

cp -a /etc/alternatives "$T"
mount -t tmpfs tmpfs /etc
mv alternatives /etc
mkdir -p /etc/lookback/labs
here()	# links and addresses; a link's state may change by itself
{
	ip -o addr | grep -v 'scope link' || true
	ip -o link | awk '{ print $2 }'
}
refused()	# WORDS ARGUMENT...: of attach, and nothing is done
{
	local words=$1
	shift
	here > before
	expect_status 2 labrouter attach "$@"
	has_text "$words" err
	here > after
	cmp -s before after || fail "it changed: $(diff before after)"
}

# NS DEVICE: a restored machine, which has its production address; DEVICE is the
# end of its link that a hypervisor would make.
restore()
{
	ip netns add "$1"
	ip link add "$2" type veth peer name eth0 netns "$1"
	ip -n "$1" addr add 192.168.149.36/24 dev eth0
	ip -n "$1" link set lo up
	ip -n "$1" link set eth0 up
	ip -n "$1" route add default via 192.168.149.2
	serve "$1" "$1" 80
}

make_production
machine vbs - br0 192.168.149.22/24
ip -n vbs route add 192.168.150.0/23 via 192.168.149.50
{
	plain_lab
	cat <<-END
		[Network "Second"]
		Gateway = 192.168.149.2/24
		Mask = 192.168.151.0/24
	END
} > /etc/lookback/labs/blog.lab
sed 's/\.50\/24/.51\/24/; s/168\.15/168.16/; s/Second/Other/
    s/br0/nic9/' /etc/lookback/labs/blog.lab > other.lab
lab=/etc/lookback/labs/blog.lab

restore copy tap7
restore again tap8
refused 'VM Network of blog: lab-nft: the lab does not stand' tap7 'VM Network'
apply $lab

# ---- attached, reached, and back ----

ip link set tap7 up
expect_status 0 labrouter attach tap7 'VM Network'
same_text <<< 'tap7: attached to VM Network of blog'
! ip link show tap7 > /dev/null 2>&1 || fail "tap7 is still here"
answers vbs 192.168.150.36 80 'copy sees 192.168.149.2'
answers copy 192.168.149.22 80 nobody
ip netns exec lookback.blog.1 ip -d link show tap7 > port
has_text 'master in' port
has_text 'alias attached: an interface of this host' port
[ -z "$(ip -n lookback.blog.1 -6 addr show)" ] || fail "IPv6 in the cell"
expect_status 0 labrouter attach --lab blog tap8 2
answers vbs 192.168.151.36 80 'again sees 192.168.149.2'
answers vbs 192.168.150.36 80 'copy sees 192.168.149.2'

refused 'tap7 is attached already' tap7 1
refused 'this host has no interface tap7' tap7 Second
refused 'this host has no interface nowhere' nowhere 1
# A start leaves it alone.
apply $lab
! grep tap7 out || fail "a start touches it"
answers vbs 192.168.150.36 80 'copy sees 192.168.149.2'

expect_status 0 labrouter detach tap7 'VM Network'
same_text <<< 'tap7: detached from VM Network of blog'
answers vbs 192.168.150.36 80 nobody
expect_status 2 labrouter detach tap7 1
has_text 'tap7 is not attached' err
expect_status 2 labrouter detach tap7
has_text 'tap7 is not attached' err
expect_status 0 labrouter detach tap8
same_text <<< 'tap8: detached from Second of blog'
for tap in tap7 tap8; do
	ip link show $tap > port
	has_text 'state DOWN' port
	lacks_text alias port
	lacks_text master port
done
answers copy 192.168.149.9 80 nobody

# The switch was made anew: what hung on it hangs again when asked to.
labrouter attach tap7 1
ip -n lookback.blog.1 link del in
apply $lab
labrouter attach tap7 1
answers vbs 192.168.150.36 80 'copy sees 192.168.149.2'

# The lab's own links are nobody's machines.
for link in in out lo; do
	expect_status 2 labrouter detach $link 1
	has_text "labrouter did not attach $link" err
done

# ---- which lab ----

cp other.lab /etc/lookback/labs/
expect_status 2 labrouter attach tap8 'VM Network'
has_text 'other.lab: say which with --lab' err
expect_status 2 labrouter attach tap8 2
has_text 'say which with --lab' err
expect_status 2 labrouter attach tap8 Third
has_text '/etc/lookback/labs: there is no network Third' err
expect_status 2 labrouter attach --lab blog tap8 3
has_text 'blog.lab: there is no network 3' err
expect_status 0 labrouter attach tap8 Second
expect_status 0 labrouter detach --lab blog tap8
sed 's/^Mask/Maks/' other.lab > wrong.lab
expect_status 1 labrouter attach --lab ./wrong.lab tap8 1
expect_status 2 labrouter attach tap8
has_text 'give an interface and a network' err
expect_status 2 labrouter detach
{
	printf '[Lab]\nLayout = single\n'
	cat other.lab
	echo 'Interface = eth1'
} > single.lab
expect_status 2 labrouter attach --lab ./single.lab tap8 1
has_text 'single.lab:2: this lab has no switches' err

# ---- what this host needs, it keeps ----

ip link add nic9 type veth peer name far9
refused 'nic9 is production'"'"'s, Attach of /etc/lookback/labs/other.lab:2' \
    nic9 Second
refused 'br0 is production'"'"'s, Attach of' br0 Second
refused 'p-vbs is a port of br0' p-vbs Second
refused 'the network has a lo already' lo Second
ip link add br7 type bridge
refused 'br7 is a bridge; write Bridge = br7' br7 Second
refused 'has no interface lb0123456789ab' lb0123456789ab Second
ip link set far9 up
ip addr add 10.1.1.1/24 dev far9
refused 'far9 carries the address 10.1.1.1/24' far9 Second
ip addr flush dev far9
ip -6 addr add fd00::1/64 dev far9 nodad
refused 'far9 carries the address fd00::1/64' far9 Second
ip addr flush dev far9
ip route add default dev far9
refused 'far9 carries a default route' far9 Second
ip route del default
ip route add 10.2.0.0/16 dev far9 table 7
refused 'far9 carries the route to 10.2.0.0/16' far9 Second
ip route flush dev far9 table 7
ip link add link far9 name mv9 type macvlan
refused 'far9 carries the interface mv9' far9 Second
ip link del mv9
ip link set tap8 name in
refused 'the network has a in already' in Second
ip link set in name tap8
expect_status 0 labrouter attach far9 Second
labrouter detach far9

# ---- a stop gives them back, down ----

labrouter attach tap8 Second
ip link add tap7 type veth peer name far7	# meanwhile
expect_status 2 labrouter detach --lab blog tap7 1
has_text 'this host has another tap7 by now' err
ip link del tap7
apply -s $lab
! compgen -G '/run/netns/lookback*' || fail "a namespace stays"
for tap in tap7 tap8; do
	ip link show $tap > port
	has_text 'state DOWN' port
	lacks_text alias port
done

# ---- the lab that stands, whatever its file says now ----

rm /etc/lookback/labs/other.lab
labrouter start blog > said
cp $lab was
sed -i 's/^.Network "VM/[Network "New"]\nGateway = 192.168.149.2\/24\nMask = 192.168.152.0\/24\n&/' $lab
expect_status 2 labrouter attach tap7 New
has_text 'there is no network New' err
expect_status 0 labrouter attach tap7 'VM Network'
answers vbs 192.168.150.36 80 'copy sees 192.168.149.2'
cp was $lab
labrouter start blog > said
answers vbs 192.168.150.36 80 'copy sees 192.168.149.2'
expect_status 0 labrouter detach tap7
# Not while somebody else is at work on it.
exec 9> /run/lookback/blog.lock
flock 9
expect_status 2 labrouter attach tap7 'VM Network'
has_text 'is at work on it' err
exec 9>&-
labrouter stop blog > said

# ---- a program's tap ----

[ -w /dev/net/tun ] || skip "no taps for this user: not tested"
# The machine at descriptor N: every datagram back to whom it came from.
cat > vm.py <<'E2'
import os, sys
fd, ip = int(sys.argv[1]), bytes(map(int, sys.argv[2].split(".")))
mac = b"\x02\0\0\0\0" + ip[3:]
print("up", flush=True)
while True:
    f = os.read(fd, 2000)
    if f[12:14] == b"\x08\x06" and f[21] == 1 and f[38:42] == ip:
        os.write(fd, f[6:12] + mac + f[12:21] + b"\x02" + mac + ip + f[22:32])
    elif f[12:14] == b"\x08\0" and f[23] == 17 and f[30:34] == ip:
        os.write(fd, f[6:12] + mac + f[12:26] + f[30:34] + f[26:30] +
            f[36:38] + f[34:36] + f[38:])
E2
cat > echo.py <<'E2'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(10)
s.connect((sys.argv[1], 7))
s.send(b"anybody")
print(s.recv(99).decode())
E2
echoed()	# ADDRESS
{
	[ "$(ip netns exec vbs python3 echo.py "$1")" = anybody ] ||
	    fail "no echo from $1"
}
has_tap()	# NAME
{
	ip -n lookback.blog.1 link show "$1"
}
apply $lab
ip tuntap add tun9 mode tun
refused 'tun9 is no Ethernet interface' tun9 Second
labrouter attach --lab blog --tap vm40 1 -- \
    python3 vm.py 3 192.168.149.40 > vm.out &
vm=$!
wait_until 60 test -s vm.out
echoed 192.168.150.40
ip -n lookback.blog.1 link show vm40 > port
has_text 'master in' port
has_text 'alias attached: a tap of a program' port
expect_status 2 labrouter attach --lab blog --tap vm40 1 -- true
has_text 'the network has a vm40 already' err
kill $vm
! wait $vm 2> /dev/null || fail "it was not killed"
! has_tap vm40 2> /dev/null || fail "the tap outlives its program"

# Two of them; the second is the next descriptor. The program's status is ours.
expect_status 7 labrouter attach --lab blog --tap a 1 -- \
    labrouter attach --lab blog --tap b 2 -- sh -c \
    'ls -l /proc/self/fd | grep -c net/tun; readlink /proc/self/fd/4; exit 7'
same_text <<-END
	2
	/dev/net/tun
END
# Its tap is all that it has of ours.
expect_status 0 labrouter attach --lab blog --tap a 1 -- \
    sh -c "cd /proc/self/fd && readlink [!0-2]*; $IGNORED"
same_text <<-END
	/dev/net/tun
	ignored: 0
END
# Nor is it ever a standard descriptor, where those are closed.
(exec <&- >&- 2>&-; exec labrouter attach --lab blog --tap a 1 -- \
    sh -c 'fds=$(readlink /proc/$$/fd/[012]); echo "$fds" > fds') ||
    fail "not attached"
printf '/dev/null\n%.0s' 1 2 3 | same_text fds
expect_status 2 labrouter attach --lab blog --tap a 1 -- ./nowhere
has_text './nowhere: No such file' err
expect_status 2 labrouter attach --lab blog --tap a%d 1 -- true
has_text 'no name for a tap: a%d' err
expect_status 2 labrouter attach --lab blog --tap a 1
has_text 'behind -- the program' err
# Detached, it ends.
labrouter attach --lab blog --tap vm40 1 -- sleep 100 &
vm=$!
wait_until 60 has_tap vm40 > /dev/null
expect_status 0 labrouter detach --lab blog vm40
! has_tap vm40 2> /dev/null || fail "the tap stays"
! ip link show vm40 2> /dev/null || fail "the tap is here"
kill $vm
wait $vm 2> /dev/null || true
apply -s $lab
