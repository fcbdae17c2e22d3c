# Sourced by lib.sh and by the demo: a real sshd of our own on loopback, keys,
# and daemons that end when they should. Wants $T, a directory, and the functions
# fail and skip.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

DAEMONS=()	# process groups to end

end_daemon()	# PID of a process group's leader, or about to be that
{
	local end=$((SECONDS + 60))
	kill -TERM -- "-$1" 2> /dev/null || kill -TERM "$1" 2> /dev/null ||
	    return 0
	while kill -0 "$1" 2> /dev/null; do
		[ $SECONDS -lt $end ] || kill -KILL -- "-$1" 2> /dev/null || true
		sleep 0.01
	done
	wait "$1" 2> /dev/null || true
}

# What still runs with our directory on its command line: a merge at idle
# priority that goes on after its push was acknowledged.
ours()
{
	local p
	for p in /proc/[0-9]*; do
		if [ "${p#/proc/}" != $$ ] && grep -qsF "$T/" "$p/cmdline"; then
			echo "${p#/proc/}"
		fi
	done
}

end_ours()	# [SECONDS]: that it may take to end by itself
{
	local end=$((SECONDS + ${1:-0})) pid
	while [ $SECONDS -lt $end ] && [ -n "$(ours)" ]; do
		sleep 0.05
	done
	for pid in $(ours); do
		kill -KILL "$pid" 2> /dev/null || true
	done
}

# sshd's StrictModes wants that nobody else can write to any parent of the keys;
# /tmp is not such a place.
safe_parents()	# DIRECTORY
{
	local d=$1
	while :; do
		[ -O "$d" ] || [ "$(stat -c %u "$d")" = 0 ] || return 1
		[ $((0$(stat -c %a "$d") & 022)) = 0 ] || return 1
		[ "$d" != / ] || return 0
		d=$(dirname "$d")
	done
}

export SSHD_USER
SSHD_USER=$(id -un)

# A real sshd on a free port of loopback, into this account. Sets SSHD_PORT,
# AUTHORIZED_KEYS (empty at first) and KNOWN_HOSTS. More lines of configuration
# come as arguments.
start_sshd()
{
	local try d=$T/sshd pam=no
	requires sshd ssh-keygen
	safe_parents "$T" || skip "no directory here that StrictModes accepts"
	[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
	mkdir -p "$d"
	[ -e "$d/host_key" ] ||
	    ssh-keygen -q -t ed25519 -N '' -C sshd -f "$d/host_key"
	AUTHORIZED_KEYS=$d/authorized_keys
	[ -e "$AUTHORIZED_KEYS" ] || (umask 077; : > "$AUTHORIZED_KEYS")
	# Only PAM lets a key into an account whose password is locked.
	case $(getent shadow "$SSHD_USER" 2> /dev/null | cut -d : -f 2) in
	!*) pam=yes ;;
	esac
	# SHLVL: where our shell is bash, it would read its start-up file for
	# each connection; the shell of a server's account has none.
	for try in 1 2 3 4 5 6 7 8 9; do
		SSHD_PORT=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
		cat > "$d/config" <<-END
			Port $SSHD_PORT
			ListenAddress 127.0.0.1
			HostKey $d/host_key
			PidFile none
			AuthorizedKeysFile $AUTHORIZED_KEYS
			StrictModes yes
			UsePAM $pam
			PasswordAuthentication no
			KbdInteractiveAuthentication no
			PermitRootLogin prohibit-password
			MaxStartups 200
			LogLevel VERBOSE
			PrintMotd no
			SetEnv SHLVL=2
		END
		[ $# = 0 ] || printf '%s\n' "$@" >> "$d/config"
		setsid "$(command -v sshd)" -D -f "$d/config" -E "$d/log" \
		    < /dev/null > /dev/null 2>&1 &
		SSHD_PID=$!
		DAEMONS+=("$SSHD_PID")
		if sshd_listens; then
			KNOWN_HOSTS=$d/known_hosts
			known_hosts_for "$KNOWN_HOSTS"
			return 0
		fi
	done
	fail "sshd does not start (tried $try times)"
}

# Its log says so, and not somebody else's server on that port.
sshd_listens()	# bounded: it listens, or it has ended
{
	local end=$((SECONDS + 60))
	until grep -qs "^Server listening on .* port $SSHD_PORT\." \
	    "$T/sshd/log"; do
		kill -0 "$SSHD_PID" 2> /dev/null && [ $SECONDS -lt $end ] ||
		    return 1
		sleep 0.02
	done
}

stop_sshd()	# the listener and its connections
{
	end_daemon "$SSHD_PID"
}

make_key()	# NAME: $T/keys/NAME and $T/keys/NAME.pub
{
	mkdir -p "$T/keys"
	ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$T/keys/$1"
}

known_hosts_for()	# FILE: pins our sshd's host key
{
	awk -v p="$SSHD_PORT" '{ print "[127.0.0.1]:" p, $1, $2 }' \
	    "$T/sshd/host_key.pub" > "$1"
}
