#!/bin/bash
# labrouter plan: steps with their places, for what Attach is on this host. In a
# network of its own.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"


simple=$TOP/tests/golden-plans/simple.lab
cp "$simple" simple.lab
same_steps()	# OPTION...: of the helper; without the comments that out has
{
	"$HELPERS/lab_plan" "$@" simple.lab > want
	grep -v '^# ' out | same_text want
}
expect_status 0 labrouter plan simple.lab
same_steps
has_text '# simple.lab:' out
expect_status 0 labrouter plan --stop simple.lab
same_steps -s
attach=$(sed -n 's/^Attach *= *\([^ ]*\).*/\1/p' simple.lab)
ip link add "$attach" type bridge
expect_status 0 labrouter plan simple.lab
same_steps -b

# A name that would end the comment and run a command.
cp simple.lab $'a\ntouch ran\n.lab' 2> /dev/null
expect_status 1 labrouter plan $'./a\ntouch ran\n.lab'
mkdir $'x\ntouch ran\n'
cp simple.lab $'x\ntouch ran\n/simple.lab'
expect_status 0 labrouter plan $'x\ntouch ran\n/simple.lab'
grep -q '^touch' out && fail "a file's name is a command"

sed 's/^Gateway/Gatweay/' simple.lab > wrong.lab
expect_status 1 labrouter plan wrong.lab simple.lab
has_text 'wrong.lab:' err
has_text '# simple.lab:' out
sed 's,150.0/24,150.0/25,' simple.lab > small.lab
expect_status 1 labrouter plan small.lab
has_text 'small.lab:8: error: Mask: 192.168.150.0/25 is not as large as the real' err
expect_status 2 labrouter plan ./nowhere.lab
