#!/bin/bash
# README's commands and settings work as they stand there, in its order, on one
# machine that is both host and server: an installed tree in which a real sshd
# listens on port 22, of a network of its own. Adapted is only where make
# installs and where systemd's commands look.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/root.sh"
requires_root
requires script sshd ssh-keygen ssh-keyscan systemctl \
    systemd-sysusers systemd-tmpfiles

own_network "${1:-}"
README=${README:-$TOP/README.md}

# ---- what it names is there ----

make_root mkdir ssh-keygen ssh-keyscan sshd
ln -s bin "$ROOT/usr/sbin"
make_lab_root
n=0
while IFS= read -r name; do
	n=$((n + 1))
	case $name in
	/*) [ -e "$ROOT$name" ] ;;
	*) [ -e "$TOP/$name" ] || [ -e "$TOP/doc/$name" ] ;;
	esac || fail "README names $name, which is not there"
done < <(grep -oE '`[^` ]*[/.][^` ]*`' "$README" | tr -d '`' |
    grep -vE '\.(pub|lab|db)$' | sort -u)
[ $n -ge 15 ] || fail "only $n files named"
while IFS= read -r page; do
	[ -e "$TOP/man/$page" ] || fail "README names the manual $page"
done < <(grep -oE '[a-z.-]+\([1-9]\)' "$README" | tr '(' . | tr -d ')')

# ---- the machine: what systemd makes is not there yet ----

rm -r "$ROOT/var/lib/lookback"
sed -i '/^lookback:/d' "$ROOT"/etc/{passwd,group}
mkdir -p "$ROOT"/etc/ssh "$ROOT"/run/sshd
echo 'sshd:x:64323:65534::/run/sshd:/bin/false' >> "$ROOT/etc/passwd"
echo 'hosts: files' > "$ROOT/etc/nsswitch.conf"
echo '127.0.0.1 backup.example.org' > "$ROOT/etc/hosts"
ssh-keygen -q -t ed25519 -N '' -f "$ROOT/etc/ssh/ssh_host_ed25519_key"
head -c 700 /dev/zero > "$ROOT/etc/fstab"
echo 'Port 22' > "$ROOT/etc/ssh/sshd_config"
sed -i '1i host = web01' "$ROOT/etc/lookback/lindex.conf"	# its name
export -f in_root
export ROOT
trap 'status=$?; trap - ERR; set +e; end_root; (exit $status); at_end' EXIT
end_root()	# what came in by ssh may still have a merge to do
{
	local p
	for p in /proc/[0-9]*; do
		[ "$(readlink "$p/root")" != "$ROOT" ] || kill -KILL "${p#/proc/}"
	done 2> /dev/null
}

answers()
{
	{ : <> /dev/tcp/127.0.0.1/22; } 2> /dev/null
}

# As PAM would let it, for which there are no modules here.
start_server()
{
	sed -i 's/^lookback:[^:]*:/lookback:*:/' "$ROOT/etc/shadow"
	daemon bash -c 'in_root 0:0 /usr/sbin/sshd -D -e -f /dev/null \
	    -o UsePAM=no -o PidFile=none -o "Subsystem=sftp internal-sftp"'
	wait_until 60 answers
}

# ---- what it searches: backups, an old database, a machine in a lab ----

mkdir -p "$ROOT"/srv/backup/web01 "$ROOT"/home/index
mkdir "$ROOT/root/.ssh"
chmod 700 "$ROOT/root/.ssh"
tar -C "$ROOT" --zstd -cf "$ROOT/srv/backup/web01/etc-2026-11-19.tar.zst" etc/fstab
printf '%s\t0\t0\t%s\n' d / d /etc f /etc/fstab > list
"$HELPERS/mlocatedb" "$ROOT/home/index/261120-web01.db" list
ssh-keygen -q -t ed25519 -N '' -f "$ROOT/root/.ssh/id_ed25519"
cp "$ROOT/root/.ssh/id_ed25519.pub" "$ROOT/root/.ssh/authorized_keys"
echo "web01 $(cut -d ' ' -f 1,2 "$ROOT/etc/ssh/ssh_host_ed25519_key.pub")" \
    >> "$ROOT/etc/ssh/ssh_known_hosts"

# ---- its blocks, line by line ----

as_root()	# COMMAND LINE
{
	in_root 0:0 /bin/sh -c "cd /root && $1" < /dev/null
}

run_line()	# LINE
{
	local command=${1%% *} words
	read -r -a words <<< "${1%%  #*}"
	case $1 in
	make | 'make install') ;;	# make_root did it
	make\ *)
		make -s --no-print-directory -C "$TOP" help > out
		has_text "make ${words[1]}"
		;;
	tests/*)
		expect_status 0 "$TOP/${words[0]}" "${words[@]:1}"
		;;
	systemd-*)
		expect_status 0 "$command" --root="$ROOT" "${words[@]:1}"
		[ "$command" != systemd-tmpfiles ] || start_server
		;;
	systemctl\ enable\ *)
		expect_status 0 systemctl --root="$ROOT" enable "${words[-1]}"
		compgen -G "$ROOT/etc/systemd/system/*.target.wants/${words[-1]}" \
		    > out || fail "${words[-1]} is not enabled"
		;;
	lindex\ scan\ --source\ sftp*)	# the lab stands in a later section
		ip address add 192.168.150.36/32 dev lo
		expect_status 0 as_root "$1"
		ip address del 192.168.150.36/32 dev lo
		;;
	*)
		expect_status 0 as_root "$1"
		;;
	esac || fail "README: $1"
	if [ "$command" = ssh-keygen ]; then
		cp "$ROOT/etc/lookback/id_ed25519.pub" "$ROOT/root/web01.pub"
	fi
}

# A block that begins with a [Section] is of the file named last before it; one
# that begins with "$ " is an answer too, see below.
n=0 named='' block=''
while IFS= read -r line; do
	if [ "${line#    }" = "$line" ]; then
		block=''
		[[ $line =~ \`(/[^\`]*)\` ]] && named=${BASH_REMATCH[1]}
		continue
	fi
	line=${line#    } n=$((n + 1))
	: "${block:=${line:0:1}}"
	case $block in
	'[') echo "$line" >> "$ROOT$named" ;;
	'$') ;;
	*) run_line "$line" ;;
	esac
done < "$README"
[ $n -ge 15 ] || fail "only $n lines in README's blocks"

# ---- and the answer that it begins with, which knows no backups yet ----

head -c 743 /dev/zero > "$ROOT/etc/fstab"
expect_status 0 as_root 'lindex run'
rm "$ROOT/etc/fstab"
expect_status 0 as_root 'lindex run'
command=$(sed -n 's/^    \$ //p' "$README")
script -qec "bash -c 'in_root 0:0 /bin/sh -c \"NO_COLOR=1 $command\"'" /dev/null |
    tr -d '\r' | grep -v ' web01/' | sed 's/[0-9]/9/g' > out
sed -n '/^    \$ /,/^$/s/^    //p' "$README" | sed '1d; s/[0-9]/9/g' > want
same_text < want
