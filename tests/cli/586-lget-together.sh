#!/bin/bash
# Several things brought back in one run: none takes another's place, and one that
# cannot be stops no other. And lget among odd companions: nobody who reads, no
# standard descriptors, ends of children that are ignored.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
requires python3 tar

echo 'host = srv' > conf
mkdir b back
S=$T/store
get()	# STATUS ARGUMENT...
{
	expect_status "$1" lget --config conf --store "$S" --to back "${@:2}"
}
fresh()
{
	rm -rf back
	mkdir back
}
inside()	# what is in back: NAME CONTENT
{
	(cd back && find . -type f -printf '%P ' -exec cat {} \; | sort) > inside
	same_text inside
}

long=$(printf 'n%.0s' {1..300})
python3 - "$long" <<'END'
import io, sys, tarfile
def add(t, name, data, mtime=1700000000):
    i = tarfile.TarInfo(name)
    i.mtime, i.size = mtime, len(data)
    t.addfile(i, io.BytesIO(data))
with tarfile.open("b/t.tar", "w", format=tarfile.PAX_FORMAT) as t:
    add(t, "one/x", b"one\n")
    add(t, "two/x", b"two\n")
    add(t, "one/x.partial", b"whole\n")
    add(t, sys.argv[1], b"long\n")
    # A time that no file system has.
    add(t, "late/x", b"late\n", 2**40)
    i = tarfile.TarInfo("link/x")
    i.type, i.linkname = tarfile.SYMTYPE, "../one/x"
    t.addfile(i)
END
expect_status 0 lindex scan --config conf --source archive:b/t.tar \
    --series srv/t --store "$S"

# A name that is too long here.
get 2 "srv/t:/$long" srv/t:/one/x
has_text 'File name too long' err
inside <<< 'x one'

# Of two of one name the first comes, and the other one is refused, whatever
# they are and in whichever order they lie there.
for force in '' --force; do
	fresh
	get 2 $force srv/t:/two/x srv/t:/one/x
	has_text 'srv/t:/one/x: x is the name of another one that was asked for' err
	inside <<< 'x two'
	fresh
	get 2 $force srv/t:/one/x srv/t:/link/x
	inside <<< 'x one'
	fresh
	get 2 $force srv/t:/one/x srv/t:/two
	[ ! -e back/two ] || fail "a directory without -r"
	get 0 --force -r srv/t:/two
done
# The same version in two series of a host, as a search finds it, is one.
fresh
expect_status 0 lindex scan --config conf --source archive:b/t.tar \
    --series srv/again --store "$S"
get 0 srv/t:/one/x srv/again:/one/x
inside <<< 'x one'
fresh
get 2 srv/t:/one/x srv/again:/two/x
get 1 srv:/one/x
has_text 'no such series; of that host it has srv/again, srv/t' err
fresh
mkdir other
tar -C other -cf b/other.tar --transform s,.,one, .
expect_status 0 lindex scan --config conf --source archive:b/other.tar \
    --series srv/other --store "$S"
get 2 -r --force srv/t:/one srv/other:/one
inside <<< $'one/x one\none/x.partial whole'
# To stdout they have no names.
expect_status 0 lget --config conf --store "$S" -O srv/t:/two/x srv/t:/one/x
same_text <<< $'two\none'

for i in {1..600}; do
	echo "srv/t:/$((i % 2 ? 1 : 2))/x"
done | sed 's,/1/,/one/,; s,/2/,/two/,' > many
expect_status 0 lget --config conf --store "$S" -qO - < many
cut -d/ -f 3 many | same_text

# An archive is read once, whatever is printed of it and how often: one that is
# cut off says so each time.
mkdir lot
(cd lot && seq 600 | split -l 1 -a 4)
cat lot/* > numbers
truncate -s 100K end
tar -cf b/lot.tar lot end
truncate -s -50K b/lot.tar
expect_status 3 lindex scan --config conf --source archive:b/lot.tar \
    --series srv/lot --store "$S"
(cd lot && printf 'srv/lot:/lot/%s\n' * *) > many
expect_status 0 lget --config conf --store "$S" -qO - < many
cat numbers numbers | same_text
[ "$(grep -c 'cut off' err)" = 1 ] || fail "the archive was read again"

# What is only a part never takes the place of what is whole.
fresh
get 0 srv/t:/one/x.partial
get 1 --force srv/t:/late/x
has_text 'is kept as back/.lget-' err
grep -q '^whole$' back/x.partial || fail "a part took the place of a file"

# ---- companions ----

fresh
# Nobody reads what it says.
(
	set +e
	trap - ERR
	lget --config conf --store "$S" --to back -v srv/t:/one/x 2>&1 > /dev/null |
	    exec true
	exit "${PIPESTATUS[0]}"
) || fail "status $? where nobody reads"
inside <<< 'x one'
fresh
lget --config conf --store "$S" --to back srv/t:/one/x <&- >&- 2>&-
inside <<< 'x one'
fresh
python3 - lget --config conf --store "$S" --to back srv/t:/one/x <<'END'
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.signal(signal.SIGPIPE, signal.SIG_IGN)
os.execvp(sys.argv[1], sys.argv[1:])
END
inside <<< 'x one'
