#!/bin/bash
# What is encrypted, cut off, damaged or only a part of a backup is told as such:
# what could be read is listed, and nobody takes it for all.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/archives.sh"

requires tar bsdtar cpio zip 7z zstd xz bzip2 lz4 genisoimage python3

mkdir -p files/sub
for i in {1..40}; do
	head -c $((i * 700)) /dev/urandom > "files/sub/file-$i"
done
echo secret > files/plain

echo "== encrypted"
(
	cd files
	zip -qr -P password ../e.zip plain sub/file-1
	7z a -bd -ppassword ../e.7z plain sub/file-1 > ../out
	7z a -bd -ppassword -mhe=on ../eh.7z plain > ../out
)
for f in e.zip e.7z; do
	"$SOURCE" list archive:$f | sed -E 's/^f( \S+){3} (\S+) \S+/f \2/' > out
	same_text <<-'END'
		f 7 /plain
		unlooked: /plain: encrypted
		f 700 /sub/file-1
		unlooked: /sub/file-1: encrypted
	END
	expect_status 1 "$SOURCE" cat archive:$f /plain
	same_text err <<< 'source: /plain: encrypted'
done
expect_status 2 "$SOURCE" list archive:eh.7z
has_text "header is encrypted" err

echo "== cut off"
tar -C files --format=gnu -cf c.tar .
tar -C files --format=posix -cf c.pax .
for c in gzip:gz bzip2:bz2 xz:xz zstd:zst lz4:lz4 'xz --format=lzma:lzma'; do
	# shellcheck disable=SC2086 # words
	${c%:*} -c < c.pax > "c.tar.${c##*:}"
done
(
	cd files
	find . | cpio -o --quiet -H newc > ../c.cpio
	zip -qr ../c.zip .
	7z a -bd ../c.7z . > ../out
)
bsdtar -C files --format=xar -cf c.xar .
genisoimage -quiet -R -o c.iso files 2> err || fail "$(cat err)"
cat > cut.py <<-'END'
	import os, random, subprocess, sys
	source, names = sys.argv[1], sys.argv[2:]
	random.seed(4)

	def listed(name):
	    p = subprocess.run([source, "-0", "list", "archive:" + name],
	        capture_output=True)
	    return p.returncode, p.stdout.split(b"\0")[:-1], p.stderr

	bad = 0
	for name in names:
	    data = open(name, "rb").read()
	    status, whole, err = listed(name)
	    assert status == 0 and len(whole) >= 41, (name, status, err)
	    # What comes before an ISO is as an empty tar.
	    first, end = 33000 if name.endswith(".iso") else 1, len(data) - 1100
	    cuts = [random.randrange(first, end) for i in range(12)]
	    cuts += [c // 512 * 512 for c in cuts[:6] if c >= 512]
	    for cut in cuts:
	        with open("cut", "wb") as f:
	            f.write(data[:cut])
	        status, got, err = listed("cut")
	        short = name.endswith(".zip")    # less is known of each
	        true = all(g in whole for g in got) or short
	        if status != 2 or not true or b"died" in err or len(err) < 20:
	            print(name, cut, status, len(got), len(whole), err)
	            bad = 1
	sys.exit(bad)
END
python3 cut.py "$SOURCE" c.tar c.pax c.tar.* c.cpio c.zip c.7z c.xar c.iso >&2 ||
    fail "a cut goes unseen"
# In words.
head -c 100000 c.tar > cut.tar
expect_status 2 "$SOURCE" list archive:cut.tar
has_text "cut off" err
head -c 300000 c.tar.zst > cut.tar.zst
expect_status 2 "$SOURCE" list archive:cut.tar.zst
has_text "cut off" err
tar -C files -cf end.tar plain
head -c 1024 end.tar > cut.tar	# where a member ends
expect_status 2 "$SOURCE" list archive:cut.tar
has_text "cut off: the mark at its end is missing" err
head -c 100000 c.zip > cut.zip
expect_status 2 "$SOURCE" list archive:cut.zip
[ "$(wc -l < out)" -gt 3 ] || fail "of a zip without its end nothing is listed"
has_text "cut off" err
# What came whole before the cut can be had.
expect_status 2 "$SOURCE" list archive:cut.tar.zst
member=$(sed -n 's,^f[^/]*,,p' out | head -n 1)
expect_status 2 "$SOURCE" cat archive:cut.tar.zst "$member"
cmp out "files$member"
: > empty
for f in empty files/plain files/sub/file-1; do
	expect_status 2 "$SOURCE" list archive:$f
	has_text "archive" err
done
expect_status 2 "$SOURCE" list archive:files
has_text "a directory, and no archive" err

head -c 10240 /dev/zero > zero.tar
tar --list -f zero.tar	# as it takes it: empty
"$SOURCE" list archive:zero.tar > out
same_text < /dev/null
for n in 40000 8000000; do
	truncate -s $n image
	[ $n != 40000 ] || echo x | dd of=image bs=1 seek=39000 conv=notrunc \
	    status=none
	expect_status 2 "$SOURCE" list archive:image
	has_text "begins with zeros: no archive" err
done

echo "== damaged"
tar --format=gnu -C files -cf d.tar sub/file-1 sub/file-2 sub/file-3
cp d.tar damaged.tar
printf 'XXXXXXXX' | dd of=damaged.tar bs=1 seek=$((512 + 1024)) conv=notrunc \
    status=none	# the second member's name
"$SOURCE" list archive:damaged.tar > all
sed 's/^f.* //' all > out
same_text <<-'END'
	/sub/file-1
	unread: /: Damaged tar archive
	/sub/file-3
END
# The content of a damaged member is not given for good.
cp c.zip bad.zip
python3 - bad.zip <<-'END'
	import sys
	data = bytearray(open(sys.argv[1], "rb").read())
	at = data.find(b"sub/file-7") + 200
	data[at] ^= 1
	open(sys.argv[1], "wb").write(data)
END
expect_status 1 "$SOURCE" cat archive:bad.zip /sub/file-7
"$SOURCE" cat archive:bad.zip /sub/file-8 | cmp - files/sub/file-8

echo "== volumes"
tar -C files -M -L 100 -cf v1.tar \
    -F 'sh -c "echo v$TAR_VOLUME.tar >&$TAR_FD"' sub
expect_status 2 "$SOURCE" list archive:v1.tar
has_text "cut off" err
expect_status 2 "$SOURCE" list archive:v2.tar
has_text "unread: /: a later volume" out

echo "== incremental"
for f in gnu posix; do
	rm -f snap
	mkdir -p "inc-$f/a/b"
	echo 1 > "inc-$f/old"
	echo 1 > "inc-$f/a/b/old"
	touch -d '2020-01-01' "inc-$f"/{old,a/b/old}
	tar -C "inc-$f" --format=$f --listed-incremental="$T/snap" -cf full.tar .
	about tar full.tar
	echo 2 > "inc-$f/a/new"
	tar -C "inc-$f" --format=$f --listed-incremental="$T/snap" -cf inc.tar .
	about tar inc.tar additive
	"$SOURCE" list archive:inc.tar | sed 's,[^/]*,,' | LC_ALL=C sort > out
	same_text <<-'END'
		/
		/a
		/a/b
		/a/new
	END
	zstd -qf inc.tar
	about tar.zst inc.tar.zst additive
done
