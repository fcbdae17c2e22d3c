#!/bin/bash
# Each single object of a lab is taken away, and altered where that can be: a
# look tells exactly that step, or those that vanish with it; a start restores
# exactly these; and then there is nothing to tell. What is extra is told and
# taken away, but for machines.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

run()	# OPTION... FILE
{
	"$HELPERS/lab_apply" "${on[@]}" "$@" "$NFT" drift.lab > out 2> err ||
	    fail "lab_apply $*: $(cat err)"
}
look()	# what is not as planned: a line each, "STATE: STEP | TEXT", in ./told
{
	run -o
	mv out told
}
# Steps of one state, without what there is instead and without what leaves
# nothing: "rule add pref 99 ..."
steps()	# FILE STATE...
{
	local file=$1
	shift
	grep -E "^($(IFS='|'; echo "$*")): " "$file" |
	    grep -v ' arping ' | sed 's/^[a-z ]*: //; s/ | .*//' | sort
}
quiet()	# WHEN
{
	look
	[ ! -s told ] || fail "$*: told $(head -n 5 told)"
	run
	! grep -v ' arping ' out || fail "$*: changed"
	[ ! -s out ] || fail "$*: announced"
}
mended()	# WHEN: a start changes what the look told, where that has not come
		# back with another, and nothing else
{
	steps told missing differs > wanted
	run
	steps out changed > mended
	[ -s mended ] || fail "$*: nothing is mended"
	[ -z "$(comm -13 wanted mended)" ] ||
	    fail "$*: mended, and not told: $(comm -13 wanted mended)"
	quiet "after $*"
}
# The look tells this step, and no more than N; then it is mended.
drift()	# N STATE STEP COMMAND...
{
	local most=$1 state=$2 step=$3
	shift 3
	"$@" || fail "cannot: $*"
	look
	grep -qE "^$state: .*$step" told || fail "$*: $(cat told)"
	! grep -vE '^(missing|differs): ' told || fail "$*: $(cat told)"
	[ "$(wc -l < told)" -le "$most" ] || fail "$*: too much: $(cat told)"
	mended "$*"
	count=$((count + 1))
}
extra()	# TEXT COMMAND...: told, and taken away
{
	local text=$1
	shift
	"$@" || fail "cannot: $*"
	look
	grep -qxF "extra: $text" told || fail "$*: $(cat told)"
	[ "$(wc -l < told)" = 1 ] || fail "$*: more: $(cat told)"
	run
	grep -qxF "changed: taken away: $text" out || fail "$*: $(cat out)"
	[ "$(wc -l < out)" = 1 ] || fail "$*: more changed: $(cat out)"
	quiet "after $*"
	count=$((count + 1))
}
count=0

make_production
cat > drift.lab <<-END
	[Production]
	Attach = br0
	Address = 192.168.149.50/24
	Gateway = 192.168.149.2
	ProbeWait = 3ms
	[Network "VM Network"]
	Gateway = 192.168.149.2/24
	Mask = 192.168.150.0/24
	Static = 192.168.149.136 -> 192.168.149.36
	Join = DMZ
	[Network "DMZ"]
	Gateway = 10.10.1.1/24
	Mask = 10.11.1.0/24
	Publish = 99.99.99.99 tcp 80,443 -> 10.10.1.10
	Mtu = 1400
END
look
! grep -v '^missing: ' told | grep -vE ' \|.*(is not ours|no address)' ||
    fail "of nothing there is something"
run
quiet "a start"
run -o -v
"$HELPERS/lab_plan" -b -l drift.lab > plan
steps=$(grep -c '^stands: ' out)
[ "$steps" -gt 100 ] || fail "only $steps steps are told"

# ---- each step that has an undoing, by the plan itself ----

# What takes a step's doing away: "ip ... add X" is "ip ... del X".
undo()	# STEP
{
	case $1 in
	*' addr add '*|*' addr replace '*)
		sed -E 's/ addr (add|replace) / addr del /; s/ noprefixroute//' <<< "$1" ;;
	*' route add '*|*' rule add '*|*' neigh add '*)
		sed -E 's/ (add) / del /; s/ nud permanent//' <<< "$1" ;;
	*' rule del '*)
		echo "${1/ del / add }" ;;
	*' alias '*)
		echo "${1%% alias *} alias ''" ;;
	*' master '*)
		echo "${1%% master *} nomaster" ;;
	*' up')
		echo "${1% up} down" ;;
	*' mtu '*)
		echo "${1%% mtu *} mtu 1300" ;;
	*' link set '*' address '*)
		echo "${1%% address *} address 02:00:00:00:00:77" ;;
	*' link add '*)
		sed -E 's/ link add ([^ ]*) .*/ link del \1/' <<< "$1" ;;
	*proxy_delay=0)
		echo "${1%0}80" ;;	# in ticks
	*sysctl*=[01])
		# Only the last value of a key stands.
		echo "${1%[01]}$((1 - ${1##*=}))" ;;
	*'sysctl '*'=2')
		echo "${1%2}1" ;;
	esac
}
grep -vE '^[^0-9]|^[0-9]+: (ip netns add|.*nft -f|.*arping)|^END' plan |
    sed -E 's/^[0-9]+: //; s/ \|\| true$//' > each
[ "$(wc -l < each)" -gt 100 ] || fail "only $(wc -l < each) steps"
while read -r step; do
	un=$(undo "$step")
	[ -n "$un" ] || fail "no undoing of: $step"
	# Opened last, closed first: not both can be told.
	case $step in *ip_forward=0|*'bridge-nf-call'*) continue ;; esac
	bash -e -c "$un" < /dev/null || fail "cannot: $un"
	look
	! grep -vE '^(missing|differs): ' told || fail "$un: $(cat told)"
	grep -qF -- "$step" told || fail "$un: not '$step' but $(cat told)"
	# The others take nothing along.
	case $step in
	*sysctl*conf.all.*|*ip_forward=1|*' link '*' up'|*' link add '*) ;;
	*' link set '*' address '*|*' addr add '*) ;;
	*) [ "$(wc -l < told)" = 1 ] || fail "$un: too much: $(cat told)" ;;
	esac
	mended "$un"
	count=$((count + 1))
done < each

# ---- what is there, but otherwise ----

front=(ip -n lookback.drift) cell=(ip -n lookback.drift.1)
drift 1 differs 'route add default via 169.254.1.1' \
    "${cell[@]}" route replace blackhole default table 8 proto 76
drift 1 differs 'route add blackhole default table main' \
    "${cell[@]}" route replace prohibit default proto 76
drift 1 differs 'route add 192.168.150.0/24' \
    "${front[@]}" route replace 192.168.150.0/24 via 192.168.150.2 dev c1 onlink proto static
drift 1 differs 'neigh add 192.168.150.2' "${front[@]}" neigh replace \
    192.168.150.2 lladdr 02:00:00:00:00:01 dev c1 nud permanent
drift 1 differs 'neigh add 192.168.150.2' "${front[@]}" neigh change \
    192.168.150.2 lladdr "$(ip netns exec lookback.drift.1 cat /sys/class/net/out/address)" \
    dev c1 nud reachable
drift 1 differs 'link add in type bridge' \
    "${cell[@]}" link set in type bridge stp_state 1
drift 2 differs 'arp off up' "${front[@]}" link set c1 arp on
drift 1 differs 'addr add 192.168.150.2/32' \
    "${cell[@]}" addr change 192.168.150.2/32 dev out valid_lft 900 preferred_lft 900
plainly()	# the address with a route to its prefix, as others have it
{
	"${cell[@]}" addr del 192.168.149.2/24 dev in
	"${cell[@]}" addr add 192.168.149.2/24 dev in
}
drift 1 differs 'addr add 192.168.149.2/24' plainly
port=$(grep -o 'link add lb[0-9a-f]*' plan | cut -d' ' -f3)
ip link add br1 type bridge
ip link set br1 up
drift 1 differs 'master br0' ip link set "$port" master br1
elsewhere()	# the front's end of a link, with another other end
{
	"${front[@]}" link del c1
	"${front[@]}" link add c1 type veth peer name other
}
elsewhere
look
has_text 'its other end is not out in lookback.drift.1' told
run
look
# That end is nobody's of the plan, and went with it.
[ ! -s told ] || fail "c1 elsewhere: $(cat told)"

# ---- rules: by what the kernel has ----

in_cell=(ip netns exec lookback.drift.1) in_front=(ip netns exec lookback.drift)
rules='nft -f - # table'
drift 1 missing "$rules ip lookback" "${in_cell[@]}" nft flush ruleset
drift 1 differs "$rules inet lookback" \
    "${in_front[@]}" nft flush chain inet lookback forward
drift 1 differs "$rules ip lookback" "${in_cell[@]}" \
    nft delete element ip lookback statics '{ 192.168.149.136 }'
drift 1 differs "$rules ip lookback" "${in_cell[@]}" \
    nft add rule ip lookback forward accept
drift 1 differs "$rules inet lookback" "${in_front[@]}" \
    nft chain inet lookback forward '{ policy accept; }'
same_rules()	# a change that was taken back
{
	"${in_front[@]}" nft add rule inet lookback forward accept
	"${in_front[@]}" nft -a list chain inet lookback forward > listing
	"${in_front[@]}" nft delete rule inet lookback forward \
	    handle "$(awk '/^\t\taccept # handle/ { print $NF }' listing)"
}
same_rules
quiet "rules that were changed and changed back"

# ---- namespaces ----

no_c2()	# the kernel ends a namespace in its own time
{
	! "${front[@]}" link show c2
}
ip netns del lookback.drift.2
wait_until 60 no_c2
look
has_text 'missing: ip netns add lookback.drift.2' told
[ "$(grep -c 'there is no lookback.drift.2$' told)" -gt 30 ] || fail "$(cat told)"
run
quiet "a cell that went"

# ---- what is extra ----

extra 'rule pref 5 lookup main in lookback.drift.1' \
    "${cell[@]}" rule add pref 5 lookup main
extra 'route 203.0.113.0/24 dev out table 8 proto 4 in lookback.drift.1' \
    "${cell[@]}" route add 203.0.113.0/24 dev out table 8 proto static
extra 'address 203.0.113.1/32 dev in in lookback.drift.2' \
    ip -n lookback.drift.2 addr add 203.0.113.1/32 dev in
extra 'neighbour proxy 192.168.149.140 dev if0 in lookback.drift' \
    "${front[@]}" neigh add proxy 192.168.149.140 dev if0
extra 'neighbour 203.0.113.9 lladdr 02:00:00:00:00:02 dev if0 in lookback.drift' \
    "${front[@]}" neigh add 203.0.113.9 lladdr 02:00:00:00:00:02 dev if0 nud permanent
extra 'link c7 in lookback.drift' "${front[@]}" link add c7 type bridge
extra 'namespace lookback.drift.9' ip netns add lookback.drift.9
extra 'table ip nat in lookback.drift' "${in_front[@]}" nft add table ip nat
extra "route 198.51.100.0/24 via 192.168.149.50 dev br0 table main proto 76 in this host's namespace" \
    ip route add 198.51.100.0/24 via 192.168.149.50 proto 76
named_like_ours()
{
	ip link add lb0123456789ab type bridge
	ip link set lb0123456789ab alias 'lab drift'
}
extra "link lb0123456789ab in this host's namespace" named_like_ours
# Of others nothing is told.
ip link add lb0123456789cd type bridge
ip link set lb0123456789cd alias 'lab other'
ip route add 198.51.100.0/24 via 192.168.149.51 proto 76
ip netns add lookback.drifter
ip netns add lookback.drift.x
quiet "beside another lab"

# A machine is told where it hangs, and stays.
machine v10 lookback.drift.2 in 10.10.1.10/24
look
grep -qE '^extra: ip -n lookback.drift.2 link add in type bridge .* \| p-v10$' told ||
    fail "no machine: $(cat told)"
run
[ ! -s out ] || fail "a machine makes work: $(cat out)"

# ---- a network goes from the file ----

# The cells are numbered: the second's would be the first's.
machine v36 lookback.drift.1 in 192.168.149.36/24
sed '/^\[Network "VM/,/^Join/d' drift.lab > shorter
cp drift.lab longer
cp shorter drift.lab
"$HELPERS/lab_apply" -b "$NFT" drift.lab > out 2> err && fail "it is given away"
has_text 'p-v36 hangs on the switch of network VM Network' err
has_text 'would become that of network DMZ: detach it first' err
[ ! -s out ] || fail "something is changed: $(cat out)"
cp longer drift.lab
ip -n lookback.drift.1 link del p-v36

sed -i '/^Join/d; /DMZ/,$d' drift.lab
look
has_text 'extra: link c2 in lookback.drift' told
has_text 'namespace lookback.drift.2, since p-v10 hangs on its switch' told
has_text 'extra: route 99.99.99.99/32 ' told
run
has_text 'taken away: link c2 in lookback.drift' out
ip -n lookback.drift.2 link show p-v10 > kept || fail "the machine's link went"
! ip -n lookback.drift.2 link show out 2> /dev/null || fail "the old cell is open"
ip -n lookback.drift.2 link del p-v10
look
has_text 'extra: namespace lookback.drift.2' told
run
quiet "without the old network"

run -s
! compgen -G '/run/netns/lookback.drift.[0-9]' || fail "a namespace stays"
[ $count -gt 120 ] || fail "only $count objects"
