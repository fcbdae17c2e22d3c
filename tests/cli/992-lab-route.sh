#!/bin/bash
# labrouter route: a client reaches the mask with the route and not without it;
# what is added is ours, once; routes that are not are named and left alone; other
# systems' words are printed and no more.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"
. "$TOP/tests/cli/rows.sh"

make_production
machine vbs - br0 192.168.149.22/24
{
	plain_lab
	cat <<-END
		[Network "The same again"]
		Gateway = 192.168.149.2/24
		Mask = 192.168.151.0/24
	END
} > blog.lab
"$HELPERS/lab_plan" -b blog.lab > start
do_steps start
machine v36 lookback.blog.1 in 192.168.149.36/24 192.168.149.2

on_vbs()	# COMMAND...
{
	ip netns exec vbs "$@"
}
routes_are()	# TEXT
{
	ip -n vbs -4 route show table all type unicast | sed 's/ *$//' |
	    grep -v '^192.168.149.0/24 dev' > now || true
	printf '%s' "$1" | same_text now
}
ours='192.168.150.0/24 via 192.168.149.50 dev eth0 proto 76
192.168.151.0/24 via 192.168.149.50 dev eth0 proto 76
'

row 13	# without the route, and with it
! reaches vbs 192.168.150.36 0.7 || fail "reached"
expect_status 0 on_vbs labrouter route add blog.lab
same_text <<-END
	ip route add 192.168.150.0/24 via 192.168.149.50 proto 76
	ip route add 192.168.151.0/24 via 192.168.149.50 proto 76
END
reaches vbs 192.168.150.36 10
routes_are "$ours"
expect_status 0 on_vbs labrouter route add blog.lab
same_text < /dev/null
routes_are "$ours"

row 23	# only ours go
ip -n vbs route add 10.9.0.0/16 via 192.168.149.50 proto static
ip -n vbs route add 10.8.0.0/16 via 192.168.149.50 proto 76
other='10.8.0.0/16 via 192.168.149.50 dev eth0 proto 76
10.9.0.0/16 via 192.168.149.50 dev eth0 proto static
'
routes_are "$other$ours"
expect_status 0 on_vbs labrouter route del blog.lab
same_text <<-END
	ip route del 192.168.150.0/24 via 192.168.149.50 proto 76
	ip route del 192.168.151.0/24 via 192.168.149.50 proto 76
END
routes_are "$other"
expect_status 0 on_vbs labrouter route del blog.lab
same_text < /dev/null
ip -n vbs route flush proto 76
ip -n vbs route flush proto static
routes_are ''

# Somebody else's, whatever its metric, table or router: named, and left alone;
# the other network has its route.
foreign()	# WORDS-OF-ROUTE TEXT
{
	# shellcheck disable=SC2086
	ip -n vbs route add 192.168.150.0/24 $1
	expect_status 1 on_vbs labrouter route add blog.lab
	has_text "blog.lab:7: there is a route to 192.168.150.0/24 $2" err
	ip -n vbs -4 route show table all | grep -F 192.168.150.0/24 > was
	expect_status 0 on_vbs labrouter route del blog.lab
	same_text <<< 'ip route del 192.168.151.0/24 via 192.168.149.50 proto 76'
	ip -n vbs -4 route show table all | grep -F 192.168.150.0/24 |
	    same_text was
	# shellcheck disable=SC2086
	ip -n vbs route del 192.168.150.0/24 $1
}
foreign 'via 192.168.149.50 proto static' \
    'via 192.168.149.50 dev eth0, which is not ours (proto static)'
foreign 'via 192.168.149.50 proto static metric 100' \
    'via 192.168.149.50 dev eth0, which is not ours (proto static)'
foreign 'dev eth0 table 55' 'dev eth0, which is not ours (proto boot)'
foreign 'via 192.168.149.51 proto 76' \
    "via 192.168.149.51 dev eth0, by another lab's router (proto 76)"
routes_are ''

# A client that is not in production's network cannot have them.
ip -n vbs addr flush dev eth0
ip -n vbs addr add 10.7.7.7/24 dev eth0
expect_status 2 on_vbs labrouter route add blog.lab
has_text 'blog.lab:7: route to 192.168.150.0/24 by 192.168.149.50: ' err
has_text 'nreachable' err

# Printed, also where another system is named.
ip -n vbs -4 route show table all > was
expect_status 0 on_vbs labrouter route blog.lab
has_text 'ip route add 192.168.150.0/24 via 192.168.149.50 proto 76'
expect_status 0 on_vbs labrouter route print --os windows blog.lab
same_text <<-END
	route add 192.168.150.0 mask 255.255.255.0 192.168.149.50
	route add 192.168.151.0 mask 255.255.255.0 192.168.149.50
END
expect_status 0 on_vbs labrouter route add --os macos blog.lab
has_text 'route -n add -net 192.168.151.0/24 192.168.149.50'
expect_status 0 on_vbs labrouter route del --os windows blog.lab
has_text 'route delete 192.168.151.0 mask 255.255.255.0 192.168.149.50'
ip -n vbs -4 route show table all | same_text was

expect_status 2 labrouter route --os plan9 blog.lab
has_text 'want linux, windows or macos' err
sed 's/192.168.149.50.24/dhcp/' blog.lab > dhcp.lab
expect_status 2 labrouter route dhcp.lab
has_text "dhcp.lab:3: the router's address is DHCP's to give" err
