#!/bin/bash
# A server whose key is not known, or is another: where no setting names a file
# of known hosts, what the message says to do helps, whichever file it is about.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/root.sh"
requires sshd ssh-keygen ssh-keyscan

make_root ssh-keygen ssh-keyscan
make_central > out
make_key other
mkdir -p "$ROOT"/etc/ssh "$ROOT"/root/.ssh "$ROOT"/home/alice/.ssh
sed -i 's,^alice:.*:/:,alice:x:'"$ALICE_ID:$ALICE_ID"'::/home/alice:,' "$ROOT/etc/passwd"
# The same for both: a tree, a store of its own, a key.
for user in root alice; do
	home=$ROOT/home/alice
	[ $user = alice ] || home=$ROOT/root
	make_host $user > out
	cp "keys/$user" "$home/.ssh/id"
	sed "s,^store = .*,store = ${home#"$ROOT"}/store,
	    s,^key = .*,key = ${home#"$ROOT"}/.ssh/id,
	    /^known-hosts/d" $user/lindex.conf > "$home/lindex.conf"
done
chown -R "$ALICE_ID:$ALICE_ID" "$ROOT/home/alice"

as()	# USER COMMAND LINE
{
	local who=0:0 home=/root
	[ "$1" = root ] || who=alice: home=/home/alice
	in_root $who /bin/sh -c "cd $home && $2" < /dev/null
}

pushes()	# USER
{
	expect_status 0 as "$1" "lindex push --config lindex.conf"
}

mends()	# USER TEXT FILE: a push says TEXT, and the command for FILE that helps
{
	expect_status 3 as "$1" "lindex push --config lindex.conf"
	has_text "$2" err
	sed -nE 's/.*(is its key|know why): //p' err > mend
	[[ "$(cat mend)" == *" >> $3" ]] ||
	    fail "not for $3: $(cat mend)"
	expect_status 0 as "$1" "$(cat mend)"
	pushes "$1"
}

wrong_key()	# FILE: the server is known there by another key
{
	awk -v p="$SSHD_PORT" '{ print "[127.0.0.1]:" p, $1, $2 }' \
	    keys/other.pub > "$ROOT/$1"
}

for user in root alice; do
	expect_status 0 as $user "lindex scan --config lindex.conf -U /etc/lookback"
done

# Of one's own, and for root the machine's.
mends alice "host key is not known" /home/alice/.ssh/known_hosts
wrong_key home/alice/.ssh/known_hosts
mends alice "host key has changed" /home/alice/.ssh/known_hosts
mends root "host key is not known" /etc/ssh/ssh_known_hosts
[ ! -e "$ROOT/root/.ssh/known_hosts" ] || fail "another file was written"

# The file is the one in which the other key stands.
wrong_key etc/ssh/ssh_known_hosts
mends root "host key has changed" /etc/ssh/ssh_known_hosts
rm "$ROOT/etc/ssh/ssh_known_hosts"
wrong_key root/.ssh/known_hosts
mends root "host key has changed" /root/.ssh/known_hosts
