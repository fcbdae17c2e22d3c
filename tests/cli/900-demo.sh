#!/bin/bash
# The demo does what it says, asks nothing, and leaves one directory.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires sshd ssh-keygen

run_status "$TOP/demo/demo.sh" < /dev/null
if [ "$status" != 0 ]; then
	rm -rf "$(sed -nE 's/^demo: failed; what there is lies in //p' err)"
	fail "status $status"
fi
left=$(sed -nE 's/^All of it lies in ([^,]+), and nowhere else.*/\1/p' out)
[ -d "$left" ] || fail "it names no directory"
mv "$left" kept
! grep -lsF "$left" /proc/[0-9]*/cmdline || fail "something of it still runs"
grep -qE '^[0-9]{4}-[0-9-]+ [0-9:]+\s.*\sdeleted\s.*web01:/' out ||
    fail "no deleted file with its dates"
[ "$(grep -cE '^ [123]\. ' out)" = 3 ] || fail "not three lines of advice"
grep -q 'from archive:.*backups/web01/root-' err || fail "nothing came back"
expect_status 0 lindex check --store kept/central
