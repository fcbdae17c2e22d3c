#!/bin/bash
# A start, a stop or a reload that is killed: whenever that is, an isolated
# machine's frames stay inside, another start completes the lab, and a stop
# leaves nothing of it.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"
. "$TOP/tests/cli/attack.sh"

sed -i 's/ProbeWait.*/ProbeWait = 3ms/' blog.lab
there()	# NS DEVICE
{
	[ -e "/run/netns/$1" ] && ip -n "$1" link show "$2" > there.out 2>&1
}
away()	# v36
{
	[ ! -e /run/netns/v36 ] || ip netns del v36
	ip link del p-v36 2> /dev/null || true
}
hang()	# v36 on the switch, if that is there
{
	if there lookback.blog.1 in && ! there lookback.blog.1 p-v36; then
		away
		attach
	fi
}
sent()	# all that v36 has; its interface goes with the cell
{
	! there v36 eth0 || attack 2> attack.err || ! there v36 eth0 ||
	    fail "$(cat attack.err)"
}
seen()	# WHEN: nothing
{
	! there lookback.blog if0 || heard
	quiet "$*"
}
gone()	# WHEN
{
	! compgen -G '/run/netns/lookback*' || fail "a namespace stays $*"
	! ip link show | grep -E ': lb[0-9a-f]{12}' || fail "a link stays $*"
	! ip route show table all | grep 'proto 76' || fail "a route stays $*"
	find /run/lookback -type f > files
	same_text files < /dev/null
}
stopped()	# WHEN
{
	expect_status 0 labrouter stop blog.lab
	away
	gone "$@"
}
whole()	# WHEN: completed, and a second start has nothing to do
{
	expect_status 0 labrouter start blog.lab
	expect_status 0 labrouter start blog.lab
	[ "$(cat out)" = 'blog: stands already' ] || fail "$*: $(cat out)"
}

killed()	# OPTION...: by lab_apply; its status in $status
{
	status=0
	{ "$HELPERS/lab_apply" "$@" "$NFT" blog.lab > told 2> err || status=$?; } \
	    2> /dev/null	# what the shell says of it
}

# ---- a start killed after each of its steps, under attack ----

kills=0
for ((k = 0; ; k++)); do
	killed -b -k $k
	[ $status != 0 ] || break
	[ $status = 137 ] || fail "step $k: status $status: $(cat err)"
	k=$(sed -n 's/^killed after step //p' told)
	hang
	sent
	seen "killed after step $k"
	whole "killed after step $k"
	stopped "after step $k"
	kills=$((kills + 1))
done
[ $kills -gt 50 ] || fail "only $kills kills"
stopped "after the last step"

# ---- a stop killed after each of its steps ----

kills=0
for ((k = 0; ; k++)); do
	whole "before a stop"
	hang
	killed -s -k $k
	[ $status != 0 ] || break
	[ $status = 137 ] || fail "stop, step $k: status $status: $(cat err)"
	k=$(sed -n 's/^killed after step //p' told)
	sent
	seen "a stop killed after step $k"
	[ $((k % 2)) = 0 ] || whole "a stop killed after step $k"
	stopped "a stop killed after step $k"
	kills=$((kills + 1))
done
[ $kills -ge 4 ] || fail "only $kills kills of a stop"
away

# ---- killed at any moment, by chance; the attack goes on meanwhile ----

chance()	# COMMAND...: killed after 0 to 39 ms, if it is not done by then
{
	local pid
	"$@" > out 2>&1 &
	pid=$!
	sleep "0.0$((RANDOM % 4))$((RANDOM % 10))"
	kill -KILL $pid 2> /dev/null || true
	{ wait $pid || true; } 2> /dev/null
}
RANDOM=${SEED:-$$}
echo "SEED=$RANDOM" > seed
cp blog.lab first.lab
for ((i = 0; i < 40; i++)); do
	hang
	attacker=
	if there v36 eth0; then
		attack 2> /dev/null & attacker=$!
	fi
	case $((RANDOM % 8)) in
	0 | 1 | 2 | 3) chance labrouter start blog.lab ;;
	4 | 5) chance labrouter stop blog.lab ;;
	6) chance labrouter reload blog.lab ;;
	7)	# the rules of the file are others each time
		cp first.lab blog.lab
		echo "Allow = 192.168.149.36 tcp $((i + 1))" >> blog.lab
		chance labrouter reload blog.lab
		;;
	esac
	[ -z "$attacker" ] || wait $attacker || true	# its interface may go
	seen "by chance, $i, $(cat seed)"
done
whole "by chance, $(cat seed)"
hang
sent
seen "by chance, at the end, $(cat seed)"
stopped "by chance, $(cat seed)"

# ---- the control: doors that are open ----

whole "for the control"
hang
ip -n lookback.blog.1 route add default via 169.254.1.1 dev out onlink table 77
ip -n lookback.blog.1 rule add pref 1 iif in lookup 77
ip -n lookback.blog rule add pref 1 iif c1 lookup main
for ns in lookback.blog lookback.blog.1; do
	ip netns exec $ns nft flush ruleset
done
sent
heard
[ "$(frames)" -gt 200 ] || fail "the control saw only $(frames) frames"
