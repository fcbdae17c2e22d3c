#!/bin/bash
# Trusted images of machines that ran, and of sources that are killed: what the
# journal holds is told of and nothing is written; whoever is killed, nobody waits
# for ever and nothing stays.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/mounts.sh"
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/image.sh"
requires_trust xfs btrfs
requires mkfs.xfs mkfs.btrfs btrfs qemu-img pgrep python3
Q=$UNIQUE.qcow2
source_tool 2> /dev/null || true	# makes bin/source

echo "== journals"
said='was not unmounted cleanly: what its journal holds is not seen'
for fs in xfs btrfs; do
	truncate -s 350M $fs
	mkfs.$fs -q $fs > /dev/null
	listing $fs -o trust=yes
	lacks_text "$said" err
	# More than pipes hold and the kernel reads ahead.
	in_mount $fs 'mkdir old && python3 -c "
for i in range(24000): open(\"old/%0240d\" % i, \"w\")"'
	# As a snapshot of the running machine has it: it is in the journal,
	# unless the kernel committed it by itself meanwhile.
	in_mount $fs 'for _ in {1..20}; do
		echo new > new
		sync new
		cp --sparse=always ../'$fs' ../running
		btrfs inspect-internal dump-super ../running 2>&1 |
		    grep -q "^log_root[[:space:]]*0$" || break
		rm new
		sync -f .
	done'
	listing $fs -o trust=yes
	lacks_text "$said" err
	has_text ' /new'
	qemu-img convert -f raw -O qcow2 running "$Q"
	for image in running "$Q"; do
		sum=$(sha256sum < "$image")
		listing "$image" -o trust=yes
		has_text "$fs $said" err
		[ "$(grep -c ' /old/' out)" = 24000 ] || fail "not all of it"
		lacks_text ' /new'
		[ "$(sha256sum < "$image")" = "$sum" ] ||
		    fail "$image was written to"
	done
	qemu-img convert -f raw -O qcow2 $fs "$UNIQUE.$fs"
done
wait_until 60 nothing_left

echo "== whoever is killed"
begin()	# sets reader, child, server, qemu
{
	rm -f hold
	mkfifo hold
	bin/source -o trust=yes list "image:$T/$UNIQUE.$fs" > hold 2> err &
	reader=$!
	exec 9< hold
	read -r _ <&9
	child=$(pgrep -P $reader)
	server=$(pgrep -P "$child" -x image-volumes)
	qemu=$(pgrep -P "$server")
	grep -qsF ":$UNIQUE.$fs" /sys/block/loop*/loop/backing_file ||
	    fail "no loop device is at work"
	[ -n "$(helpers)" ] || fail "no helper is at work"
}
end()	# STATUS: the rest is read, and the reader ends with it
{
	timeout 60 cat <&9 > rest || fail "it does not end"
	exec 9<&-
	status=0
	wait $reader || status=$?
	[ $status = "$1" ] || fail "status $status, not $1"
	wait_until 60 nothing_left
}
for fs in xfs btrfs; do
	begin
	end 0
	[ "$(grep -c ' /old/' rest)" = 24000 ] || fail "not all of it"
	begin
	kill -KILL $reader
	end 137
	begin
	kill -KILL "$child"
	end 2
	begin
	kill -KILL "$server"
	end 0
	has_text 'unread: /old: Input/output error' rest
	# What it has read, the server remembers.
	begin
	kill -KILL "$qemu"
	end 0
	[ "$(grep -c ' /old/' rest)" = 24000 ] ||
	    has_text 'unread: /old: Input/output error' rest
	begin
	kill -KILL "$server" "$reader"
	end 137
done
