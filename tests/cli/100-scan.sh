#!/bin/bash
# lindex scan of strange and changing trees: what is there is recorded.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"

S=$T/store
cat > plain.conf <<END
host = web01
store = $S
[Scan]
prunefs =
prunenames =
prunepaths =
prune-bind-mounts = no
END

scan()	# OPTION...
{
	lindex scan --config "$T/plain.conf" "$@" < /dev/null
}

listing()	# OPTION...
{
	"$HELPERS/listing" "$@" "$S" web01
}

same_listing()	# DIR: the store lists what is below it, as find does
{
	find "$1" -print0 | LC_ALL=C sort -z > want
	listing -0 | LC_ALL=C sort -z > got
	cmp want got || fail "the listing is not the tree"
}

# ---- names of any byte, every type, links to nowhere ----

mkdir -p tree/deep
# shellcheck disable=SC1003
printf '%s\0' $'a\nb' $'tab\t' ' ' '-v' '*' '\' $'\xff\xfe' $'\x01' \
    "$(printf 'x%.0s' {1..255})" 'ü' $'\x1b[31m' | (cd tree && xargs -0 touch --)
ln -s /nowhere tree/dangling
ln -s . tree/deep/loop
mkfifo tree/fifo
truncate -s 5G tree/sparse
touch -d '1901-12-14 00:00:00.123456789' tree/old
touch -d '2200-01-01' tree/future
expect_status 0 scan -U "$T/tree"
has_text "leaves out what is below" err
same_listing "$T/tree"
listing -l > list
has_text "f 5368709120 put $T/tree/sparse" list
has_text "p 0 put $T/tree/fifo" list
expect_status 0 scan -U "$T/tree/deep/.." -v
lacks_text "leaves out" err
has_text "0 new or changed, 0 gone, 0 unseen" err
has_text "$T/tree/fifo"

# ---- changes, and the same along a scan cache ----

# The names alone, again and again, with everything changed in between.
step=0
change()
{
	step=$((step + 1))
	mkdir -p "tree/d$step/sub"
	touch "tree/d$step/file$step" "tree/deep/f$((step % 3))"
	rm -rf "tree/d$((step - 3))" "tree/deep/f$(((step + 1) % 3))"
	[ $step != 4 ] || { rm tree/fifo; mkdir tree/fifo; }
	[ $step != 5 ] || mv tree/d4 tree/deep/moved
}
for _ in 1 2 3 4 5 6 7; do
	change
	expect_status 0 scan -U "$T/tree"
	same_listing "$T/tree"
done
for _ in 1 2 3 4 5 6 7; do
	change
	expect_status 0 scan --names-only -U "$T/tree"
	same_listing "$T/tree"
done
[ -s "$S/series/web01.scan" ] || fail "no scan cache"
touch -d '10 days ago' tree
# A full scan, and a store put back from a backup: the cache is not for them.
cp -a "$S" backup
change
expect_status 0 scan --names-only -U "$T/tree"
cp "$S/series/web01.scan" newer
rm -rf "$S"
mv backup "$S"
cp newer "$S/series/web01.scan"
expect_status 0 scan --names-only -U "$T/tree"
same_listing "$T/tree"
# Damaged: as if it was not there.
printf 'x' | dd of="$S/series/web01.scan" bs=1 seek=40 conv=notrunc 2> /dev/null
change
expect_status 0 scan --names-only -U "$T/tree"
same_listing "$T/tree"
# Sizes stay, that an earlier scan saw.
listing -l > list
has_text "f 5368709120 put $T/tree/sparse" list
expect_status 0 lindex check --store "$S"

# ---- deeper than PATH_MAX, a directory of many names ----

rm -rf tree
mkdir tree
(
	cd tree
	name=$(printf 'n%.0s' {1..200})
	for _ in {1..40}; do
		mkdir "$name" zz
		touch zz/file
		# The path is too long for bash to keep it.
		cd -P "$name" 2> /dev/null || cd "./$name"
	done
) 2> /dev/null || true
mkdir tree/many
(cd tree/many && seq -f '%.0f a name among many' 1 40000 | xargs -d '\n' touch)
expect_status 0 scan -U "$T/tree"
find tree | wc -l > want
listing | wc -l > got
cmp want got || fail "$(cat got) paths, not $(cat want)"
[ "$(listing | awk '{ if (length > m) m = length } END { print m }')" -gt 8000 ] ||
    fail "nothing below PATH_MAX"
expect_status 0 lindex check --store "$S"

# ---- what cannot be scanned ----

expect_status 2 scan -U "$T/nowhere"
has_text "$T/nowhere: No such file" err
expect_status 2 scan -U "$T/plain.conf"
has_text "Not a directory" err
expect_status 2 scan --prune-bind-mounts maybe
has_text "maybe" err
expect_status 2 scan -l maybe
expect_status 2 scan word
has_text '"word" is not an option' err
expect_status 2 scan --host 'a/b'
expect_status 2 scan -U ''
has_text "the name of the directory to scan is empty" err
expect_status 2 lindex scan --config ''
has_text "the name of the settings' file is empty" err
expect_status 2 scan -e "$T//tree"
has_text "\"$T//tree\": want an absolute path without \"//\"" err
expect_status 2 lindex scan --config "$T/none.conf"
has_text "none.conf" err
expect_status 0 lindex scan --help
echo 'x' > file
expect_status 2 scan -U "$T/tree" --store "$T/file"
has_text "$T/file" err

# ---- two at once, and signals ----

mkdir -p two
mkfifo two.hold
# A reader that takes nothing holds a verbose scan in its middle.
exec 9<> two.hold
for i in {1..3000}; do echo "$i"; done | (cd two && xargs -I{} touch "{} $(printf 'y%.0s' {1..100})")
lindex scan --config "$T/plain.conf" -U "$T/two" -v > two.hold 2> first.err &
first=$!
holds() { [ -s "$S/series/web01.lock" ] && grep -q "$first" "$S/series/web01.lock"; }
wait_until 60 holds
expect_status 2 scan -U "$T/two"
has_text "web01 is being recorded by process $first (lindex scan)" err
before=$(lindex snapshots --store "$S" | wc -l)
kill -TERM $first
cat <&9 > /dev/null &
reader=$!
status=0
wait $first || status=$?
kill $reader
[ $status = 2 ] || fail "status $status after SIGTERM"
has_text "nothing was committed" first.err
[ "$(lindex snapshots --store "$S" | wc -l)" = "$before" ] ||
    fail "a stopped scan committed"
expect_status 0 lindex check --store "$S"
[ -z "$(ls "$S/tmp")" ] || fail "a temporary stayed"

# ---- killed anywhere, the store is whole ----

for ms in 1 5 10 20 40 60 80 100 130 160 200; do
	lindex scan --config "$T/plain.conf" -U "$T/tree" > /dev/null 2>&1 < /dev/null &
	pid=$!
	sleep "0.$(printf %03d $ms)"
	kill -KILL $pid 2> /dev/null || true
	wait $pid 2> /dev/null || true
	touch "tree/after$ms"
	expect_status 0 lindex check --store "$S"
done
expect_status 0 scan -U "$T/tree"
[ -z "$(ls "$S/tmp")" ] || fail "a temporary stayed"
find tree | wc -l > want
listing | wc -l > got
cmp want got || fail "$(cat got) paths, not $(cat want)"
expect_status 0 lindex check --store "$S"
