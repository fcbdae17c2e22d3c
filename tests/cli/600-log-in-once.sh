#!/bin/bash
# A log-in that was refused, in whatever way, is not tried again: hosts that
# do it are banned.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires ssh-agent ssh-add

start_sshd "MaxAuthTries 2"
make_central > out
make_host web01 > out
echo 1 > web01/tree/file
host_scan web01 > out 2>&1

connections()	# that the sshd has had
{
	grep -c "^Connection from" sshd/log || true
}

pushes_once()	# TEXT: a push says it, after one connection
{
	local before
	before=$(connections)
	expect_status 3 lindex push --config other.conf
	has_text "$1" err
	[ "$(connections)" = $((before + 1)) ] ||
	    fail "$(($(connections) - before)) connections"
}

# ---- a key that is not enrolled ----

make_key stranger
sed "s,^key = .*,key = $T/keys/stranger," web01/lindex.conf > other.conf
pushes_once "did not accept the key"

# ---- more keys than the server has patience for ----

export HOME=$T/home SSH_AUTH_SOCK=$T/agent
mkdir -m 700 "$HOME"
daemon ssh-agent -D -a "$SSH_AUTH_SOCK"
wait_until 60 test -S "$SSH_AUTH_SOCK"
for i in 1 2 3 4; do
	make_key "agent$i"
	ssh-add -q "keys/agent$i"
done
sed '/^key = /d' web01/lindex.conf > other.conf
pushes_once "Too many authentication failures"
has_text "[Server] key" err

# ---- the right key still works ----

unset SSH_AUTH_SOCK
expect_status 0 host_push web01
