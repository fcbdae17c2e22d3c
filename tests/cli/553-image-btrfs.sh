#!/bin/bash
# btrfs in images, read without a kernel: what a source lists and reads is what the
# tree was that they were made of, and what the kernel sees.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/archives.sh"
. "$TOP/tests/cli/images.sh"

requires mkfs.btrfs python3
make_hard_tree tree

echo "== made of a tree"
truncate -s 110M image
mkfs.btrfs -q --rootdir tree image > /dev/null
# It copies whole seconds.
same_image image tree 0
