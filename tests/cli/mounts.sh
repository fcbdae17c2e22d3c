# Sourced before lib.sh: as root the test has mounts of its own, which go with it,
# and which no namespace that another test makes meanwhile keeps in use.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

if [ "$(id -u)" = 0 ] && [ "${1:-}" != inside ] &&
    unshare -m --propagation private true 2> /dev/null; then
	exec unshare -m --propagation private bash "$0" inside
fi
