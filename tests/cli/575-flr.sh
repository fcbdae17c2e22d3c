#!/bin/bash
# File level recovery as the blog of 2013 walked through it, with one command a
# step: a restore point is a disk image with a partition that holds
# /tmp/processfollow; it is indexed, the file is found, and it is brought back.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires sfdisk mke2fs qemu-img

S=$T/store R=$T/repo
mkdir -p tree/tmp tree/etc "$R/linux01" back

# night DATE: the machine's disk as it is, with a partition table and one ext4
night()
{
	rm -f part disk
	truncate -s 60M part
	mke2fs -q -t ext4 -d tree part
	truncate -s 64M disk
	printf 'label: dos\nstart=2048, size=122880, type=83\n' | sfdisk -q disk
	dd if=part of=disk bs=1M seek=1 conv=notrunc status=none
	qemu-img convert -O qcow2 disk "$R/linux01/linux01-$1.qcow2"
}

echo linux01 > tree/etc/hostname
night 2013-03-01
# The script is there on one night, and on the next it is deleted.
printf '#!/bin/sh\nexec ps -ef --forest\n' > tree/tmp/processfollow
head -c 300000 /dev/urandom >> tree/tmp/processfollow
chmod 750 tree/tmp/processfollow
touch -d '2013-03-01 18:30:00' tree/tmp/processfollow
cp -p tree/tmp/processfollow kept
night 2013-03-02
rm tree/tmp/processfollow
night 2013-03-03

expect_status 0 lindex repo --store "$S" --pattern '{host}/*-{date}.qcow2' "$R"
has_text "3 indexed, 0 known"
expect_status 0 lsearch --store "$S" processfollow
has_text "linux01/backup/linux01:/p1/tmp/processfollow"
has_text "deleted"
has_text "2013-03-02 00:00:00"

expect_status 0 lget --store "$S" --to back linux01/backup/linux01:/p1/tmp/processfollow
has_text "linux01-2013-03-02.qcow2" err
cmp kept back/processfollow || fail "it came back different"
[ "$(stat -c '%a %y' kept)" = "$(stat -c '%a %y' back/processfollow)" ] ||
    fail "mode or time: $(stat -c '%a %y' back/processfollow)"

# In one line, as it was printed.
rm -r back
mkdir back
lsearch --store "$S" processfollow | lget --store "$S" --to back - 2> err ||
    fail "lsearch | lget: $(cat err)"
cmp kept back/processfollow

# The restore point goes, and so does the way back; where it was is said.
rm "$R/linux01/linux01-2013-03-02.qcow2"
expect_status 1 lget --store "$S" --to back --force \
    linux01/backup/linux01:/p1/tmp/processfollow
has_text "linux01-2013-03-02.qcow2" err
cmp kept back/processfollow || fail "what was there is not any more"

# Nothing is left of it all.
! grep -F "$T" /proc/self/mountinfo || fail "a mount is left"
if command -v losetup > /dev/null; then
	losetup -a > loops
	! grep -F "$T" loops || fail "a loop device is left"
fi
compgen -G "$S/tmp/*" && fail "a temporary is left"
exit 0
