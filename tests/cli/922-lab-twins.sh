#!/bin/bash
# One subnet in eight copies at a time, of two labs: 400 connections at once are
# answered by the right copies, and no forged answer is taken.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"
. "$TOP/tests/cli/rows.sh"

make_production
machine vbs - br0 192.168.149.22/24
machine c77 - br0 192.168.149.77/24
lab()	# NAME LAST-OF-ADDRESS FIRST-MASK
{
	cat > "$1.lab" <<-END
		[Production]
		Attach = br0
		Address = 192.168.149.$2/24
		ProbeWait = 30ms
	END
	for ((i = 0; i < 4; i++)); do
		cat >> "$1.lab" <<-END
			[Network "copy $i"]
			Gateway = 192.168.149.2/24
			Mask = 192.168.$(($3 + i)).0/24
		END
	done
}
lab a 50 150
lab b 51 154
expect_status 0 labrouter start a.lab b.lab
for ((i = 0; i < 8; i++)); do
	labs=(a b)
	machine v$i lookback."${labs[i / 4]}".$((i % 4 + 1)) in 192.168.149.36/24 \
	    192.168.149.2
	ip -n vbs route add 192.168.$((150 + i)).0/24 via 192.168.149.$((50 + i / 4))
done
row 2 16
python3 "$TOP/tests/cli/lab_twins.py" 400 || fail "$row"
expect_status 0 labrouter stop a.lab b.lab
