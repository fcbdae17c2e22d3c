#!/bin/bash
# lget brings files back: from the live file, from archives, whole directories, by
# lines of lsearch; and says so when nothing has them any more.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
requires script tar zstd python3

echo 'host = h1' > conf
mkdir b
S=$T/store
scan()	# one more night of the live tree
{
	lindex scan --config conf -U "$T/tree" --prunepaths= --prunenames= \
	    --prunefs= --prune-bind-mounts=no --store "$S" 2> /dev/null
}
archive()	# NAME [OPTION...]: one more archive of the tree
{
	local name=$1
	shift
	tar -C "$T" --zstd -cf "b/$name.tar.zst" "$@" tree
	lindex scan --config conf --source "archive:b/$name.tar.zst" \
	    --series h1/backup/tree --store "$S" 2> err
}
get()	# STATUS ARGUMENT...
{
	expect_status "$1" lget --config conf --store "$S" "${@:2}"
}
fresh()
{
	rm -rf back
	mkdir back
}
nothing_half()	# of what is in back
{
	find back -name '.lget-*' > left
	same_text left < /dev/null
}

# ---- a tree of hard names ----

long=$(printf 'n%.0s' {1..255})
mkdir -p tree/{etc,odd/deep,ro} && fresh
echo one > tree/etc/a
ln -s a tree/etc/link
ln -s /nowhere/"$(printf 'x\377')" tree/odd/broken
printf 'x\n' > "tree/odd/$(printf 'new\nline')"
printf 'x2\n' > "tree/odd/$(printf 'esc\033[2J\\n')"
printf 'x3\n' > "tree/odd/$(printf 'latin\351')"
printf 'x4\n' > "tree/odd/$long"
printf 'x5\n' > "tree/odd/deep/-rf"
: > tree/odd/empty
mkfifo tree/odd/fifo
truncate -s 3M tree/etc/sparse
printf end >> tree/etc/sparse
printf mid | dd of=tree/etc/sparse bs=1 seek=1M conv=notrunc status=none
chmod 4751 tree/etc/a
chmod 640 tree/etc/sparse
echo ro > tree/ro/file
chmod 555 tree/ro
touch -d '2024-01-01 01:02:03.123456789Z' tree/etc/a tree/odd
touch -hd '2023-05-05 05:05:05.5Z' tree/etc/link tree/ro
scan

# ---- one live file ----

get 0 "h1:$T/tree/etc/a" --to back
has_text "lget: h1:$T/tree/etc/a: from file:$T/tree/etc/a" err
cmp back/a tree/etc/a
[ "$(stat -c '%a %.9Y' back/a)" = "751 $(stat -c %.9Y tree/etc/a)" ] ||
    fail "mode and time: $(stat -c '%a %.9Y' back/a)"
get 2 "h1:$T/tree/etc/a" --to back
has_text 'a is there already' err
echo mine > back/a
get 2 "h1:$T/tree/etc/a" --to back
same_text back/a <<< mine
get 0 --force -q "h1:$T/tree/etc/a" --to back
cmp back/a tree/etc/a
same_text err < /dev/null
mkdir back/sparse
get 2 --force "h1:$T/tree/etc/sparse" --to back
has_text 'is a directory, and none is replaced' err
rmdir back/sparse
get 0 "h1:$T/tree/etc/sparse" --to back
cmp back/sparse tree/etc/sparse
[ "$(stat -c %b back/sparse)" -lt 200 ] || fail "holes are filled"
get 0 "h1:$T/tree/etc/link" --to back
[ "$(readlink back/link)" = a ] || fail "a link"
[ "$(stat -c %.9Y back/link)" = "$(stat -c %.9Y tree/etc/link)" ] ||
    fail "a link's time"
get 0 -O "h1:$T/tree/etc/a" "h1:$T/tree/odd/deep/-rf" "h1:$T/tree/etc/a"
same_text <<< $'one\nx5\none'
(cd back && expect_status 0 lget --config ../conf --store "$S" \
    "h1:$T/tree/odd/$(printf 'new\nline')" && cmp "$(printf 'new\nline')" \
    "../tree/odd/$(printf 'new\nline')")
nothing_half

# ---- what is wrong, and how it is told ----

told()	# STATUS TEXT ARGUMENT...
{
	get "$1" "${@:3}"
	has_text "$2" err
}
told 2 'nothing to bring back' --to back
told 2 'do not go with it' -O -r "h1:$T/tree"
told 2 'is no SERIES:/PATH' fstab
told 2 'No such file or directory' --to nowhere "h1:$T/tree/etc/a"
told 1 'the store has no such series' h2:/etc/a
told 1 'there is no such path' h1:/etc/nothing
told 1 'it was not there at 2020-01-01' "h1@2020-01-01:$T/tree/etc/a"
told 2 'is a directory: -r brings it back' "h1:$T/tree/etc"
told 1 'it has no content to print' -O "h1:$T/tree/odd/fifo"
expect_status 2 lget --store nowhere h1:/a
has_text 'there is no such store' err
# What can be had comes all the same.
fresh
get 1 --to back h1:/etc/nothing "h1:$T/tree/etc/a"
cmp back/a tree/etc/a
status=0
lget --config conf --store "$S" -O "h1:$T/tree/etc/a" > /dev/full 2> err ||
    status=$?
[ $status = 2 ] || fail "status $status when nothing can be written"

# ---- a directory, live and from an archive ----

shape()	# DIR: types, modes, times, sizes, links, names
{
	(cd "$1" && find . -printf '%y %m %T@ %s %l %P\0' | sed -z -E \
	    's/^(d [0-9]+ [^ ]+) [0-9]+/\1/' | sort -z | tr '\0\n' '\n?')
}
chmod 751 tree/etc/a	# setuid does not come without --owner
scan
fresh
get 0 -r "h1:$T/tree" --to back
has_text 'files from file:' err
diff -r -x fifo --no-dereference tree back/tree
shape tree > want
shape back/tree | same_text want
nothing_half
get 2 -r "h1:$T/tree" --to back
has_text 'tree is there already' err

archive full --format=pax
fresh
get 0 -r --force h1/backup/tree:/tree --to back
diff -r -x fifo --no-dereference tree back/tree
shape back/tree | same_text want
# No time is lost on files that the disk already holds.
get 0 -r --force h1/backup/tree:/tree --to back
shape back/tree | same_text want
fresh
get 0 -nr h1/backup/tree:/tree --to back
has_text "h1/backup/tree:/tree/etc: a directory"
[ -z "$(ls back)" ] || fail "-n wrote something"
# / is the target itself.
get 0 -r h1/backup/tree:/ --to back
shape back/tree | same_text want

if [ "$(id -u)" = 0 ]; then
	chown 1234:4321 tree/etc/a
	chown -h 11:12 tree/etc/link
	chmod 4755 tree/etc/a
	scan
	fresh
	get 0 --owner -r "h1:$T/tree/etc" --to back
	[ "$(stat -c '%u:%g %a' back/etc/a back/etc/link | head -n 1)" = \
	    '1234:4321 4755' ] || fail "owner and setuid"
	[ "$(stat -c %u:%g back/etc/link)" = 11:12 ] || fail "a link's owner"
	get 0 --force "h1:$T/tree/etc/a" --to back
	[ "$(stat -c '%u %a' back/a)" = '0 755' ] || fail "setuid by default"
	mknod tree/odd/dev c 1 3
	scan
	fresh
	get 3 -r "h1:$T/tree/odd" --to back
	has_text 'odd/dev: is a device, whose number no index holds' err
	cmp back/odd/deep/-rf tree/odd/deep/-rf
	get 1 "h1:$T/tree/odd/dev" --to back
	rm tree/odd/dev
fi

# ---- lines of lsearch ----

lines()	# ARGUMENT...: what lsearch prints comes back, whatever the name
{
	fresh
	lsearch --store "$S" --series h1 "$@" > found
	get 0 -q --to back - < found
	cmp "back/$(printf 'esc\033[2J\\n')" "tree/odd/$(printf 'esc\033[2J\\n')"
	cmp "back/$(printf 'latin\351')" "tree/odd/$(printf 'latin\351')"
}
both='/(esc|latin)[^/]*$'
lines --regex "$both"
lines -N --regex "$both"
lines --where --regex "$both"
lines -0 --regex "$both"
lines -0N --where --regex "$both"
lines --jsonl --where --regex "$both"
lines --at now --regex "$both"
fresh
lsearch --store "$S" --series h1 -0N --regex "new.line$" | lget --config conf \
    --store "$S" --to back - 2> /dev/null
cmp "back/$(printf 'new\nline')" "tree/odd/$(printf 'new\nline')"
for how in '' --where -N '-N --where'; do
	TERM=xterm script -qec "lsearch --store $S --series h1 $how --regex '$both'" \
	    /dev/null < /dev/null > terminal
	fresh
	sed 's/\r$//' terminal > lines
	get 0 -q --to back - < lines
	cmp "back/$(printf 'esc\033[2J\\n')" "tree/odd/$(printf 'esc\033[2J\\n')"
	cmp "back/$(printf 'latin\351')" "tree/odd/$(printf 'latin\351')"
done

# ---- another place, when the first one has it no longer ----

archive night1
echo two > tree/etc/a
scan
fresh
# The version before the change is in the archive only.
before=$(lsearch --store "$S" --series h1/backup/tree --regex '/a$')
get 0 --to back "$before"
has_text 'from archive:' err
same_text back/a <<< one
# Changed after the scan: the index does not know what is there.
echo three > tree/etc/a
fresh
told 1 'it has changed' "h1:$T/tree/etc/a" --to back
has_text 'nothing within reach holds it; it was last seen 20' err
rm tree/etc/a
told 1 'it is gone' "h1:$T/tree/etc/a" --to back
# The archive of one night is gone, the next has the file as well.
lindex scan --config conf --source archive:b/full.tar.zst --host h1 \
    --series h1/again --store "$S" 2> /dev/null
fresh
rm b/night1.tar.zst
get 0 --to back h1/backup/tree:/tree/odd/deep/-rf
has_text 'not from archive:' err
has_text 'night1.tar.zst: it is gone' err
rm b/full.tar.zst
fresh
told 1 'nothing within reach holds it' h1/backup/tree:/tree/etc/a --to back
has_text "archive:$T/b/full.tar.zst: it is gone" err
[ -z "$(ls -A back)" ] || fail "something of nothing"
# ---- where it could come from ----

# lsearch knows this host by its own name.
here=$(uname -n)
here=${here%%.*}
echo "host = $here" > conf.here
where()	# FORM SERIES [ABOVE]: what is said of one file
{
	lsearch --store where --where --series "$2" --regex '/deep/-rf$' |
	    cut -f 6,7 > out
	same_text <<< "$1	$2:${3:-}/tree/odd/deep/-rf"
}
mkdir 'b/o  d'
tar -cf 'b/o  d/w.tar' tree
for c in conf conf.here; do
	lindex scan --config $c --source 'archive:b/o  d/w.tar' --store where
	lindex scan --config $c -U "$T/tree" --prunepaths= --store where
done 2> /dev/null
where "archive $T/b/o\\x20\\x20d/w.tar" "$here/archive/w"
where "archive h1:$T/b/o\\x20\\x20d/w.tar" h1/archive/w
where live "$here" "$T"
lsearch --store where --where --series "$here/archive/w" --regex '/deep/-rf$' |
    expect_status 0 lget --config conf.here --store where -O -
same_text < tree/odd/deep/-rf
rm 'b/o  d/w.tar'
where "archive $T/b/o\\x20\\x20d/w.tar (gone)" "$here/archive/w"
lsearch --store where --where --jsonl --series "$here/archive/w" -b -- -rf > out
has_text '"where":[{"kind":"archive","origin":"archive://'
has_text '"gone":true}]'

# ---- what differs from the index is kept by another name ----

mkdir x
printf 12345 > x/file
touch -d '2025-12-31' x/file
tar -cf b/x.tar x
touch -d '2026-01-01' b/x.tar
lindex scan --config conf --source archive:b/x.tar --store "$S" 2> /dev/null
printf 123 > x/file
touch -d '2025-12-31' x/file
size=$(stat -c %s b/x.tar)
tar -cf b/x.tar x
touch -d '2026-01-01' b/x.tar
[ "$size" = "$(stat -c %s b/x.tar)" ] || fail "this test wants one size"
fresh
get 1 h1/archive/x:/x/file --to back
has_text 'has 3 bytes, and by the index 5' err
has_text 'is kept as back/file.partial' err
[ "$(ls -A back) $(cat back/file.partial)" = 'file.partial 123' ] ||
    fail "what is kept: $(ls -A back)"
# Another time or size of the archive: it is not even opened.
touch -d '2026-01-02' b/x.tar
fresh
get 1 h1/archive/x:/x/file --to back
has_text 'it has changed since it was indexed' err
[ -z "$(ls -A back)" ] || fail "something of a changed archive"

