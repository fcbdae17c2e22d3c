#!/bin/bash
# Databases that mlocate's format, plocate's updatedb and plocate-build, and
# GNU locate's format hold, and plain lists: the names that are in them, in path
# order, and which are directories.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires updatedb.plocate plocate plocate-build python3 od

source=$HELPERS/source

mkdir -p tree/{a,empty,'b c',.git/objects,pruned/deep,many}
mkdir -p tree/a/one/two
touch tree/a/one/two/f tree/a.b tree/a/z tree/.git/objects/x \
    tree/pruned/deep/f tree/'b c/back\slash' tree/$'b c/new\nline' \
    tree/$'b c/\xff\xfe' tree/-
(cd tree/many && seq -f 'some-name-%.0f' 5000 | xargs touch)
ln -s a tree/link
root=$T/tree
find "$root" -printf '%y\t\t\t%p\0' > tree.tsv

# What source says: "d PATH" or "- PATH", NUL ended, less notes.
items()	# FILE [OPTION...]
{
	local db=$1
	shift
	"$source" -0 "$@" list "locatedb:$db" > raw
	sed -zE '/^(outside|unread): /d; s/^(.)( -){5} /\1 /' raw
}
notes()	# of the last items
{
	sed -znE '/^(outside|unread): /p' raw | tr '\0' '\n'
}
about()	# TEXT FILE [OPTION...]
{
	local want=$1 db=$2
	shift 2
	"$source" "$@" about "locatedb:$db" > out
	same_text <<< "$want"
}

# In path order: a slash below every byte but what ends a name.
in_path_order()
{
	tr '/' '\1' | LC_ALL=C sort -z | tr '\1' '/'
}

find "$root" -print0 | in_path_order > names
python3 - names > typed <<-'END'
	import os, sys
	for p in open(sys.argv[1], 'rb').read().split(b'\0')[:-1]:
	    d = os.path.isdir(p) and not os.path.islink(p)
	    sys.stdout.buffer.write((b'd ' if d else b'- ') + p + b'\0')
END

echo "== mlocate"
"$HELPERS/mlocatedb" -r "$root" m.db tree.tsv
about "mlocate 0x1 ordered" m.db
items m.db | cmp - typed
[ -z "$(notes)" ]
# Its peer reads the same out of it.
plocate-build m.db mp.db
plocate -0 -d mp.db '' | sort -z > theirs
items m.db | sed -z 's/^..//' | grep -zavxF "$root" | sort -z | cmp - theirs

echo "== mlocate, with directories that were left out"
sed -zE "s,^d(.*/pruned)\$,x\\1,; \\,/pruned/,d" tree.tsv > left.tsv
"$HELPERS/mlocatedb" -r "$root" left.db left.tsv
grep -zavF /pruned/ typed | cmp - <(items left.db)
[ "$(notes)" = "outside: $root/pruned: " ]

echo "== plocate, by updatedb"
update()	# OPTION...
{
	updatedb.plocate -l no --prunefs= --prune-bind-mounts=no \
	    --prunepaths="${prunepaths:-}" --prunenames="${prunenames:-}" \
	    -U "$root" "$@"
}
same_as_theirs()	# FILE
{
	about "plocate 0x1 ordered" "$1"
	plocate -0 -d "$1" '' | sort -z > theirs
	items "$1" | sed -z 's/^..//' | grep -zavxF "$root" | sort -z | cmp - theirs
}
update -o u.db
same_as_theirs u.db
items u.db | cmp - typed
# Where one was there before it makes a dictionary of that.
update -o u.db
[ "$(od -An -tu4 -j44 -N4 u.db)" -gt 0 ] || fail "no dictionary"
same_as_theirs u.db
items u.db | cmp - typed
update -b 1 -o one.db
items one.db | cmp - typed
update -b 100000 -o all.db
items all.db | cmp - typed
prunepaths="$root/pruned $root/nothing" prunenames=.git update -o left.db
same_as_theirs left.db
[ "$(notes)" = "outside: $root/.git: 
outside: $root/pruned: " ] || fail "$(notes)"

echo "== plocate, by plocate-build"
about "plocate 0x1 ordered" mp.db
# What has nothing in it may be anything.
sed -zE "s,^d (.*/empty)\$,- \\1," typed | cmp - <(items mp.db)
find "$root" ! -name '*line' | shuf --random-source=names > lines
plocate-build -p lines pp.db
about "plocate 0x0" pp.db
sed 's/^/- /' lines | sort | cmp - <(items pp.db | tr '\0' '\n' | sort)

echo "== GNU locate"
python3 - names gnu.db <<-'END'
	import os, struct, sys
	last, was = b'', 0
	with open(sys.argv[2], 'wb') as f:
	    f.write(b'\0LOCATE02\0')
	    for p in sorted(open(sys.argv[1], 'rb').read().split(b'\0')[:-1]):
	        n = len(os.path.commonprefix([last, p]))
	        d = n - was
	        f.write(struct.pack('b', d) if -128 < d < 128 else
	                b'\x80' + struct.pack('>h', d))
	        f.write(p[n:] + b'\0')
	        last, was = p, n
END
about "gnu 0x0" gnu.db
sed -z 's/^/- /' names | sort -z | cmp - <(items gnu.db | sort -z)

echo "== lists"
about "list 0x0" names -o format=list
sed -z 's/^/- /' names | cmp - <(items names -o format=list)
sed 's/^/- /' lines | cmp - <(items lines -o format=list | tr '\0' '\n')
# An mlocate.db is no list of lines, whatever is asked for.
expect_status 2 "$source" -o format=plocate list "locatedb:$T/m.db"
has_text "not a database of plocate" err

echo "== what is none, or not whole"
refuses()	# TEXT FILE
{
	expect_status 2 "$source" list "locatedb:$T/$2"
	has_text "$1" err
	lacks_text died err
}
echo hello > none
refuses "no database that is known" none
: > nothing
refuses "no database that is known" nothing
mkdir dir
expect_status 2 "$source" list "locatedb:$T/dir"
cp u.db unfinished.db
printf '\xff\xff\xff\xff' | dd of=unfinished.db bs=1 seek=8 conv=notrunc status=none
refuses "unfinished database of plocate" unfinished.db
head -c 9000 m.db > cut.db
refuses "cut short at byte 9000" cut.db
has_text "unread: $root/many: the database breaks off"
lacks_text "$root/many/"
has_text "$root/pruned"
head -c -1 m.db > cut.db
refuses "cut short at byte" cut.db
head -c 9000 u.db > cut.db
refuses "cut short at byte 9000" cut.db
