#!/bin/bash
# The content of members, byte for byte, from every kind of archive: of hard
# links that of what they lead to, of holes as many zeros as there were, of what
# came several times the last.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/archives.sh"

requires tar bsdtar cpio zip 7z zstd genisoimage

# ARCHIVE FILE...: each is in the archive as in files/
same_content()
{
	local archive=$1 f
	shift
	for f; do
		"$SOURCE" cat "archive:$archive" "/$f" > got 2> err ||
		    fail "$archive: $f: $(cat err)"
		cmp "files/$f" got >&2 || fail "$archive: $f: other content"
	done
}

mkdir -p files/sub
head -c 3000000 /dev/urandom > files/large
seq 100000 > files/sub/numbers
: > files/nothing
echo 'a small one' > files/hard-1
ln files/hard-1 files/hard-2
ln files/hard-1 files/sub/hard-3
want=(large sub/numbers nothing hard-1 hard-2 sub/hard-3)

for f in v7 oldgnu gnu ustar posix; do
	tar -C files --format=$f -cf $f.tar .
	same_content $f.tar "${want[@]}"
done
zstd -q posix.tar
same_content posix.tar.zst "${want[@]}"
(
	cd files
	for f in newc crc odc bin; do
		find . | cpio -o --quiet -H $f > ../$f.cpio
	done
	zip -qr ../z.zip .
	7z a -bd ../z.7z . > ../out
)
for f in newc.cpio crc.cpio odc.cpio bin.cpio z.zip z.7z; do
	same_content $f "${want[@]}"
done
for f in newc zip 7zip xar iso9660; do
	bsdtar -C files --format=$f -cf b.$f .
	same_content b.$f "${want[@]}"
done
genisoimage -quiet -R -o g.iso files 2> err || fail "$(cat err)"
same_content g.iso "${want[@]}"

# All of it in one reading, whatever of it is a link to what came before.
for f in gnu.tar posix.tar.zst newc.cpio z.7z z.zip b.xar b.iso9660 g.iso; do
	"$SOURCE" cat archive:$f /hard-1 /hard-2 /large /nothing /sub/hard-3 \
	    /sub/numbers > got
	cat files/{hard-1,hard-2,large,nothing,sub/hard-3,sub/numbers} |
	    cmp - got || fail "$f: not all of it"
done

# What is not there has no content, nor has what is no file.
expect_status 1 "$SOURCE" cat archive:gnu.tar /sub /sub/not-there
same_text err <<-'END'
	source: /sub: no content
	source: /sub/not-there: no content
END

# Holes, also at the end, in each way that GNU tar writes them.
truncate -s 5M files/sparse
echo middle | dd of=files/sparse bs=1 seek=2000000 conv=notrunc status=none
truncate -s 3M files/hole
for f in gnu oldgnu; do
	tar -C files --format=$f -S -cf sparse.tar sparse hole
	same_content sparse.tar sparse hole
done
for v in 0.0 0.1 1.0; do
	tar -C files --format=posix -S --sparse-version=$v -cf sparse.tar sparse hole
	same_content sparse.tar sparse hole
	"$SOURCE" list archive:sparse.tar | cut -d ' ' -f 1,5,7- > out
	same_text <<-'END'
		f 5242880 /sparse
		f 3145728 /hole
	END
done

# Added again: the last one counts, and a link leads to what was there when it
# was made.
mkdir twice
echo one > twice/file
ln twice/file twice/link
tar -C twice -cf twice.tar file link
rm twice/file
echo two > twice/file
tar -C twice -rf twice.tar file
"$SOURCE" cat archive:twice.tar /file /link > out
same_text <<-'END'
	two
	one
END
rm twice/file
mkdir twice/file
tar -C twice -rf twice.tar file
expect_status 1 "$SOURCE" cat archive:twice.tar /file
has_text "/file: it comes again, as no file" err

# A link into another archive leads nowhere.
tar -C files -cf all.tar hard-1 hard-2
tar --delete -f all.tar hard-1
expect_status 1 "$SOURCE" cat archive:all.tar /hard-2
has_text "/hard-2: a hard link to what is not there" err
"$SOURCE" list archive:all.tar | cut -d ' ' -f 1,5,7- > out
same_text <<< 'f - /hard-2'
