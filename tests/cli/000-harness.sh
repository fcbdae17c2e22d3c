#!/bin/bash
# The harness itself: a real sshd with a forced command, keys, clean ends.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires ssh

start_sshd
make_key web01
printf 'restrict,command="echo forced" %s\n' "$(cat keys/web01.pub)" \
    >> "$AUTHORIZED_KEYS"
expect_status 0 ssh -F none -i keys/web01 -p "$SSHD_PORT" \
    -o BatchMode=yes -o UserKnownHostsFile="$KNOWN_HOSTS" \
    "$SSHD_USER@127.0.0.1" id
same_text <<< forced
make_key stranger
run_status ssh -F none -i keys/stranger -p "$SSHD_PORT" \
    -o BatchMode=yes -o UserKnownHostsFile="$KNOWN_HOSTS" \
    "$SSHD_USER@127.0.0.1" id
[ "$status" = 255 ] || fail "a stranger got in"

# A failing test says so and leaves nothing, daemons and directory.
cat > inner.sh <<END
. "$TOP/tests/cli/lib.sh"
echo "\$T" > "$T/inner.t"
daemon sleep 1000
echo "\${DAEMONS[0]}" > "$T/inner.pid"
false
END
expect_status 1 bash inner.sh
has_text "line 5: false" err
[ ! -e "$(cat inner.t)" ] || fail "a directory stayed"
! kill -0 "$(cat inner.pid)" 2> /dev/null || fail "a daemon stayed"
