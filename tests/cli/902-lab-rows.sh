#!/bin/bash
# Each of the 45 rows of rows.txt is shown by a test.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"

seq 45 > rows
sed 's/ .*//' "$TOP/tests/cli/rows.txt" | same_text rows
sed -nE 's/^[[:blank:]]*row(( [0-9]+)+)([[:blank:]]+#.*)?$/\1/p' \
    "$TOP"/tests/cli/[0-9]*.sh | tr ' ' '\n' | sort -nu | sed '/^$/d' > shown
same_text shown < rows
