#!/bin/bash
# The plugin fs gives the content of what lies below its directory, byte for
# byte, and of nothing else.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"

# Plugins lie beside the folder of who looks for them.
mkdir -p tool/bin tree/a/b
cp "$HELPERS/source" tool/bin
ln -s "$(realpath "$BIN/../plugins")" tool/plugins

content()	# PATH...: of the tree, to $T/out
{
	run_status tool/bin/source cat "file:$T/tree" "$@"
}

same_content()	# PATH: as it is below the tree
{
	content "$1"
	[ "$status" = 0 ] || fail "status $status: $1"
	cmp out "tree$1" || fail "$1 comes otherwise"
}

# Holes in front, between and behind; nothing; more than one piece.
printf begin > tree/a/holes
truncate -s 3M tree/a/holes
printf middle >> tree/a/holes
truncate -s 6M tree/a/holes
same_content /a/holes
truncate -s 1M tree/hole
printf end >> tree/hole
same_content /hole
truncate -s 1M tree/all-hole
same_content /all-hole
touch tree/empty
same_content /empty
head -c 3000001 /dev/urandom > tree/a/b/random
same_content /a/b/random
content /a/b/random /empty /hole
[ "$status" = 0 ] || fail "status $status for three files"
cat tree/a/b/random tree/empty tree/hole | cmp - out ||
    fail "three files come otherwise"

# A path longer than the kernel takes at once.
(
	cd tree
	name=$(printf 'n%.0s' {1..250})
	for _ in {1..20}; do
		mkdir "$name"
		cd "$name"
	done
	echo deep > file
)
deep=$(printf "/$(printf 'n%.0s' {1..250})%.0s" {1..20})/file
content "$deep"
[ "$status" = 0 ] || fail "status $status for a long path"
same_text <<< deep
tool/bin/source list "file:$T/tree" > got

has_text "$deep" got

# What is no file, or leads out, has no content.
echo secret > secret
ln -s "$T/secret" tree/link
ln -s "$T" tree/out
mkfifo tree/fifo
mkdir tree/dir
for path in /link /out/secret /fifo /dir / /nowhere /empty/x /../secret \
    /a/../../secret; do
	content "$path"
	[ "$status" = 1 ] || fail "status $status for $path"
	[ ! -s out ] || fail "$path has content"
done
