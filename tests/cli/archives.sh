# Sourced after lib.sh by tests of archives: a tree, and what a source lists
# beside what find sees.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

SOURCE=$HELPERS/source

# DIR: files of every kind, names of every kind that UTF-8 has
make_tree()
{
	local deep
	deep=$(printf 'deep-directory-with-a-long-name-%s/' {1..10})
	mkdir -p "$1/empty" "$1/sub dir/x" "$1/$deep"
	(
		cd "$1" || exit
		echo hello > plain
		: > nothing
		echo one > 'sub dir/two  spaces'
		echo esc > "$(printf 'sub dir/back\\slash')"
		echo nl > "$(printf 'sub dir/new\nline')"
		echo utf > 'sub dir/größe-日本語'
		echo x > "${deep}file"
		head -c 100000 /dev/urandom > random
		echo '#!/bin/sh' > program
		chmod 4755 program
		chmod 0600 plain
		ln program hard
		ln -s plain link
		ln -s "$(printf '%0120d' 0)/somewhere" 'sub dir/x/long-link'
		mkfifo fifo
		touch -d '2001-02-03 04:05:06.123456789' plain
		touch -d '1975-01-01 00:00:01.5' nothing
		touch -h -d '2010-10-10 10:10:10.25' link
		[ "$(id -u)" != 0 ] || {
			mknod char c 1 3
			mknod block b 7 0
			chown 1234:4321 random
		}
	)
}

# TYPES DIGITS OWNER: reads items (NUL behind each), keeps these types, so many
# digits of the nanoseconds, and the owner ("all", "not-root", "none"); without
# the root, of a path the last one, sorted
reduced()
{
	tr '\n\0' '?\n' | LC_ALL=C awk -v types="$1" -v digits="$2" \
	    -v owner="$3" '
	{
		if (index(types, $1) == 0 || $7 == "/")
			next
		if ($1 != "f")
			$5 = "-"
		dot = index($6, ".")
		$6 = substr($6, 1, dot - (digits == 0) + digits)
		if (owner == "none" || (owner == "not-root" && $3 == 0 && $4 == 0))
			$3 = $4 = "-"
		path = $7
		for (i = 8; i <= NF && $i != "->"; i++)
			path = path " " $i
		last[path] = $0
	}
	END {
		for (path in last)
			print last[path]
	}' | LC_ALL=C sort
}

tree_items()	# DIR: what find sees
{
	local f='%y %m %U %G %s %T@ /%P'
	find "$1" \( -type l -printf "$f -> %l\0" \) -o -printf "$f\0"
}

# ARCHIVE DIR TYPES DIGITS OWNER [OPTION...]: the archive lists the tree
same_items()
{
	local archive=$1 dir=$2
	tree_items "$dir" | reduced "${@:3:3}" > "$T/tree.items"
	"$SOURCE" -0 "${@:6}" list "archive:$archive" > "$T/all.items" \
	    2> "$T/err" || fail "$archive: $(cat "$T/err")"
	reduced "${@:3:3}" < "$T/all.items" > "$T/archive.items"
	[ -s "$T/archive.items" ] || fail "$archive: nothing is listed"
	diff -u "$T/tree.items" "$T/archive.items" >&2 ||
	    fail "$archive: not as the tree"
	! grep -zE '^(unread|unlooked|outside): ' "$T/all.items" ||
	    fail "$archive: not whole"
}

about()	# FORMAT ARCHIVE [WORD]: it says that of itself
{
	"$SOURCE" about "archive:$2" > "$T/out"
	same_text <<< "$1 0x3f${3:+ $3}"
}
