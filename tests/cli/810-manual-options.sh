#!/bin/bash
# Every option that --help lists is in the manual, and the other way round.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"

# Options of a help text: of lines that begin with one, up to their text.
of_help()
{
	sed -nE 's/^ +(-.*)/\1/p' | sed 's/  .*//' |
	    grep -oE '(^|[ ,])--?[A-Za-z0-9][A-Za-z-]*' | tr -d ' ,' | sort -u
}

# Options of a manual's lists: .It Fl e , Fl \-still-there
of_manual()	# the text is on stdin
{
	sed -e ':a' -e '/\\$/ { N; s/\\\n//; ba' -e '}' |
	    { grep -E '^\.It .*Fl ' || true; } |
	    sed -E 's/Fl (Fl |\\?-)/\n--/g; s/Fl /\n-/g' |
	    { grep -oE '^--?[A-Za-z0-9][A-Za-z-]*' || true; } | sort -u
}

same_options()	# WHAT: help.text and manual.text list the same
{
	of_help < help.text > help.options
	of_manual < manual.text > manual.options
	[ -s help.options ] || fail "no options in the help of $1"
	diff -u --label "--help" --label "manual" help.options manual.options >&2 ||
	    fail "--help and the manual of $1 differ"
}

for c in lsearch lget; do
	$c --help > help.text
	cp "$TOP/man/$c.1" manual.text
	same_options $c
done

# Each command of lindex has its section, and some share one. The manual says
# once that all take --help.
lindex --help > commands
for group in scan run push repo receive enrol import prune compact check \
    "hosts snapshots stats"; do
	: > help.text
	for c in $group; do
		sed -i "/^  $c /d" commands
		lindex "$c" --help | sed '/^ *-h, --help/d' >> help.text
	done
	# run takes what scan takes
	awk -v s="lindex ${group%% *}" -v run="lindex run" '/^\.S[sh] / {
		on = index($0, s) > 0 || s == run && index($0, "lindex scan")
	} on' "$TOP/man/lindex.8" | sed '/^\.It Fl h , /d' > manual.text
	same_options "lindex $group"
done
! grep '^  [a-z]' commands || fail "a command that is not in this test"

# Each command of labrouter has its section, whether it has options or not.
labrouter --help | sed -nE 's/^  ([a-z]+) .*/\1/p' > commands
[ -s commands ] || fail "labrouter has no commands"
while read -r c; do
	grep -qx "\.Ss labrouter $c" "$TOP/man/labrouter.8" ||
	    fail "the manual lacks labrouter $c"
	labrouter "$c" --help > help.text
	! grep -E '^.{81}' help.text || fail "$c --help: too long lines"
	sed '/^ *-h, --help/d' help.text |
	    { of_help || true; } > help.options
	awk -v s=".Ss labrouter $c" '/^\.S[sh] / { on = $0 == s } on' \
	    "$TOP/man/labrouter.8" | of_manual > manual.options
	diff -u help.options manual.options >&2 ||
	    fail "--help and the manual of labrouter $c differ"
done < commands
sed -n 's/^\.Ss labrouter //p' "$TOP/man/labrouter.8" > sections
same_text commands < sections
