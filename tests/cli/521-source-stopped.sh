#!/bin/bash
# lindex scan --source that is stopped or killed in the middle: nothing was
# committed, and nothing is left of it.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires bsdtar

S=$T/store
printf 'host = web01\nstore = %s\n' "$S" > plain.conf
mkdir tree
(cd tree && seq -f "$(printf 'x%.0s' {1..150})%05g" 5000 | xargs touch)
expect_status 0 lindex scan --config plain.conf --source file:tree
(cd tree && seq -f "$(printf 'y%.0s' {1..150})%05g" 5000 | xargs touch)

# It prints more than the pipe takes, and waits in the middle.
begin()	# [URI]
{
	rm -f hold
	mkfifo hold
	exec 8<> hold
	lindex scan --config plain.conf --source "${1:-file:tree}" -v \
	    < /dev/null > hold 2> err 8>&- &
	pid=$!
	IFS= read -r _ <&8
	has_child || fail "there is no process of the source"
}

has_child()
{
	child=$(tr -d ' ' < "/proc/$pid/task/$pid/children")
	[ -n "$child" ]
}

# Killed; what it had in hand is gone with the next one that opens the store.
kill_it()
{
	kill -KILL "$pid"
	wait "$pid" 2> /dev/null || true
	lindex compact --store "$S" > out
	ended
	[ -z "$(ls -A "$S/tmp")" ] || fail "something is left in the store"
}

ended()	# nothing of it is there any more
{
	exec 8>&-
	wait_until 60 is_gone "$child"
	[ "$(n_snapshots "$S" web01)" = 1 ] || fail "something was committed"
}

is_gone()	# PID: also where nobody has waited for it yet
{
	[ ! -e "/proc/$1" ] || grep -q '^State:.*Z' "/proc/$1/status"
}

for signal in INT TERM; do
	begin
	kill -s $signal "$pid"
	cat < hold > /dev/null 8>&- &
	exec 8>&-
	status=0
	wait "$pid" || status=$?
	wait
	[ "$status" = 2 ] || fail "status $status after $signal"
	has_text "nothing was committed" err
	ended
	[ -z "$(ls -A "$S/tmp")" ] || fail "something is left in the store"
done

begin
kill_it

# It stands still once it has read a million bytes of the twelve that come.
in_the_middle()
{
	local n
	has_child || return
	kill -STOP "$pid"
	n=$(sed -n 's/^rchar: //p' "/proc/$pid/io")
	[ "$n" -lt 1000000 ] || return 0
	kill -CONT "$pid"
	return 1
}

# An archive, which is sorted first: in the middle of that ...
awk 'BEGIN {
	print "#mtree"
	for (i = 0; i < 400000; i++)
		printf "./d%03d/%07d type=file mode=0644 uid=0 gid=0 size=0\n",
		    i % 700, i
}' > list
bsdtar --zstd -cf big.tar.zst @list
lindex scan --config plain.conf --source archive:big.tar.zst < /dev/null \
    2> err &
pid=$!
wait_until 60 in_the_middle
kill_it
# ... and when it is recorded.
begin archive:big.tar.zst
[ -n "$(ls -A "$S/tmp")" ] || fail "nothing was being written"
kill_it

expect_status 0 lindex scan --config plain.conf --source file:tree -v
has_text "5001 new or changed" err
[ -z "$(ls -A "$S/tmp")" ] || fail "something is left in the store"

# The source's own process is killed: what came counts, and it is told.
(cd tree && seq -f "$(printf 'z%.0s' {1..150})%05g" 5000 | xargs touch)
begin
kill -STOP "$pid"
kill -KILL "$child"
kill -CONT "$pid"
cat < hold > /dev/null 8>&- &
exec 8>&-
status=0
wait "$pid" || status=$?
wait
[ "$status" = 3 ] || fail "status $status after the source died"
has_text "its process died: Killed" err
clean_store "$S"
