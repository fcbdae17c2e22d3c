#!/bin/bash
# btrfs in images, read without a kernel: what a source lists and reads is what the
# tree was that they were made of, and what the kernel sees.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/archives.sh"
. "$TOP/tests/cli/images.sh"
. "$TOP/tests/cli/image.sh"

requires mkfs.btrfs btrfstune python3
make_hard_tree tree

make_btrfs()	# IMAGE SIZE OPTION...
{
	rm -f "$1"
	truncate -s "$2" "$1"
	mkfs.btrfs -q "${@:3}" "$1" > /dev/null 2> err ||
	    fail "mkfs.btrfs ${*:3}: $(cat err)"
}

lie()	# IMAGE STATEMENTS: a copy of it, which lies, is lie
{
	cp --sparse=always "$1" lie
	python3 "$TOP/tests/cli/btrfs_liar.py" lie "$2"
}

echo "== made of a tree"
# mkfs.btrfs copies whole seconds.
while read -r name options; do
	# shellcheck disable=SC2086 # words
	make_btrfs "$name" 120M $options --rootdir tree --shrink
	same_image "$name" tree 0
done <<-END
	default
	64k -n 65536 --csum xxhash -m single
	mixed -M -n 4096 -O ^no-holes,^skinny-metadata
END

echo "== of two copies, one is enough"
lie default '
seen = set()
for at in places():
    if d[at + 48:at + 56] not in seen:
        seen.add(d[at + 48:at + 56])
        d[at + 200:at + 300] = b"x" * 100'
"$SOURCE" -0 list "image:$T/default" > all.items
"$SOURCE" -0 list "image:$T/lie" | cmp - all.items
lie default '
for at in places():
    d[at + 200:at + 300] = b"x" * 100'
listing lie
has_text ': the checksum of a node of its tree is wrong'

echo "== by another name, its nodes keep the first"
cp --sparse=always default lie
btrfstune -f -m lie > /dev/null
"$SOURCE" -0 list "image:$T/lie" | cmp - all.items

echo "== what is not read, and says so"
lie mixed 'd[sb + 200] ^= 1'
listing lie
has_text 'unread: /: the checksum of its superblock is wrong'
lie mixed 'd[sb + 0xbd] |= 0x20; fit(sb)'
listing lie
has_text '(0x2000) that are not known here; --trust-image lets this host'
lie mixed 'd[sb + 0x60] = 1; fit(sb)'
listing lie
has_text ' /plain'
has_text 'was not unmounted cleanly' err
lie default '
for at in places():
    for chunk in items(at, 228):
        if d[chunk + 24] & 1:
            d[chunk + 48] = 2
            fit(at)'
listing lie
lacks_text unread:
expect_status 1 "$SOURCE" cat "image:$T/lie" /plain /random
same_text <<< hello
has_text '/random: part of it lies on another device' err
# What was reserved and never written may have been another file's.
lie mixed '
for at in places():
    for extent in items(at, 108):
        if d[extent + 20] == 1:
            d[extent + 20] = 2
            fit(at)'
expect_status 0 "$SOURCE" cat "image:$T/lie" /random
head -c 100000 /dev/zero | cmp - out
for profile in raid1 raid0; do
	truncate -s 130M one two
	mkfs.btrfs -q -f -m $profile -d $profile one two > /dev/null
	listing two
	case $profile in
	raid1) lacks_text unread: ;;
	raid0) has_text 'part of it lies on a RAID that is not read here' ;;
	esac
done

# IMAGE: without the kernel it has what the kernel says that it has. Where a
# snapshot has no subvolume, the kernel makes an empty directory, of this moment.
same_as_kernel()
{
	local files
	"$SOURCE" -0 list "image:$T/$1" > ours 2> err || fail "$1: $(cat err)"
	"$SOURCE" -0 -o trust=yes list "image:$T/$1" > theirs 2> err ||
	    fail "$1: the kernel: $(cat err)"
	tr '\n\0' '?\n' < theirs |
	    sed -E "s,^(d 755 5 6) 0 [0-9.]* (/(.*/)?below)\$,\1 - - \2," |
	    LC_ALL=C sort > their.items
	tr '\n\0' '?\n' < ours | LC_ALL=C sort > our.items
	diff -au their.items our.items > differ ||
	    fail "$1 is not as the kernel has it: $(head -n 9 differ)"
	! grep -aE '^(unread|unlooked): ' our.items || fail "$1: not whole"
	mapfile -d '' files < <(python3 - <<-'END'
		import re, sys
		for item in open("ours", "rb").read().split(b"\0"):
		    m = re.fullmatch(rb"f \d+ \d+ \d+ (\d+) \S+ (/.*)", item, re.S)
		    if m and 0 < int(m[1]) < 1 << 30 and b"/many/" not in m[2]:
		        sys.stdout.buffer.write(m[2] + b"\0")
	END
	)
	[ "${#files[@]}" -gt 20 ] || fail "$1: few files"
	"$SOURCE" cat "image:$T/$1" "${files[@]}" > ours 2> err ||
	    fail "$1: $(head -n 3 err)"
	"$SOURCE" -o trust=yes cat "image:$T/$1" "${files[@]}" | cmp - ours ||
	    fail "$1: content is not as the kernel reads it"
}

# NAMES: in the root of what is mounted; what is packed unpacks to much more.
cat > fill <<'END'
	cp -a ../tree/. .
	for how in zlib lzo zstd; do
		mkdir $how
		btrfs property set $how compression $how
		python3 - $how $1 <<-'EOF'
			import os, random, sys
			how, dice = sys.argv[1], random.Random(5)
			words = b"".join(b"%d words " % dice.randrange(999)
			    for i in range(100000))
			for n in 1, 100, 1500, 4096, 131071, 131072, 300001:
			    with open("%s/%d" % (how, n), "wb") as f:
			        f.write(words[:n])
			with open(how + "/changed", "wb") as f:
			    f.write(words)
			    os.fsync(f.fileno())
			    for at in 20000, 140000, 150000, 500000:
			        f.seek(at)
			        f.write(b"changed" * 1000)
			        os.fsync(f.fileno())
			    f.truncate(700000)
			    f.truncate(1500000)
			with open(how + "/hardly", "wb") as f:
			    for i in range(20):
			        f.write(dice.randbytes(5000) + b"x" * 5000)
			# A piece of LZO ends in the last bytes of a sector.
			for i in range(20, 60) if how == "lzo" else ():
			    with open("lzo/edge%d" % i, "wb") as f:
			        f.write(bytes(i) + dice.randbytes(4096 - i)
			            + bytes(16000))
		EOF
		cp --reflink=always $how/changed $how/same
	done
	fallocate -l 300K reserved
	printf middle | dd of=reserved bs=1 seek=99999 conv=notrunc status=none
	fallocate -n -l 300K reserved
	truncate -s 5G huge
	printf small > grown
	sync -f grown
	truncate -s 100000 grown
	head -c 400000 /dev/urandom > holes
	fallocate -p -o 8192 -l 100000 holes
	mkdir other many
	ln program other/hard
	ln -s "$(printf '%03500d' 0)" long
	touch -d '1912-06-23 01:02:03.987654321' other/old
	touch -d '2400-01-01 00:00:00.000000001' other/far
	chown 70000:4000000000 other/far
	mkdir other/d
	python3 - $1 <<-'EOF'
		import os, sys
		for i in range(int(sys.argv[1])):
		    os.close(os.open("many/a name of many, number %d" % i,
		        os.O_CREAT | os.O_WRONLY))
		for i in range(0, int(sys.argv[1]), 7):
		    os.unlink("many/a name of many, number %d" % i)
	EOF
	mkdir in
	chown 5:6 in
	btrfs -q subvolume create in/sub
	btrfs -q subvolume create in/sub/below
	echo deep > in/sub/below/deep
	cp -a ../tree/. in/sub
	chown 5:6 in/sub
	btrfs -q subvolume create gone
	echo no > gone/no
	btrfs -q subvolume snapshot -r in/sub other/snapshot
	btrfs -q subvolume snapshot in/sub .written
	echo more > .written/plain
	rm -r '.written/sub dir'
	btrfs -q subvolume delete gone > /dev/null
	btrfs -q subvolume set-default in/sub
END

hostile=64k
if [ "$(id -u)" = 0 ]; then	# only root may mount
	requires_trust btrfs
	requires btrfs
	echo "== as the kernel sees it"
	make_btrfs kernel 300M --csum blake2b
	in_mount kernel ". ../fill 10000"
	same_as_kernel kernel
	hostile=small
	make_btrfs small 48M -M -n 4096 -m single -d single -O ^no-holes
	in_mount small ". ../fill 300"
	same_as_kernel small

	echo "== and back by lget"
	expect_status 0 lindex scan --store store --source "image:$T/small" \
	    --host h --series h/image
	expect_status 0 lsearch --store store lzo/changed
	mv out hits
	mkdir back
	expect_status 0 lget --store store --to back - < hits
	"$SOURCE" -o trust=yes cat "image:$T/small" /lzo/changed |
	    cmp - back/changed || fail "lget: lzo/changed"
fi

echo "== hostile"
python3 "$TOP/tests/cli/btrfs_liar.py" $hostile {1..15}
for seed in {1..15}; do
	expect_status 0 timeout 60 "$SOURCE" list "image:$T/$hostile.$seed"
	lacks_text signal err
	run_status timeout 60 "$SOURCE" cat "image:$T/$hostile.$seed" \
	    /in/sub/below/deep /plain /random /sparse '/sub dir/x/blocks' /lzo/changed \
	    /zlib/changed /zstd/changed /zstd/hardly
	[ "$status" -le 1 ] || fail "seed $seed: status $status"
	lacks_text signal err
done
