#!/bin/bash
# labrouter check: each wrong lab is named with file and line, and the others
# are looked at all the same.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"

cp "$TOP"/etc/labs/*.lab .
expect_status 0 labrouter check simple.lab ./static.lab "$T/publish.lab"
same_text out << 'END'
simple: nothing is wrong
static: nothing is wrong
publish: nothing is wrong
END
same_text err < /dev/null

sed 's/^Mask/Maks/' simple.lab > typo.lab
expect_status 1 labrouter check typo.lab simple.lab
has_text "typo.lab:16: unknown key \"Maks\" in [Network]" err
has_text "simple: nothing is wrong" out

expect_status 2 labrouter check nowhere.lab simple.lab
has_text "nowhere.lab: cannot open" err
has_text "simple: nothing is wrong" out
expect_status 2 labrouter check ./simple.lab --bogus

# A name is looked for where the labs of this host are.
expect_status 2 labrouter check no-such-lab
has_text "/etc/lookback/labs/no-such-lab.lab" err

# Bytes of no lab do no harm.
head -c 100000 /dev/urandom > noise.lab
expect_status 1 labrouter check noise.lab
has_text noise.lab err
expect_status 2 labrouter check "$T/"
