#!/bin/bash
# Settings, names, patterns and times that cannot be: the message names the
# thing and the cause, the status is 2, and nothing was made.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"

mkdir tree
: > tree/file
: > authorized_keys

nothing_made()
{
	[ ! -e store ] || fail "a store was made"
	[ ! -s authorized_keys ] || fail "a key was enrolled"
}

# ---- settings: FILE LINE of the fault, and what is said of it ----

refused()	# LINE TEXT CONTENT
{
	printf %b "$3" > bad.conf
	for c in "scan --store $T/store -U $T/tree" \
	    "run --store $T/store -U $T/tree" "push --store $T/store" \
	    "prune --store $T/good"; do
		# shellcheck disable=SC2086
		expect_status 2 lindex $c --config bad.conf
		has_text "bad.conf:$1: " err
		has_text "$2" err
		[ ! -s out ] || fail "output: $3"
	done
	nothing_made
}
lindex scan --config /dev/null --store good --host web01 -U tree > out 2>&1
refused 1 'want key = value' 'no equals sign\n'
refused 2 'want key = value' 'host = web01\n= value\n'
refused 3 'unknown key "hots"' '# a comment\n\nhots = web01\n'
refused 2 'unknown key "names"' '[Scan]\nnames = yes\n'
refused 1 'unknown section [Skan]' '[Skan]\nnames-only = yes\n'
refused 1 '"[" without its "]"' '[Scan\n'
refused 1 'a section stands alone' '[Scan] names-only = yes\n'
refused 2 names-only '[Scan]\nnames-only = perhaps\n'
refused 2 port '[Server]\nport = 70000\n'
refused 2 keep-daily '[Local]\nkeep-daily = -1\n'
refused 2 keep-within '[Local]\nkeep-within = 5m\n'
refused 1 host 'host = ../web01\n'
refused 1 host 'host =\n'
refused 2 'NUL byte' 'host = web01\nstore = /a\0b\n'
refused 2 twice 'host = web01\nhost = web02\n'
head -c 100000 /dev/urandom > bad.conf
expect_status 2 lindex scan --config bad.conf --store "$T/store" -U "$T/tree"
has_text bad.conf err
expect_status 2 lindex scan --config "$T" --store "$T/store" -U "$T/tree"
has_text "$T" err
expect_status 2 lindex scan --config nowhere.conf --store "$T/store" -U "$T/tree"
has_text "nowhere.conf" err
nothing_made

server_refused()	# LINE TEXT CONTENT
{
	printf %b "$3" > bad.conf
	expect_status 2 lindex receive --config bad.conf --store "$T/store" \
	    --host web01 < /dev/null
	has_text "bad.conf:$1: " err
	has_text "$2" err
	nothing_made
}
server_refused 2 'unknown key "max-byte"' '[Quota]\nmax-byte = 5\n'
server_refused 2 max-bytes '[Quota]\nmax-bytes = 5 elephants\n'
server_refused 2 idle-timeout '[Quota "web*"]\nidle-timeout = 3 m\n'
server_refused 1 'want [Section] or [Section "name"]' '[Quota web*]\n'
server_refused 2 keep-last '[Retention]\nkeep-last = many\n'

# updatedb.conf has a grammar of its own.
printf 'PRUNEPATHS = "/tmp\n' > updatedb.conf
printf '[Scan]\nupdatedb-conf = %s\n' "$T/updatedb.conf" > bad.conf
: > "$T/file"
said_once()	# TEXT LINDEX-ARGUMENT...
{
	local text=$1
	shift
	expect_status 2 lindex "$@" --host web01 --store "$T/store"
	has_text "$text" err
	[ "$(wc -l < err)" = 1 ] || fail "more than the cause: $(cat err)"
	nothing_made
}
for c in scan run; do
	said_once updatedb.conf:1: $c --config bad.conf -U "$T/tree"
	said_once "$T/nowhere: No such file" $c --config /dev/null \
	    -U "$T/nowhere"
	said_once "$T/file: Not a directory" $c --config /dev/null -U "$T/file"
done
# A store that is there stays as it was.
expect_status 2 lindex run --config bad.conf --host web01 --store good -U "$T/tree"
has_text updatedb.conf:1: err
[ "$(n_snapshots good web01)" = 1 ] || fail "something was recorded"

# ---- names ----

for name in '' . .. -x a/b 'a b' 'a@b' a:b ../../etc "$(printf 'a\nb')" \
    "$(printf '\303\244')" "$(printf %0254d 0)"; do
	expect_status 2 lindex scan --config /dev/null --store "$T/store" \
	    --host "$name" -U "$T/tree"
	has_text host err
	expect_status 2 lindex receive --config /dev/null --store "$T/store" \
	    --host "$name" < /dev/null
	has_text host err
	printf 'authorized-keys = %s\n' "$T/authorized_keys" > server.conf
	expect_status 2 lindex enrol --config server.conf -- "$name" /dev/null
	nothing_made
done

# ---- keys ----

not_enrolled()	# TEXT ARGUMENT...
{
	local text=$1
	shift
	expect_status 2 lindex enrol --config server.conf "$@" < /dev/null
	has_text "enrol: $text" err
	nothing_made
}
echo hello > hello
not_enrolled 'a host and its public key' web01
not_enrolled 'standard input: not a public key: it is empty' web01 -
not_enrolled '/dev/null: not a public key: it is empty' web01 /dev/null
not_enrolled 'not a public key: it is empty' web01 ''
not_enrolled 'hello: not a public key: "hello" is not a type' web01 hello
not_enrolled '/etc/passwd: one key is wanted' web01 /etc/passwd
not_enrolled 'nowhere.pub: cannot open' web01 nowhere.pub
not_enrolled '--show and --revoke do not go together' --show --revoke web01

# ---- patterns and times ----

L=(lsearch --store good)
expect_status 0 "${L[@]}" file
impossible()	# TEXT ARGUMENT...
{
	local text=$1
	shift
	expect_status 2 "${L[@]}" "$@"
	has_text "$text" err
	[ ! -s out ] || fail "output: $*"
}
impossible 'no pattern given'
impossible 'an empty pattern' ''
impossible 'an empty pattern' file ''
impossible "pattern '[a'" --regex '[a'
impossible "pattern 'a('" --regex 'a('
impossible "pattern 'x{2,1}'" --regex 'x{2,1}'
impossible 'the time range is impossible' --since 2026-02-01 --until 2026-01-01 file
impossible '"2026-13-01"' --at 2026-13-01 file
impossible '"2026-02-30"' --at 2026-02-30 file
impossible '"tomorrowish"' --since tomorrowish file
impossible '5m' --since 5m file
impossible '""' --at '' file
impossible '@99999999999999999999' --at @99999999999999999999 file
impossible limit -l x file
impossible 'no host' -H nowhere file
impossible 'no series' --series 'nowhere/*' file
impossible max-age --max-age never file
