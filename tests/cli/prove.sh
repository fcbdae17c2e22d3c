# Sourced after lab.sh: the lab blog in a production, with what a proof of it
# should say.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

make_production
machine gw - br0 192.168.149.2/24

blog_lab
field()	# PATH...: of the JSON in ./out, in one line
{
	python3 -c 'import json, sys
whole = json.load(open("out"))
for path in sys.argv[1:]:
    v = whole
    for k in path.split("."):
        v = v[int(k)] if k.isdigit() else v[k]
    print(v, end=" ")
print()' "$@"
}
nothing_stays()	# WHEN
{
	! ip -n lookback.blog.1 link show | grep probe || fail "$1: a probe stays"
}
isolated()	# WHEN
{
	local production outer host sent
	expect_status 0 labrouter prove --json blog.lab
	read -r production outer host sent < <(field production control.outer \
	    control.host networks.0.sent)
	has_text '"result":"isolated"' out
	[ "$production" = 0 ] || fail "$1: $(cat out)"
	[[ $outer -gt 200 && $host -gt 200 ]] || fail "$1: the control is deaf"
	[ "$sent" -ge 1800 ] || fail "$1: only $sent frames"
	nothing_stays "$1"
	figure "prove, $1: of $sent frames seen in production" "the control" \
	    "$production" "$outer" 0
}
leaks()	# WHEN CLASS...
{
	local class
	expect_status 1 labrouter prove blog.lab
	has_text 'NOT ISOLATED' out
	for class in "${@:2}"; do
		grep -qE "NOT ISOLATED.*: (.*, )?$class(,|$)" out ||
		    fail "$1: $class was not seen: $(tail -n 3 out)"
	done
	nothing_stays "$1"
}
not_proved()	# TEXT
{
	expect_status 2 labrouter prove blog.lab
	has_text "nothing is proved: $1" out
	nothing_stays "$1"
}
