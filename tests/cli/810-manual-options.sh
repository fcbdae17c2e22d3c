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
of_manual()	# FILE
{
	sed -e ':a' -e '/\\$/ { N; s/\\\n//; ba' -e '}' "$1" |
	    grep -E '^\.It .*Fl ' |
	    sed -E 's/Fl (Fl |\\?-)/\n--/g; s/Fl /\n-/g' |
	    grep -oE '^--?[A-Za-z0-9][A-Za-z-]*' | sort -u
}

compare()	# MANUAL: the help texts are on stdin
{
	of_help > help.options
	of_manual "$TOP/man/$1" > manual.options
	[ -s help.options ] || fail "no options in the help of $1"
	diff -u --label "--help" --label "$1" help.options manual.options >&2 ||
	    fail "--help and $1 differ"
}

lsearch --help | compare lsearch.1

lindex --help > commands
has_text scan commands
{
	cat commands
	sed -nE 's/^  ([a-z]+) .*/\1/p' commands | while read -r c; do
		lindex "$c" --help
		grep -qE "^\.(Ss|It Cm|It Nm) .*\b$c\b" "$TOP/man/lindex.8" ||
		    echo "  --command-$c-has-no-section-in-the-manual"
	done
} | compare lindex.8
