#!/bin/bash
# A virtual machine as RHEL and its kin install it, a qcow2 with LVM and xfs, and a
# squashfs, from the repository to a file that is brought back; only what is trusted
# is mounted.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/mounts.sh"
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/image.sh"
. "$TOP/tests/cli/lvm.sh"
requires_trust xfs squashfs
requires mkfs.xfs mksquashfs mke2fs qemu-img sfdisk pvcreate vgcreate lvcreate
requires lvextend python3

R=$T/repo
mkdir -p "$R/linux01" back
make_ext boot
mkdir data
echo kept > data/kept
mksquashfs data squash -quiet -no-progress
truncate -s 310M xfs
mkfs.xfs -q xfs
head -c 5000000 /dev/urandom > database
in_mount xfs '
	mkdir -p var/lib tmp
	cp ../database var/lib/database
	chmod 640 var/lib/database
	chown 26:26 var/lib/database
	touch -d "2026-03-01 18:30:00.5" var/lib/database
	cp -p var/lib/database ..'

# /boot on a partition, the rest on LVM: a root in two pieces.
make_disk disk 420 boot squash
sfdisk -q --append disk <<< 'start=22MiB, size=390MiB'
add_loop disk $((22 << 20)) 390
lvm_on pvcreate "${loops[@]}"
lvm_on vgcreate -s 1M rhel "${loops[@]}"
lvm_on lvcreate -an -Zn -Wn -l 100 -n root rhel
lvm_on lvcreate -an -Zn -Wn -l 20 -n swap rhel
lvm_on lvextend -l +210 rhel/root
end_loops
fill_lv disk $((22 << 20)) xfs root pv0=$((22 << 20))
qemu-img convert -f raw -O qcow2 disk "$R/linux01/2026-03-02-$UNIQUE.qcow2"
rm disk

settings()	# TRUST: in server.conf
{
	cat > server.conf <<-END
		store = $T/$1.store
		[Repository "$R"]
		pattern = {host}/{date}-*.qcow2
		trust-image = $1
	END
}

same_as_it_was()
{
	cmp database back/database || fail "it came back different"
	[ "$(stat -c '%a %u %g %y' database)" = \
	    "$(stat -c '%a %u %g %y' back/database)" ] ||
	    fail "mode, owner or time: $(stat -c '%a %u %g %y' back/database)"
	rm back/database
}

echo "== without trust: words, and the rest"
settings no
expect_status 3 lindex repo --config server.conf
has_text '/p2: squashfs: no reader in user space; --trust-image lets' err
expect_status 0 lsearch --store no.store p1/dir/file
expect_status 1 lsearch --store no.store kept
expect_status 0 lsearch --store no.store database
lget --store no.store --owner --to back - < out > got 2> err || fail "$(cat err)"
same_as_it_was
wait_until 60 nothing_left

echo "== with trust"
settings yes
expect_status 0 lindex repo --config server.conf
has_text '1 indexed, '
has_text ' 0 incomplete, '
expect_status 0 lsearch --store yes.store kept
cp out hit
expect_status 1 lget --store yes.store --to back - < hit
has_text 'no reader in user space' err
[ ! -e back/kept ] || fail "something came back"
wait_until 60 nothing_left
expect_status 0 lsearch --store yes.store database
has_text ':/rhel-root/var/lib/database'
cat out >> hit
expect_status 0 lget --store yes.store --trust-image --owner --to back - < hit
cmp data/kept back/kept
same_as_it_was
clean_store yes.store
wait_until 60 nothing_left
