#!/bin/bash
# Ctrl-C and its like: a start is soon taken away again, a reload soon says what
# it left, a stop is finished; a second one breaks nothing of that; what prove,
# trace and attach made is gone. Always the process ends by the signal.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

make_production
lab()	# NAME ADDRESS MASK-NET PROBE-WAIT: its file
{
	cat > "$1.lab" <<-END
		[Production]
		Attach = br0
		Address = $2
		ProbeWait = $4
		[Network "VM Network"]
		Gateway = 192.168.149.2/24
		Mask = 192.168.$3.0/24
	END
}
# COMMAND...: in the background as a terminal starts it, where the shell would
# have it ignore signals; its number in $pid.
begin()
{
	python3 -c 'import os, signal, sys
for s in (signal.SIGINT, signal.SIGHUP):
    signal.signal(s, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' "$@" > out 2> err &
	pid=$!
}
ended()	# STATUS: $pid did
{
	status=0
	wait "$pid" || status=$?
	[ $status = "$1" ] || fail "status $status, not $1: $(cat out err)"
}
probing()	# LAB: it listens for answers to ARP probes
{
	ip netns exec "lookback.$1" grep -q ' 0806 ' /proc/net/packet
}
gone()	# LAB WHEN
{
	! compgen -G "/run/netns/lookback.$1*" || fail "$2: a namespace stays"
	! grep -x "lab $1" /sys/class/net/lb*/ifalias 2> grep.err ||
	    fail "$2: a link stays"
	[ -z "$(find /run/lookback -name "$1*")" ] ||
	    fail "$2: $(find /run/lookback -name "$1*")"
}

# ---- a start that waits for ARP answers ----

lab arp 192.168.149.50/24 150 60s
lab next 192.168.149.51/24 151 3ms
for s in INT:130 TERM:143 HUP:129; do
	begin labrouter start arp.lab next.lab
	wait_until 60 probing arp
	kill "-${s%:*}" "$pid"
	ended "${s#*:}"
	has_text 'arp.lab:3: ip netns exec lookback.arp arping -q -D' err
	has_text ': asked to stop' err
	has_text 'arp: what was made of it is taken away again' err
	has_text 'stopped before next.lab' err
	gone arp "${s%:*}"
	gone next "${s%:*}"
done

# What nohup has us ignore is ignored; and so is what the shell does.
sed -i 's/60s/2s/' arp.lab
labrouter start arp.lab > out 2> err & pid=$!
wait_until 60 probing arp
kill -INT $pid
ended 0
expect_status 0 labrouter status arp.lab
expect_status 0 labrouter stop arp.lab
gone arp "after its stop"

# ---- a start that waits for a lease; a client that does not want to end ----

mkdir bin
cat > bin/udhcpc <<-END
	#!/bin/bash
	trap 'touch $T/asked' TERM
	if [ -e $T/lease ]; then
		interface=if0 ip=192.168.149.50 mask=24 router=192.168.149.2 \\
		    sh ./bound
	fi
	touch $T/runs
	while :; do
		sleep 0.05
	done
END
chmod +x bin/udhcpc
PATH=$T/bin:$PATH
lab lease dhcp 150 3ms
begin labrouter start lease.lab
wait_until 60 test -e runs
kill -INT "$pid"
wait_until 60 test -e asked
# It is being undone: a second one, and others.
kill -INT "$pid"
kill -TERM "$pid"
kill -HUP "$pid"
ended 130
has_text ': asked to stop' err
has_text 'lease: what was made of it is taken away again' err
gone lease "a start without a lease"
! pgrep -x udhcpc || fail "a client stays"

# ---- a stop is finished ----

touch lease
rm -f asked
expect_status 0 labrouter start lease.lab
expect_status 0 labrouter start next.lab
begin labrouter stop lease.lab next.lab
wait_until 60 test -e asked
kill -INT "$pid"
kill -TERM "$pid"
ended 130
same_text <<< 'lease: stopped'
has_text 'stopped before next.lab' err
gone lease "a stop"
expect_status 0 labrouter status next.lab

# ---- a reload says what it left ----

sed -i 's/3ms/60s/' next.lab
echo 'Static = 192.168.149.136 -> 192.168.149.36' >> next.lab
begin labrouter reload next.lab
wait_until 60 probing next
kill -INT "$pid"
ended 130
has_text 'next.lab:3: ip netns exec lookback.next arping -q -D' err
has_text 'next: what stood of it was left' err
expect_status 1 labrouter status next.lab
has_text 'next: a start began and did not end'
sed -i 's/60s/3ms/' next.lab
expect_status 0 labrouter reload next.lab
expect_status 0 labrouter status next.lab

# ---- prove, trace, attach ----

in_cell()	# REGEX: a link's name
{
	ip -n lookback.next.1 -br link | grep -qE "^$1"
}
# Interrupted when the condition holds; once more where it was done before.
amid()	# CONDITION COMMAND...
{
	local when=$1 i
	shift
	for ((i = 0; i < 50; i++)); do
		begin "$@"
		wait_until 60 eval "$when || ! kill -0 $pid"
		kill -INT "$pid" 2> /dev/null || true
		status=0
		wait "$pid" || status=$?
		[ $status != 130 ] || return 0
	done
	fail "never interrupted: $*: $status"
}
picks()
{
	ip netns exec lookback.next.1 nft list tables | grep -q lookback_trace
}
amid 'in_cell lbprobe' labrouter prove next.lab
[ ! -s out ] || fail "proved something: $(cat out)"
has_text 'lab next: asked to stop, so nothing is proved' err
! in_cell lbprobe || fail "a probe stays"
amid picks labrouter trace --live --lab ./next.lab --from production \
    192.168.149.9 192.168.151.36
! picks || fail "a table stays"

begin labrouter attach --lab ./next.lab --tap tap7 1 -- bash -c '
	trap "exit 7" TERM
	touch runs7
	while :; do sleep 0.05; done'
wait_until 60 test -e runs7
in_cell tap7 || fail "no tap"
kill -TERM "$pid"
ended 7
! in_cell tap7 || fail "a tap stays"
begin labrouter attach --lab ./next.lab --tap tap8 1 -- sleep 7788
wait_until 60 pgrep -xf 'sleep 7788' > pgrep.out
kill -INT "$pid"
ended 130
! in_cell tap8 || fail "a tap stays"
expect_status 0 labrouter stop next.lab
gone next "at the end"

# ---- at any moment, by chance: all of it or nothing ----

RANDOM=${SEED:-$$}
echo "SEED=$RANDOM" > seed
lab chance 192.168.149.52/24 152 3ms
for ((i = 0; i < 20; i++)); do
	begin labrouter start chance.lab
	sleep "0.$((RANDOM % 2))$((RANDOM % 10))$((RANDOM % 10))"
	kill -INT "$pid" 2> /dev/null || true
	status=0
	wait "$pid" || status=$?
	case $status in
	0 | 130) ;;
	*) fail "status $status: $(cat out err seed)" ;;
	esac
	if [ -s out ]; then
		expect_status 0 labrouter status chance.lab
		expect_status 0 labrouter stop chance.lab
	fi
	gone chance "by chance, $i, $(cat seed)"
done
