#!/bin/bash
# labrouter verify: a restored machine with a real sshd and a real web server
# passes, by ping, by TCP and by script, through the mask; one that boots slowly
# passes when it is there; one that is stopped fails, with a report; scripts end
# with their time, and so does all they started.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"
requires sshd ssh-keygen

make_production
{
	plain_lab
	cat <<-END
		[Machine "SF0006"]
		Network = VM Network
		Address = 192.168.149.36
		Tcp = 80,22
		Script = $T/web.sh
		Timeout = 20s
	END
} > blog.lab
labrouter start blog.lab > out 2> err || fail "start: $(cat err)"

# What a script is called with, and a page of that very machine.
cat > web.sh <<-'END'
	#!/bin/bash
	echo "asked: $*"
	exec 3<> "/dev/tcp/$1/80" || exit 3
	printf 'GET /name HTTP/1.0\r\n\r\n' >&3
	grep -q 'I am v36' <&3 || exit 4
	read -r -t 5 hello < "/dev/tcp/$1/22" && [[ $hello == SSH-2.0-* ]]
END
chmod +x web.sh
mkdir -p www /run/sshd
echo 'I am v36' > www/name
ssh-keygen -q -t ed25519 -N '' -f host_key
printf '%s\n' 'Port 22' "HostKey $T/host_key" 'PidFile none' > sshd_config

boot()	# v36 as it was, with its production address
{
	machine v36 lookback.blog.1 in 192.168.149.36/24 192.168.149.2
	daemon ip netns exec v36 "$(command -v sshd)" -D -f "$T/sshd_config"
	daemon ip netns exec v36 python3 -m http.server -d "$T/www" 80
}
halt()	# v36, with all that runs on it
{
	local pid
	for pid in $(ip netns pids v36); do
		kill -KILL "$pid"
	done
	ip netns del v36
	wait_until 60 is_off
}
is_off()
{
	! ip -n lookback.blog.1 link show p-v36 > /dev/null 2>&1
}
field()	# EXPRESSION: of the JSON object o in ./out
{
	python3 -c "import json; o = json.load(open('out')); print($1)"
}
runs()	# WORD: a process has it on its command line
{
	grep -qsaz "^$1\$" /proc/[0-9]*/cmdline
}

# ---- alive, from the first moment or a little later ----

boot
expect_status 0 labrouter verify blog.lab
sed -E 's/ +[0-9]+\.[0-9] / S /; s/ +/ /g' out > seen
same_text seen <<-END
	MACHINE ADDRESS PING TCP SCRIPT SECONDS RESULT
	SF0006 192.168.150.36 passed 2/2 passed S passed
	blog: 1 of 1 machines passed
END
[ ! -s err ] || fail "$(cat err)"
expect_status 0 labrouter verify --json blog.lab
[ "$(field '[c["check"] for c in o["machines"][0]["checks"]]')" = \
    "['ping', 'tcp', 'tcp', 'script']" ] || fail "$(cat out)"
[ "$(field 'o["passed"], o["machines"][0]["masked"]')" = \
    'True 192.168.150.36' ] || fail "$(cat out)"
# The lowest of the ports.
[ "$(field 'o["machines"][0]["checks"][3]["output"]')" = \
    'asked: 192.168.150.36 22' ] || fail "$(cat out)"

halt
labrouter verify --json blog.lab > out 2> err & verify=$!
boot
wait $verify || fail "a machine that boots slowly fails: $(cat out)"
[ "$(field 'o["passed"]')" = True ] || fail "$(cat out)"

# ---- stopped, or not what it should be ----

echo 'I am v37' > www/name
sed -i 's/^Timeout.*/Timeout = 3s/; s/^Tcp.*/Tcp = 80, 22, 23-24/' blog.lab
expect_status 1 labrouter verify blog.lab
has_text 'blog.lab:8: SF0006: tcp 23 to 24, 2 ports: Connection refused (3 tries)'
has_text 'not run, since the others did not pass'
has_text 'blog: 0 of 1 machines passed'
sed -i 's/^Tcp.*/Tcp = 80, 22/' blog.lab
expect_status 1 labrouter verify blog.lab
has_text "script $T/web.sh: status 4 (3 tries)"
has_text '    asked: 192.168.150.36 22'
halt
expect_status 1 labrouter verify --json blog.lab
[ "$(field '[c["passed"] for c in o["machines"][0]["checks"]]')" = \
    '[False, False, False, False]' ] || fail "$(cat out)"
[ "$(field 'o["machines"][0]["checks"][0]["tries"]')" = 3 ] ||
    fail "$(cat out)"

# ---- scripts: out of time, gone, and with terminal's own bytes ----

boot
cat > web.sh <<-'END'
	#!/bin/bash
	trap '' TERM INT HUP
	printf 'red \033[31m and no text \377\0\n'
	sleep 7777 & sleep 7778
END
expect_status 1 labrouter verify blog.lab
has_text 'killed, since the time is over (1 try)'
has_text '    red \x1b[31m and no text \xff '
! runs 7777 && ! runs 7778 || fail "a child is left"
expect_status 1 labrouter verify --json blog.lab
[ "$(field 'len(o["machines"])')" = 1 ] || fail "$(cat out)"

# Asked to stop: nothing of it stays.
sed -i 's/^Timeout.*/Timeout = 60s/' blog.lab
labrouter verify blog.lab > out 2> err & verify=$!
wait_until 60 runs 7778
kill -TERM $verify
status=0; wait $verify || status=$?
[ $status = 143 ] || fail "status $status"
has_text 'asked to stop when 0 of 1 machines had passed' err
! runs 7778 || fail "a script is left"

# A session of its own, whose parent has ended, is no way out: not when the time
# is over, nor when the script ends, nor when labrouter is killed.
cat > web.sh <<-'END'
	#!/bin/bash
	for n in 7780 7781; do
		(setsid bash -c "trap '' TERM HUP; sleep $n & exec sleep $n" &)
	done
	until pgrep -xf 'sleep 7780' && pgrep -xf 'sleep 7781'; do
		sleep 0.01
	done > /dev/null
	[ -e "${0%/*}/ends" ] || exec sleep 7779
END
sed -i 's/^Timeout.*/Timeout = 3s/' blog.lab
expect_status 1 labrouter verify blog.lab
has_text 'killed, since the time is over (1 try)'
! runs 7779 && ! runs 7780 && ! runs 7781 || fail "a session is left"
sed -i 's/^Timeout.*/Timeout = 60s/' blog.lab
labrouter verify blog.lab > out 2> err & verify=$!
wait_until 60 runs 7779
kill -KILL $verify
wait $verify || true
none_runs()
{
	! runs 7779 && ! runs 7780 && ! runs 7781
}
wait_until 60 none_runs
touch ends
expect_status 0 labrouter verify blog.lab
none_runs || fail "a session is left"
rm ends

# Signals are as by default, whatever whoever starts us ignores.
cat > web.sh <<-END
	#!/bin/bash
	$IGNORED
	kill -ALRM \$\$
END
sed -i 's/^Timeout.*/Timeout = 1s/' blog.lab
expect_status 1 python3 -c 'import os, signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
os.execvp("labrouter", ["labrouter", "verify", "blog.lab"])'
has_text 'ended by signal 14'
has_text 'ignored: 0'

chmod -x web.sh
expect_status 2 labrouter verify blog.lab
has_text "script $T/web.sh: Permission denied (1 try)"

# Side by side: many that do not answer take no longer than one.
sed '/^\[Machine/,$d' blog.lab > many.lab
for i in {60..79}; do
	printf '[Machine "m%d"]\nNetwork = VM Network\nAddress = 192.168.149.%d\nTcp = 1-2000\nTimeout = 2s\n' \
	    "$i" "$i"
done >> many.lab
SECONDS=0
expect_status 1 labrouter verify many.lab
[ $SECONDS -lt 8 ] || fail "$SECONDS seconds for two"
has_text 'many: 0 of 20 machines passed'
has_text 'not tried, for want of time'

# ---- what cannot be asked ----

sed '/^\[Machine/,$d' blog.lab > none.lab
expect_status 2 labrouter verify none.lab
has_text 'there is no [Machine] in it' err
sed 's/149.36/148.36/' blog.lab > outside.lab
expect_status 1 labrouter verify outside.lab
has_text 'outside.lab:10: error: Address' err
machine far - br0 192.168.149.77/24
sed -i 's/^Timeout.*/Timeout = 1s/' blog.lab
expect_status 1 ip netns exec far labrouter verify blog.lab
has_text 'this host has no route to 192.168.150.0/24 but a default one' err
has_text 'ping: Network is unreachable'

labrouter stop blog.lab > out 2> err || fail "stop: $(cat err)"
