#!/bin/bash
# What lsearch finds: patterns, hosts, times, states; its statuses and messages.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

feed=${HELPERS%/tools}/bench/feed
mkdir lists
entry()	# SIGN TYPE SIZE PATH
{
	printf '%s\t%s\t%s\t1704000000000000000\t%s\n' "$@"
}

# web01: three nights; app.conf changes and is deleted, new.txt comes.
{ entry + d 4096 /etc; entry + f 10 /etc/app.conf; entry + f 20 /etc/App.CONF
  entry + f 5 /etc/fstab; entry + f 7 '/srv/a*b'; entry + f 8 /srv/axb
} | cut -f2- > lists/base.tsv
entry '~' f 12 /etc/app.conf > lists/d001.delta
{ printf -- '-\t/etc/app.conf\n'; entry + f 1 /srv/new.txt
} > lists/d002.delta
"$feed" --store store --series web01 lists/base.tsv lists/d001.delta lists/d002.delta
entry + f 99 /etc/fstab | cut -f2- > lists/other.tsv
"$feed" --store store --series web02 lists/other.tsv
"$feed" --store store --series web02/import lists/other.tsv

L=(lsearch --store store)

# ---- the columns ----
expect_status 0 "${L[@]}" app.conf
same_text <<END
2024-01-01 00:00:00	2024-01-02 00:00:00	deleted	2	12	web01:/etc/app.conf
END
expect_status 0 "${L[@]}" fstab
same_text <<END
2024-01-01 00:00:00	2024-01-03 00:00:00	present	1	5	web01:/etc/fstab
2024-01-01 00:00:00	2024-01-01 00:00:00	present	1	99	web02:/etc/fstab
2024-01-01 00:00:00	2024-01-01 00:00:00	present	1	99	web02/import:/etc/fstab
END

# ---- patterns ----
finds()	# EXPECTED (references, space between) ARGUMENT...
{
	local want=$1 got
	shift
	got=$({ "${L[@]}" -N "$@" || [ $? = 1 ]; } | tr '\n' ' ')
	[ "${got% }" = "$want" ] || fail "$*: \"$got\" instead of \"$want\""
}
finds 'web01:/etc/App.CONF web01:/etc/app.conf' -i APP.conf
finds 'web01:/etc/app.conf' etc conf
finds 'web01:/etc/app.conf' '/etc/a*'
finds 'web01:/srv/a*b' 'a\*b'
finds 'web01:/srv/a*b web01:/srv/axb' '*a?b'
finds '' 'a?b'
finds 'web01:/srv/a*b web01:/srv/axb' -b 'a?b'
finds 'web01:/srv/axb' -b '[!z]x?'
finds 'web01:/etc' -b etc
finds 'web01:/etc/app.conf' -r 'p\{2\}\.c'
finds 'web01:/etc/app.conf' --regex '^/.*p{2}\.c|nothing$'
finds 'web01:/srv/new.txt' --regex '\bnew\b'
finds 'web01:/etc/App.CONF web01:/etc/app.conf' --regex '(p)\1'

# ---- hosts, states, times ----
finds 'web01:/etc/fstab' -H web01 fstab
finds 'web02:/etc/fstab web02/import:/etc/fstab' -H '*2' fstab
finds 'web02/import:/etc/fstab' --series '*/import' fstab
finds 'web01:/etc/app.conf' -E /
finds 'web01:/srv/new.txt' -e new
finds '' -e app.conf
finds 'web01@2024-01-02T00:00:00Z:/etc/app.conf' --at 2024-01-02 app.conf
finds '' --at 2024-01-03 app.conf
finds 'web01@2024-01-03T00:00:00Z:/etc/app.conf' --at 2024-01-03 -E app.conf
finds '' --at 2023-12-31 fstab
finds '' --since 2024-01-03 app.conf
finds 'web01:/etc/app.conf' --since 2024-01-02 --until '2024-01-02 00:00' app.conf
expect_status 0 "${L[@]}" --until '2024-01-01 12:00' app.conf
same_text <<END
2024-01-01 00:00:00	2024-01-01 00:00:00	deleted	1	10	web01:/etc/app.conf
END
expect_status 0 "${L[@]}" --at '2024-01-02 12:00' app.conf
same_text <<END
2024-01-01 00:00:00	2024-01-02 00:00:00	present	2	12	web01@2024-01-02T00:00:00Z:/etc/app.conf
END

# ---- counts and limits ----
[ "$("${L[@]}" -c etc)" = 6 ] || fail "count"
[ "$("${L[@]}" -c -l 2 etc)" = 2 ] || fail "count with a limit"
[ "$("${L[@]}" -l 1 fstab | wc -l)" = 1 ] || fail "limit"
[ "$("${L[@]}" -n 1 fstab | wc -l)" = 1 ] || fail "-n"
[ "$("${L[@]}" -0 -N -l 2 fstab | tr '\0' ' ')" = 'web01:/etc/fstab web02:/etc/fstab ' ] ||
    fail "-0"
expect_status 1 "${L[@]}" -c nowhere
same_text <<< 0

# ---- what is wrong, and how it is told ----
told()	# STATUS TEXT ARGUMENT...
{
	local want=$1 text=$2
	shift 2
	expect_status "$want" "$@"
	has_text "$text" err
	[ ! -s out ] || fail "output with an error: $*"
}
expect_status 1 "${L[@]}" nowhere
[ ! -s err ] || fail "a message for nothing"
told 2 'no pattern given' "${L[@]}"
told 2 'an empty pattern' "${L[@]}" ''
told 2 'an empty pattern' "${L[@]}" --regex ''
told 2 'not closed' "${L[@]}" 'a[b'
told 2 'ends in a backslash' "${L[@]}" a\\
told 2 "pattern '(a'" "${L[@]}" --regex '(a'
told 2 'too large' "${L[@]}" --regex '((a{200}){200}){200}'
told 2 'nested' "${L[@]}" --regex "$(printf '(%.0s' {1..200})a$(printf ')%.0s' {1..200})"
told 2 'the time range is impossible' "${L[@]}" --since 2024-02-01 --until 2024-01-01 a
told 2 '--since and --until do not go with it' "${L[@]}" --at 2024-02-01 --until 2024-01-01 a
told 2 '"min" or "mo"' "${L[@]}" --since '3m ago' a
told 2 "no host in the store matches 'db*'" "${L[@]}" -H 'db*' a
told 2 "no series in the store matches 'db*'" "${L[@]}" --series 'db*' a
told 2 'leave nothing' "${L[@]}" -e -E a
told 2 'is not a number' "${L[@]}" -l 0 a
told 2 'is not a number' "${L[@]}" -l x a
told 2 '--jsonl does not go' "${L[@]}" --jsonl -c a
told 2 'one store at a time' "${L[@]}" --store other a
told 2 'there is no such store' lsearch --store nowhere a
told 2 "try 'lsearch --help'" "${L[@]}" --nonsense a
mkdir empty
told 2 'empty' lsearch --store empty a
run_status "${L[@]}" fstab > /dev/full
status=0
"${L[@]}" fstab > /dev/full 2> err || status=$?
[ $status = 2 ] || fail "status $status when nothing can be written"
has_text 'cannot write' err

# ---- old hosts ----
expect_status 0 "${L[@]}" -N -H web01 fstab
told 3 'web01: the last snapshot is' "${L[@]}" --strict nowhere
expect_status 0 "${L[@]}" --strict --max-age 90y fstab
expect_status 0 "${L[@]}" --max-age 1d fstab
has_text 'web02: the last snapshot is' err
# Other series end with their sources; they count where no live one is searched,
# the newest of a host for all.
lacks_text 'web02/import' err
"$feed" --store store --series web-3/backup/etc lists/other.tsv
"$feed" --store store --series web-3/backup/home lists/base.tsv lists/d001.delta
"$feed" --store store --series web-3/import lists/other.tsv
expect_status 3 "${L[@]}" --strict -H 'web-3' fstab
same_text err <<< 'lsearch: warning: web-3/backup/home: the last snapshot is 2 years old'
expect_status 3 "${L[@]}" --strict --series '*/import' fstab
[ "$(grep -c 'import: the last' err)" = 2 ] || fail "$(cat err)"
expect_status 3 "${L[@]}" -q --strict fstab
[ ! -s err ] || fail "messages in spite of -q"

# ---- locate's other spellings ----
expect_status 0 lsearch -d store -A -w fstab
expect_status 0 lsearch --database store --wholename --all fstab
expect_status 0 "${L[@]}" --help
for word in --basename --wholename --ignore-case --regexp --regex --count --limit \
    --null --quiet --host --series --at --since --until --existing --deleted \
    --paths-only --jsonl --strict --max-age --store; do
	has_text "$word"
	grep -q -e "Fl ${word/--/\\\\-}" "$TOP/man/lsearch.1" ||
	    fail "$word is not in the manual"
done
expect_status 0 "${L[@]}" --version
has_text Lookback
