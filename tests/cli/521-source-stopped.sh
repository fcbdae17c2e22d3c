#!/bin/bash
# lindex scan --source that is stopped or killed in the middle: nothing was
# committed, and nothing is left of it.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"

S=$T/store
printf 'host = web01\nstore = %s\n' "$S" > plain.conf
mkdir tree
(cd tree && seq -f "$(printf 'x%.0s' {1..150})%05g" 5000 | xargs touch)
expect_status 0 lindex scan --config plain.conf --source file:tree
(cd tree && seq -f "$(printf 'y%.0s' {1..150})%05g" 5000 | xargs touch)

# It prints more than the pipe takes, and waits in the middle.
begin()
{
	rm -f hold
	mkfifo hold
	exec 8<> hold
	lindex scan --config plain.conf --source file:tree -v \
	    < /dev/null > hold 2> err 8>&- &
	pid=$!
	IFS= read -r _ <&8
	child=$(tr -d ' ' < "/proc/$pid/task/$pid/children")
	[ -n "$child" ] || fail "there is no process of the source"
}

ended()	# nothing of it is there any more
{
	exec 8>&-
	wait_until 20 is_gone "$child"
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
kill -KILL "$pid"
wait "$pid" 2> /dev/null || true
ended
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
