#!/bin/bash
# The source sftp: what a real sshd shows, and that it lets nobody in, or takes
# nobody, that it should not.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/mounts.sh"
. "$(dirname "$0")/lib.sh"

start_sshd "Subsystem sftp internal-sftp"
make_key me
cat keys/me.pub >> "$AUTHORIZED_KEYS"
uri=sftp://$SSHD_USER@127.0.0.1:$SSHD_PORT
# Plugins lie beside the folder of who looks for them.
mkdir -p tool/bin
cp "$HELPERS/source" tool/bin
ln -s "$(realpath "$BIN/../plugins")" tool/plugins
source_of()	# OPTION... COMMAND URI ...
{
	"$T/tool/bin/source" -o "key=${key:-$T/keys/me}" \
	    -o "known-hosts=${known:-$KNOWN_HOSTS}" "$@"
}
listed()	# PATH: as find has it, in $T/out
{
	source_of list "$uri$1" > all || fail "list $1: status $?"
	LC_ALL=C sort all > out
}
found()	# DIRECTORY: times in whole seconds, which is what SFTP has
{
	find "$1" \( -type l -printf '%y %m %U %G %s %T@ %p -> %l\n' \) -o \
	    -printf '%y %m %U %G %s %T@ %p\n' |
	    sed -E 's/^([^/]*)\.[0-9]{10} /\1.0000000000 /' | LC_ALL=C sort
}

# ---- what is there ----

mkdir -p tree/a/b/c tree/empty "tree/with blank" tree/$'new\nline'
echo hello > tree/a/b/c/file
printf x > tree/$'not-utf8-\xff\xfe'
printf x > "tree/-dash"
printf x > "tree/ "
printf x > "tree/back\\slash"
printf x > "tree/$(printf 'n%.0s' {1..255})"
ln -s a/b tree/link
ln -s /nowhere/at/all tree/dangling
ln -s . tree/loop
ln -s $'to-\xff' tree/link-bytes
mkfifo tree/fifo
truncate -s 1000000 tree/sparse
printf end >> tree/sparse
chmod 4750 tree/a/b/c/file
chmod 1777 tree/empty
touch -d @86399.25 tree/-dash
for ((i = 0; i < 1234; i++)); do
	: > "tree/a/b/many-$i"
done
rm tree/$'new\nline' -r	# lines are compared
listed "$T/tree"
found "$T/tree" > want; same_text < want

# A path that is a link, or with dots in it, is told as it really is.
ln -s tree/a/b here
listed "$T/./here/../b/"
found "$T/tree/a/b" | same_text
expect_status 0 source_of about "$uri$T/tree"
has_text sftp

# A name of any bytes.
mkdir -p odd/$'new\nline/\x01\x7f'
source_of -0 list "$uri$T/odd" | tr -dc '\0' > nul
[ "$(stat -c %s nul)" = 3 ] || fail "not three entries"

# ---- what is not entered ----

if [ "$(id -u)" = 0 ]; then
	mkdir tree/tmpfs tree/on-disk
	mount -t tmpfs none tree/tmpfs
	echo x > tree/tmpfs/unseen
	listed "$T/tree"
	has_text "outside: $T/tree/tmpfs"
	lacks_text unseen
	listed "$T/tree/tmpfs"	# whoever names it means it
	has_text unseen
	umount tree/tmpfs
	rmdir tree/tmpfs tree/on-disk
fi

# ---- content ----

head -c 5000000 /dev/urandom > tree/a/large
source_of cat "$uri" "$T/tree/a/large" > got || fail "cat: $?"
cmp got tree/a/large
source_of cat "$uri" "$T/tree/sparse" | cmp - tree/sparse
: > tree/nothing
source_of cat "$uri" "$T/tree/a/b/c/file" "$T/tree/nothing" \
    "$T/tree/$(printf 'not-utf8-\xff\xfe')" > got
printf 'hello\nx' | cmp - got
for p in link fifo a gone; do
	expect_status 1 source_of cat "$uri" "$T/tree/$p"
	[ ! -s out ] || fail "$p has content"
done

# ---- what it says of a path that is none ----

expect_status 2 source_of list "$uri$T/gone"
has_text "No such file or directory" err
expect_status 2 source_of list "$uri$T/tree/sparse"
has_text "not a directory" err

# ---- who is who ----

known=/dev/null expect_status 2 source_of list "$uri$T/tree"
has_text "is not known" err
has_text "ssh-keyscan -p $SSHD_PORT 127.0.0.1 >> /dev/null" err
ssh-keygen -q -t ed25519 -N '' -f other
awk -v p="$SSHD_PORT" '{ print "[127.0.0.1]:" p, $1, $2 }' other.pub > changed
known=$T/changed expect_status 2 source_of list "$uri$T/tree"
has_text "has changed" err
has_text "ssh-keygen -f $T/changed -R '[127.0.0.1]:$SSHD_PORT'" err
make_key stranger
key=$T/keys/stranger expect_status 2 source_of list "$uri$T/tree"
has_text "it did not accept the key $T/keys/stranger" err
has_text "authorized_keys" err
lacks_text enrol err
key=$T/keys/none expect_status 2 source_of list "$uri$T/tree"
has_text "No such file" err

# A restored machine has the host key of the one that it is a copy of.
awk '{ print "web01.example,192.0.2.7", $1, $2 }' sshd/host_key.pub > production
known=$T/production expect_status 2 source_of list "$uri$T/tree"
has_text "is not known" err
known=$T/production expect_status 0 source_of \
    -o host-key-alias=web01.example list "$uri$T/tree/a/b/c"
has_text "$T/tree/a/b/c/file"
known=$T/production expect_status 2 source_of \
    -o host-key-alias=web02.example list "$uri$T/tree"
has_text "is not known as that of web02.example" err
has_text "ssh-keyscan -p $SSHD_PORT 127.0.0.1 | sed 's,^[^ #]*,web02.example,' >> $T/production" err
awk '{ print "web01.example", $1, $2 }' other.pub > changed
known=$T/changed expect_status 2 source_of \
    -o host-key-alias=web01.example list "$uri$T/tree"
has_text "is not that of web01.example" err
expect_status 2 source_of -o "host-key-alias=a;b" list "$uri$T/tree"
has_text "cannot be a name" err

# ---- a server without SFTP, none at all, and no host ----

stop_sshd
expect_status 2 source_of list "$uri$T/tree"
has_text "cannot connect" err
expect_status 2 source_of list "sftp:$T/tree"
has_text "no host" err
start_sshd
uri=sftp://$SSHD_USER@127.0.0.1:$SSHD_PORT
expect_status 2 source_of list "$uri$T/tree"
has_text 'no subsystem "sftp"' err
stop_sshd

# ---- the server program of its own, which is what others have ----

server=/usr/lib/openssh/sftp-server
[ -x $server ] || skip "no $server here"
start_sshd "Subsystem sftp $server"
uri=sftp://$SSHD_USER@127.0.0.1:$SSHD_PORT
listed "$T/tree"
found "$T/tree" > want; same_text < want
stop_sshd

# ---- what its account cannot read ----

if [ "$(id -u)" = 0 ]; then
	mkdir tree/closed tree/closed/below tree/names-only
	echo x > tree/names-only/file
	chmod 700 tree/closed
	# What an account sees that is nobody's.
	cat > as-nobody <<-END
		#!/bin/sh
		exec setpriv --reuid=65534 --regid=65534 --clear-groups $server
	END
	chmod +x as-nobody
	chmod 755 "$T"
	start_sshd "Subsystem sftp $T/as-nobody"
	uri=sftp://$SSHD_USER@127.0.0.1:$SSHD_PORT
		listed "$T/tree"
	has_text "unread: $T/tree/closed: Permission denied"
	lacks_text below
	grep -qE "^d 700 .* $T/tree/closed$" out || fail "closed itself is missing"
	has_text "$T/tree/a/b/many-1233"
	chmod 700 tree/a/large
	expect_status 1 source_of cat "$uri" "$T/tree/a/large"
	has_text "Permission denied" err
	stop_sshd
fi
