#!/bin/bash
# What a lab file becomes: each step of its plan, with the line it is for, as
# in tests/golden-plans; and what cannot be planned is refused with its line.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
plan=$HELPERS/lab_plan
cd "$TOP/tests/golden-plans"

golden()	# LAB [OPTION...]
{
	local lab=$1 file
	shift
	file=$lab$(printf '%s' "$@").plan
	"$plan" -l "$@" "$lab.lab" > "$T/out"
	[ -z "${GOLDEN:-}" ] || cp "$T/out" "$file"	# to be looked at
	same_text < "$file"
}
golden simple
golden static
golden three -b
golden three -s
golden twice
golden published
golden services -b
golden services -s
golden bridge
golden bridge -s
golden single -b
golden router
golden router -s
golden nat
golden twin

# ---- refused ----

cd "$T"
refused()	# MESSAGE: of the lab on stdin
{
	cat > r.lab
	expect_status 2 "$plan" r.lab
	[ ! -s out ] || fail "a plan all the same"
	has_text "r.lab:$1" err
}
production='[Production]
Attach = eth0
Address = 192.168.149.50/24'
network='[Network "A"]
Gateway = 192.168.149.2/24
Mask = 192.168.150.0/24'

single="[Lab]
Layout = single
$production"
refused '10: other networks have an Interface of this host' <<-END
	$single
	$network
	Interface = eth1
	[Network "B"]
	Gateway = 192.168.139.2/24
	Mask = 192.168.151.0/24
END
refused '10: other networks have an Interface of this host' <<-END
	$single
	$network
	Interface = eth1
	[Nat]
	Address = 192.168.1.1/24
END
refused '6: Bridge is for Layout = cells only' <<-END
	$single
	$network
	Bridge = vmbr7
END
refused '10: the real subnet is there twice' <<-END
	$single
	$network
	[Network "B"]
	Gateway = 192.168.149.3/25
	Mask = 192.168.151.0/25
END
refused '4: Interface is for Layout = single only' <<-END
	$production
	$network
	Interface = eth1
END
refused '7: [Nat] is for Layout = single' <<-END
	$production
	$network
	[Nat]
	Address = 192.168.1.1/24
END
refused '5: Address = dhcp is for Layout = cells' <<-END
	[Lab]
	Layout = single
	[Production]
	Attach = eth0
	Address = dhcp
	$network
END
refused '6: Proxy and Dns are for Layout = cells only' <<-END
	$single
	$network
	Proxy = yes
END
refused '6: Mask is not as large' <<-END
	$production
	[Network "A"]
	Gateway = 192.168.149.2/24
	Mask = 192.168.150.0/25
END
refused '8: line 7 claims this address already' <<-END
	$production
	$network
	Static = 192.168.149.136 -> 192.168.149.36
	Publish = 192.168.149.136 tcp 80 -> 192.168.149.37
END
refused '9: line 7 claims this address already' <<-END
	$production
	$network
	Static = 192.168.149.136 -> 192.168.149.36
	Static = 192.168.149.137 -> 192.168.149.36
	Static = 192.168.149.136 -> 192.168.149.37
END
refused '7: networks that join others need subnets of their own' <<-END
	$production
	$network
	Join = B
	[Network "B"]
	Gateway = 192.168.149.2/25
	Mask = 192.168.151.0/25
END

refused '4: Bridge is production'"'"'s, Attach' <<-END
	$production
	$network
	Bridge = eth0
END
refused '4: Bridge is another network'"'"'s as well' <<-END
	$production
	$network
	Bridge = vmbr7
	[Network "B"]
	Gateway = 192.168.149.2/24
	Mask = 192.168.151.0/24
	Bridge = vmbr7
END

# ---- many ----

# A mapping is an element and a few steps; no rule of nft or ip is its own.
{
	printf '%s\n' "$production" "$network"
	for ((i = 0; i < 10000; i++)); do
		echo "Static = 10.30.$((i / 250)).$((i % 250 + 1)) ->" \
		    "192.168.149.$((i % 200 + 3))"
	done
} > many.lab
"$plan" many.lab > out
"$plan" "$TOP/tests/golden-plans/simple.lab" > one
[ "$(grep -c ' neigh add proxy ' out)" = 10000 ] || fail "not 10000 claimed"
for what in ' rule add ' 'accept$' 'dnat ' ' meta mark set '; do
	[ "$(grep -c -e "$what" out)" = "$(grep -c -e "$what" one)" ] ||
	    fail "mappings bring their own: $what"
done
