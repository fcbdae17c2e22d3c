#!/bin/bash
# updatedb.conf and updatedb(8)'s options mean to lindex what they mean to
# plocate's updatedb: both walk the same trees with the same settings.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires_root
requires unshare updatedb.plocate plocate

if [ "${1:-}" != inside ]; then
	unshare -m --propagation private true 2> /dev/null ||
	    skip "no mount namespaces here"
	status=0
	unshare -m --propagation private bash "$TOP/tests/cli/${0##*/}" inside ||
	    status=$?
	exit $status
fi
[ -e /etc/updatedb.conf ] || skip "no /etc/updatedb.conf to put another over"

mkdir -p tree/{.git/objects,a/.git,a/.svn/x,"with space"/below,tmp/x,tmpx/y}
mkdir -p tree/{ram,ram2,bound,disk/in,var/spool/mail,var/spoolx} disk
touch tree/{.git/f,a/.svn/x/f,"with space"/below/f,tmp/x/f,tmpx/y/f,ram/f}
touch tree/{bound/f,disk/in/f,var/spool/mail/f,var/spoolx/f,var/.svn}
ln -s /nowhere tree/tmplink
mount -t tmpfs none tree/ram && mkdir -p tree/ram/{.git/x,deep} && touch tree/ram/in
mount -t tmpfs none tree/ram2 && mkdir tree/ram2/below
mount --bind tree/a tree/bound
mount -t tmpfs none tree/disk && mkdir tree/disk/in && touch tree/disk/f
mount --bind tree/var tree/disk/in

# Both with this updatedb.conf (standard input) and these options.
same()	# OPTION...
{
	cat > updatedb.conf
	umount -q /etc/updatedb.conf || true
	mount --bind updatedb.conf /etc/updatedb.conf
	rm -rf store db
	updatedb.plocate -U "$T/tree" -o db -l no "$@" ||
	    fail "updatedb.plocate $*"
	{ plocate -0 -d db '' || true; } | LC_ALL=C sort -z > want
	for more in "" --names-only; do
		expect_status 0 lindex scan --config lindex.conf --store "$T/store" \
		    -U "$T/tree" -l no ${more:+"$more"} "$@"
		# The root itself is recorded as well.
		"$HELPERS/listing" -0 store web01 |
		    { grep -zvxF "$T/tree" || true; } |
		    LC_ALL=C sort -z > got
		cmp -s want got || {
			diff -u <(tr '\0' '\n' < want) <(tr '\0' '\n' < got) >&2 || true
			fail "not the same: $more $*, $(cat updatedb.conf)"
		}
	done
}
echo 'host = web01' > lindex.conf

same < /dev/null
same <<< 'PRUNENAMES = ".git .svn"'
same <<< "PRUNEPATHS=\"$T/tree/tmp $T/tree/var/spool /nowhere\""
same <<< "PRUNEPATHS=\"$T/tree\""
same <<< 'PRUNEFS="TMPFS"'
same <<< 'PRUNEFS="tmpfs"
# a comment
PRUNE_BIND_MOUNTS = "yes"	# another'
same <<< 'PRUNE_BIND_MOUNTS="1"'
same <<< "PRUNE_BIND_MOUNTS = \"no\"
PRUNEFS = \"ext3 nfs\"
PRUNENAMES = \"a\"
PRUNEPATHS = \"$T/tree/ram/deep $T/tree/disk/in\""
same --prunenames '.git' <<< 'PRUNENAMES = ".svn"'
same -n '.git tmp' -e "$T/tree/var" <<< 'PRUNENAMES = ".svn"'
same --add-prunefs tmpfs --add-prunenames x <<< 'PRUNEFS = "proc"'
same --prunefs '' --prunepaths '' --prunenames '' <<< "PRUNEFS = \"tmpfs\"
PRUNENAMES = \".git\"
PRUNEPATHS = \"$T/tree/a\""
same --prune-bind-mounts yes <<< 'PRUNE_BIND_MOUNTS = "no"'
same --prune-bind-mounts 0 <<< 'PRUNE_BIND_MOUNTS = "yes"'
same --add-single-prunepath "$T/tree/with space" < /dev/null
