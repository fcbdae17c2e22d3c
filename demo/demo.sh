#!/bin/bash
# The whole way once, on real input: two hosts made of trees of this machine, two
# snapshots of each with changes in between, pushed with keys of their own to one
# account over a real sshd on loopback, found again on the central store, and
# brought back from a backup. `make demo` runs it. It leaves one directory, which it names.
#
# SPDX-License-Identifier: BSD-2-Clause
set -Eeuo pipefail

TOP=$(cd "$(dirname "$0")/.." && pwd)
export LC_ALL=C.UTF-8 PATH="${BIN:-$TOP/build/bin}:$PATH:/usr/sbin:/sbin"
umask 022

fail()
{
	echo "demo: $*" >&2
	exit 1
}

skip()
{
	fail "$*"
}

requires()
{
	local c
	for c; do
		command -v "$c" > /dev/null || fail "no $c here"
	done
}

# shellcheck source=../tests/cli/sshd.sh
. "$TOP/tests/cli/sshd.sh"

at_end()
{
	local status=$?
	trap - ERR EXIT
	for pid in "${DAEMONS[@]}"; do
		end_daemon "$pid"
	done
	[ -z "${T:-}" ] || end_ours 10
	[ $status = 0 ] || [ -z "${T:-}" ] ||
	    echo "demo: failed; what there is lies in $T" >&2
	exit $status
}
trap at_end EXIT
trap 'exit 130' INT TERM HUP
trap 'echo "demo: line $LINENO failed: $BASH_COMMAND" >&2' ERR

step()
{
	printf '\n== %s\n' "$*"
}

run()	# COMMAND...: show it, then do it
{
	local word line='$'
	for word; do
		[[ $word =~ ^[A-Za-z0-9_./=-]+$ ]] || word="'$word'"
		line+=" $word"
	done
	printf '%s\n' "$line"
	"$@"
}

# A directory that sshd takes keys from.
mkdir -p "$TOP/build"
for d in "$TOP/build" /var/lib "$HOME"; do
	if [ -w "$d" ] && safe_parents "$d"; then
		break
	fi
done
T=$(mktemp -d "$d/lookback-demo.XXXXXX")
chmod 755 "$T"
cd "$T"

# ---- two hosts, a server ----

copy()	# HOST TREE...: real trees, without what is secret
{
	local host=$1 tree
	shift
	for tree; do
		[ -d "$tree" ] || continue
		mkdir -p "$host$(dirname "$tree")"
		cp -a --no-preserve=context,links "$tree" "$host$tree" \
		    2> /dev/null || true
	done
	rm -rf "$host"/etc/{,g}shadow* "$host"/etc/ssl/private \
	    "$host"/etc/ssh/ssh_host_*_key
	echo "$host: $(find "$host" | wc -l) files, copied from $*"
}

step "Two hosts, from real trees of this machine"
copy web01 /etc /usr/share/doc /usr/share/perl5
copy db01 /etc /var/lib/dpkg /usr/share/zoneinfo

step "A server: an account, sshd on a port of loopback, a central store"
start_sshd
cat > server.conf <<END
store = $T/central
authorized-keys = $AUTHORIZED_KEYS
END
echo "sshd on 127.0.0.1 port $SSHD_PORT, account $SSHD_USER"
for host in web01 db01; do
	make_key $host
	cat > $host.conf <<-END
		host = $host
		store = $T/$host.store
		[Scan]
		prunepaths =
		prune-bind-mounts = no
		[Server]
		server = 127.0.0.1
		port = $SSHD_PORT
		user = $SSHD_USER
		key = $T/keys/$host
		known-hosts = $KNOWN_HOSTS
	END
	run lindex enrol --config server.conf $host keys/$host.pub
done
sed 's/ssh-ed25519 .*/ssh-ed25519 .../' "$AUTHORIZED_KEYS"

# ---- two nights ----

night()
{
	local host
	for host in web01 db01; do
		run lindex run --config $host.conf -U "$T/$host"
	done
}

step "The first night: each host scans and pushes"
night

step "The same night, somebody makes a backup of web01, as people do"
mkdir -p backups/web01 back
run tar -C / -czf "backups/web01/root-$(date +%F).tar.gz" "${T#/}/web01"

step "Something happens on both"
for gone in /etc/fstab /etc/services /etc/profile; do
	if [ -f web01$gone ]; then
		break
	fi
done
rm "web01$gone"
rm -rf web01/etc/cron.daily
mkdir -p web01/srv/project
echo 'we start on Monday' > web01/srv/project/minutes.txt
echo '192.0.2.7 backup' >> web01/etc/hosts
mv db01/etc/bash.bashrc db01/etc/bash.bashrc.old
rm db01/usr/share/zoneinfo/Europe/Paris 2> /dev/null ||
    rm db01/var/lib/dpkg/status
date > db01/var/lib/dpkg/lock-of-the-demo
echo "web01: $gone and /etc/cron.daily removed, /srv/project made," \
    "/etc/hosts changed"
echo "db01: /etc/bash.bashrc renamed, a file removed, one made"
sleep 1		# so that the dates differ by more than one sees

step "The second night"
night

# ---- the answer ----

step "On the server: who pushed, and when last"
run lindex snapshots --store central

step "A file that is gone: on which host, from when to when?"
# On a terminal, dates are given to the minute.
printf '$ lsearch --store central -b %s | cat\n' "${gone##*/}"
lsearch --store central -b "${gone##*/}" | cat
lsearch --store central --deleted "$gone" | grep -q deleted ||
    fail "the deleted file is not there"

step "What was deleted anywhere?"
run lsearch --store central --deleted /etc/

step "A file on both hosts, one of them changed"
run lsearch --store central '*/etc/hosts'

step "A file that is new"
run lsearch --store central minutes.txt

step "The file that is gone comes back, from the backup that has it"
run lindex repo --store central --pattern '{host}/{set}-{date}.tar.gz' backups
run lget --store central --to back "web01:$T/web01$gone"
[ "$(tar -xzOf backups/web01/*.tar.gz "${T#/}/web01$gone" | sha256sum)" = \
    "$(sha256sum < "back/${gone##*/}")" ] || fail "it came back different"
ls -l "back/${gone##*/}"

step "Is every listing still what the hosts said?"
run lindex check --store central

cat <<END

All of it lies in $T, and nowhere else. On your own machines:
 1. hosts and server: make install; systemd-sysusers; systemd-tmpfiles --create; on hosts also: ssh-keygen -t ed25519 -N '' -f /etc/lookback/id_ed25519
 2. server: lindex enrol web01 web01.pub, with that key's public half; systemctl enable --now lookback-server.timer
 3. hosts: server and key into /etc/lookback/lindex.conf; lindex run, which says how to trust the server; systemctl enable --now lindex-run.timer. Then, whenever something is missed, on the server: lsearch NAME
END
