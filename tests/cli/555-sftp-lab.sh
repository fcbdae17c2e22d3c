#!/bin/bash
# A machine is restored into a lab, where it wears its production address; from
# the lab's host it is indexed through the mask, searched, and a file comes back.
#
# SPDX-License-Identifier: BSD-2-Clause
LAB_USERS=1
. "$(dirname "$0")/lab.sh"
requires sshd ssh-keygen

make_production
plain_lab > blog.lab
labrouter start blog.lab > out 2> err || fail "start: $(cat err)"

# ---- the machine: a root of its own, and the host key of web01 ----

mkdir -p machine/{etc,proc,run,tmp,home/tom}
mount --bind machine machine
mount -t proc proc machine/proc
mount -t tmpfs tmpfs machine/run
echo web01 > machine/etc/hostname
head -c 300000 /dev/urandom > machine/tmp/processfollow
touch -d '2013-05-06 07:08:09.5' machine/tmp/processfollow
chmod 750 machine/tmp/processfollow
ln -s ../tmp/processfollow machine/etc/link
echo secret > machine/run/only-in-memory
mkdir machine/home/tom/$'odd \xff'

mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f host_key
make_key me
pam=no
case $(getent shadow root | cut -d : -f 2) in
!*) pam=yes ;;
esac
cat > sshd_config <<-END
	Port 22
	HostKey $T/host_key
	PidFile none
	AuthorizedKeysFile $T/keys/me.pub
	PermitRootLogin prohibit-password
	UsePAM $pam
	ChrootDirectory $T/machine
	Subsystem sftp internal-sftp
END
machine web01 lookback.blog.1 in 192.168.149.36/24 192.168.149.2
daemon ip netns exec web01 "$(command -v sshd)" -D -f "$T/sshd_config" -E "$T/log"
wait_until 60 listens web01 22

# ---- who vouches for it ----

awk '{ print "web01", $1, $2 }' host_key.pub > known_hosts
scan()	# OPTION...
{
	lindex scan --store "$T/store" --host web01 \
	    --source sftp://root@192.168.150.36/ --identity "$T/keys/me" \
	    --known-hosts "$T/known_hosts" "$@" < /dev/null
}
expect_status 2 scan
has_text "is not known" err
[ ! -e store ] || [ -z "$(lindex snapshots --store store --jsonl)" ] ||
    fail "a snapshot of a stranger"
expect_status 0 scan --host-key-alias web01

# ---- what is there, and what is left out ----

found()	# NAME: as paths, in ./out
{
	run_status lsearch --store store -N "$@"
}
found processfollow
same_text <<< 'web01/sftp:/tmp/processfollow'
lsearch --store store --jsonl /tmp/processfollow > out
for field in '"mode":"0750"' '"size":300000' '"mtime":"2013-05-06T07:08:09' \
    '"type":"f"'; do
	has_text "$field"
done
lsearch --store store --jsonl /etc/link > out
has_text '"target":"../tmp/processfollow"'
for name in /proc/ only-in-memory /run/; do
	found "$name"
	[ "$status" = 1 ] || fail "$name: $(cat out)"
done
found "/pro[c]"
same_text <<< 'web01/sftp:/proc'

# ---- it comes back ----

mkdir back
expect_status 0 lget --store store --to back --identity keys/me \
    --known-hosts known_hosts --host-key-alias web01 \
    web01/sftp:/tmp/processfollow
back=$(find back -name processfollow)
cmp "$back" machine/tmp/processfollow
[ "$(stat -c '%a %Y' "$back")" = "$(stat -c '%a %Y' machine/tmp/processfollow)" ] ||
    fail "it is $(stat -c '%a %y' "$back")"

# ---- the next night ----

rm machine/tmp/processfollow
echo new > machine/etc/new
expect_status 0 scan --host-key-alias web01
found -e /etc/new
same_text <<< 'web01/sftp:/etc/new'
found -E processfollow
same_text <<< 'web01/sftp:/tmp/processfollow'
clean_store store

# The machine goes away: nothing of it is taken for deleted.
for pid in $(ip netns pids web01); do
	kill -KILL "$pid"
done
expect_status 2 scan --host-key-alias web01
has_text "cannot connect" err
[ "$(lindex snapshots --store store --jsonl | wc -l)" = 2 ] ||
    fail "a snapshot of nothing"
ip netns del web01
expect_status 0 labrouter stop blog.lab
