# Sourced after lib.sh: an installed system to run things in as they are
# written, with their full paths, the default configuration and stores.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

# $ROOT: make install's files, a shell and the libraries; an account lookback.
make_root()
{
	local kind p
	requires_root
	requires unshare chroot ldd make
	ROOT=$T/root
	kind=$(basename "${BIN%-*/bin}")
	[ "$kind" != build ] || kind=release
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s --no-print-directory \
	    -C "$TOP" KIND="$kind" DESTDIR="$ROOT" install > /dev/null
	mkdir -p "$ROOT"/{proc,dev,tmp,run,root,var/lib/lookback/.ssh}
	ln -s usr/bin "$ROOT/bin"
	cp /bin/sh "$ROOT/usr/bin/"
	for p in "$@"; do
		cp "$(command -v "$p")" "$ROOT/usr/bin/"
	done
	for p in "$ROOT"/usr/bin/* "$ROOT"/usr/lib/lookback/plugins/*.so; do
		ldd "$p" 2> /dev/null | grep -oE '/[^ )]+' || true
	done | sort -u | while read -r p; do
		mkdir -p "$ROOT${p%/*}"
		cp -L "$p" "$ROOT$p"
	done
	mkdir -p "$ROOT/usr/lib/locale"
	cp -r /usr/lib/locale/C.utf8 "$ROOT/usr/lib/locale/"
	LOOKBACK_ID=64321 ALICE_ID=64322
	cat > "$ROOT/etc/passwd" <<-END
		root:x:0:0:root:/root:/bin/sh
		lookback:x:$LOOKBACK_ID:$LOOKBACK_ID::/var/lib/lookback:/bin/sh
		alice:x:$ALICE_ID:$ALICE_ID::/:/bin/sh
	END
	cat > "$ROOT/etc/group" <<-END
		root:x:0:
		lookback:x:$LOOKBACK_ID:alice
		alice:x:$ALICE_ID:
	END
	mkdir -m 750 "$ROOT/var/lib/lookback/central"
	chown $LOOKBACK_ID:$LOOKBACK_ID "$ROOT/var/lib/lookback/central" \
	    "$ROOT/var/lib/lookback/.ssh"
	chmod 700 "$ROOT/var/lib/lookback/.ssh"
}

# USER COMMAND...: in $ROOT with an empty environment; the groups are USER's.
in_root()
{
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m --propagation "${ROOT_MOUNTS:-private}" bash -c '
		mount --rbind "$1" "$1" && cd "$1" &&
		mount --rbind /proc proc && mount --rbind /dev dev || exit 99
		root=$1 user=$2
		shift 2
		exec env -i /usr/sbin/chroot --userspec="$user" "$root" "$@"
	' bash "$ROOT" "$@"
}

# From here on the test runs in a network and with mounts of its own.
own_network()	# "${1:-}"
{
	local status=0
	requires_root
	requires unshare ip nft
	if [ "$1" != inside ]; then
		unshare -nm nft list ruleset > /dev/null 2>&1 ||
		    skip "no namespaces with rules here"
		unshare -nm bash "$TOP/tests/cli/${0##*/}" inside || status=$?
		exit $status
	fi
	ip link set lo up
}

# After own_network: there is a NIC eth0 that leads to production, and labs in
# $ROOT outlive the command that starts them.
make_lab_root()
{
	ip link add eth0 type veth peer name production
	ip link set production up
	ip link set eth0 up
	ip addr add 192.168.149.9/24 dev eth0
	mkdir -p "$ROOT/run/netns" "$ROOT/sys"
	mount -t sysfs none "$ROOT/sys"
	mount --bind "$ROOT/run/netns" "$ROOT/run/netns"
	mount --make-shared "$ROOT/run/netns"
	export ROOT_MOUNTS=unchanged
}
