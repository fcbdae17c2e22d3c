#!/bin/bash
# lindex scan over mounts: loops, absent ones, those that never answer; and
# directories that may not be read.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires_root
requires unshare setpriv

# Everything happens in a mount namespace of its own.
if [ "${1:-}" != inside ]; then
	unshare -m --propagation private true 2> /dev/null ||
	    skip "no mount namespaces here"
	status=0
	unshare -m --propagation private bash "$TOP/tests/cli/${0##*/}" inside || status=$?
	exit $status
fi

S=$T/store
cat > conf <<END
host = web01
store = $S
[Scan]
prunefs = tmpfs fuse
prunenames = .git
prunepaths = $T/tree/pruned
prune-bind-mounts = no
END
MOUNTED=()
ended()
{
	local i
	for ((i = ${#MOUNTED[@]}; i-- > 0;)); do
		umount -l "${MOUNTED[i]}" 2> /dev/null || true
	done
	MOUNTED=()
}
hung=
trap 'status=$?; set +eE; [ -z "$hung" ] || kill -KILL "$hung"; (exit $status); at_end' EXIT
mounts()	# ARGUMENT... POINT
{
	mount "$@"
	MOUNTED+=("${!#}")
}

scan()	# OPTION...
{
	timeout 60 lindex scan --config "$T/conf" -U "$T/tree" "$@" < /dev/null
}

state()	# PATH: what the listing says of it, "-" where it is not there
{
	"$HELPERS/listing" -l "$S" web01 |
	    awk -v p="$T/tree$1" '$4 == p { print $1, $3; f = 1 }
		END { if (!f) print "-" }'
}

is()	# PATH WANT
{
	local got
	got=$(state "$1")
	[ "$got" = "$2" ] || fail "$1 is \"$got\", not \"$2\""
}

mkdir -p tree/{a,ram,disk,self,pruned/x,p/.git/o,loop} tree/a/b disk
touch tree/{a,a/b,ram,disk,self,pruned}/file disk/ondisk
mkdir disk/sub && touch disk/sub/file

# ---- types, loops, bind mounts ----

mounts -t tmpfs none "$T/tree/ram"
touch tree/ram/inram
mounts --bind "$T/tree" "$T/tree/loop"
mounts --bind "$T/tree/a" "$T/tree/a/b"
mounts --bind "$T/tree/self" "$T/tree/self"
mounts --bind "$T/disk" "$T/tree/disk"
for options in "" --names-only --names-only; do
	# shellcheck disable=SC2086
	expect_status 0 scan $options
	is /ram "d put"
	is /ram/inram -
	is /loop "d put"
	is /loop/a -
	is /a/b "d put"
	is /a/b/file -
	is /self/file "f put"
	is /disk/file -
	is /disk/ondisk "f put"
	is /disk/sub/file "f put"
	is /pruned "d put"
	is /pruned/x -
	is /p/.git "d put"
	is /p/.git/o -
done
has_text "0 new or changed, 0 gone, 0 unseen" <(scan -v 2>&1)
expect_status 0 scan --debug-pruning
has_text "leaving out what is below $T/tree/p/.git: PRUNENAMES .git" err
has_text "leaving out what is below $T/tree/pruned: PRUNEPATHS" err
has_text "leaving out what is below $T/tree/ram: PRUNEFS" err
has_text "so these mounts: $T/tree/ram" err

# ---- what is left out, or not mounted, is unseen; what is removed is gone ----

expect_status 0 scan --prune-bind-mounts yes
is /disk "d put"
is /disk/ondisk "f unseen"
is /self/file "f put"
expect_status 0 scan
is /disk/ondisk "f put"
umount "$T/tree/disk"
for _ in 1 2 3; do
	expect_status 0 scan
	is /disk/ondisk "f unseen"
	is /disk/sub "d unseen"
	is /disk/file "f put"
done
mounts --bind "$T/disk" "$T/tree/disk"
rm disk/ondisk
expect_status 0 scan -e "$T/tree/self"
is /disk/ondisk -
is /disk/sub/file "f put"
is /disk/file "f unseen"
is /self/file "f unseen"
rm tree/self/file
expect_status 0 scan
is /self/file -
umount "$T/tree/ram"
rm tree/ram/file
expect_status 0 scan
is /ram/file -
expect_status 0 lindex check --store "$S"

# ---- a server that does not answer ----

if [ -c /dev/fuse ]; then
	mkdir tree/hung
	exec 7<> /dev/fuse
	mounts -i -t fuse -o fd=7,rootmode=40000,user_id=0,group_id=0 none \
	    "$T/tree/hung"
	timeout 0.2 stat "$T/tree/hung/x" > /dev/null 2>&1 &&
	    fail "this mount answers"
	expect_status 0 scan
	is /hung "d put"
	expect_status 0 scan --names-only
	is /hung "d put"
	# Where it is a path that is pruned it is not touched either.
	expect_status 0 scan --prunefs '' -e "$T/tree/hung"
	is /hung "d put"
	expect_status 0 scan --prunefs '' -n hung
	is /hung "d put"
	# Who walks into it can be stopped. (At its end a sanitizer would look for
	# leaks, and wait for the thread that hangs.)
	ASAN_OPTIONS=detect_leaks=0 lindex scan --config "$T/conf" -U "$T/tree" --prunefs '' -v \
	    > walked 2> err < /dev/null &
	pid=$!
	hung=$pid
	wait_until 60 grep -q "$pid" "$S/series/web01.lock"
	hangs() { grep -qs 'fuse\|request_wait' /proc/"$pid"/task/*/{wchan,stack}; }
	wait_until 60 hangs
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	hung=
	[ $status = 2 ] || fail "status $status"
	has_text "nothing was committed" err
	exec 7>&-
	umount -l "$T/tree/hung"
fi

# ---- what may not be read keeps what it held ----

ended
chmod 777 .
mkdir -p tree/secret/below tree/half
touch tree/secret/{one,two} tree/half/{x,y}
chmod -R go+rX tree
chown -R 12345 tree
as()
{
	as_ids 12345 12345 timeout 60 env HOME=/ lindex scan \
	    --config "$T/conf" --store "$T/mine" -U "$T/tree" "$@" < /dev/null
}
S=$T/mine
expect_status 0 as
is /secret/one "f put"
chown 0 tree/secret tree/half
chmod 700 tree/secret
chmod 744 tree/half	# names can be read, and nothing else
rm tree/secret/one tree/half/x
expect_status 3 as
has_text "2 paths could not be looked at" err
has_text "$T/tree/secret: Permission denied" err
has_text "$T/tree/half/y: Permission denied" err
is /secret/one "f put"
is /secret/below "d put"
is /half/x -
is /half/y "f put"
chmod 755 tree/secret
expect_status 3 as
is /secret/one -
is /secret/two "f put"
chmod 755 tree/half
expect_status 0 as --names-only
is /half/y "f put"
expect_status 0 lindex check --store "$S"
