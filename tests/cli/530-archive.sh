#!/bin/bash
# Archives of every kind, made by the programs that people use, list what find
# saw in the tree: types, modes, owners, sizes, times, links, names.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/archives.sh"

requires tar bsdtar cpio zip 7z genisoimage zstd lz4 xz bzip2 python3 dpkg-deb
make_tree tree
all=fdlbcp

echo "== tar of GNU"
for f in gnu oldgnu; do
	tar -C tree --format=$f -cf $f.tar .
	same_items $f.tar tree $all 0 all
	about tar $f.tar
done
tar -C tree --format=posix -cf pax.tar .
same_items pax.tar tree $all 9 all
# Formats that refuse names that are too long for them.
mkdir short
(cd tree && tar -c --exclude='deep*' --exclude=long-link .) | tar -C short -x
tar -C short --format=ustar -cf ustar.tar .
same_items ustar.tar short $all 0 all
tar -C short --format=v7 --exclude=fifo --exclude=char --exclude=block \
    -cf v7.tar .
same_items v7.tar short fdl 0 all

cp -a tree files
rm -f files/{fifo,char,block}

echo "== compressed"
for c in gzip:gz bzip2:bz2 xz:xz zstd:zst lz4:lz4 'xz --format=lzma:lzma'; do
	# shellcheck disable=SC2086 # words
	${c%:*} -c < pax.tar > "pax.tar.${c##*:}"
	same_items "pax.tar.${c##*:}" tree $all 9 all
	about "tar.${c##*:}" "pax.tar.${c##*:}"
done
bsdtar -C tree --format=pax --lzip -cf lzip.tar .
same_items lzip.tar tree $all 9 all
about tar.lz lzip.tar
bsdtar -C tree --format=pax -Z -cf old.tar .
same_items old.tar tree $all 9 all
about tar.Z old.tar
cat pax.tar.gz <(head -c 0 /dev/null | gzip) > two.tar.gz	# two streams
same_items two.tar.gz tree $all 9 all

echo "== bsdtar"
bsdtar -C tree --format=pax -cf b.pax .
same_items b.pax tree $all 9 all
bsdtar -C tree --format=gnutar -cf b.gnutar .
same_items b.gnutar tree $all 0 all
for f in ustar cpio newc; do
	bsdtar -C short --format=$f -cf b.$f .
	same_items b.$f short $all 0 all
done
bsdtar -C files --format=zip -cf b.zip .
same_items b.zip files fdl 0 not-root
bsdtar -C files --format=7zip -cf b.7z .
same_items b.7z files fdl 7 none
about 7z b.7z
cp -a tree plainer	# bsdtar writes no setuid there
chmod 755 plainer/program
bsdtar -C plainer --format=xar -cf b.xar .
same_items b.xar plainer $all 0 all
about xar b.xar
bsdtar -C short --format=iso9660 --options rockridge=strict -cf b.iso .
same_items b.iso short $all 0 all
about iso b.iso
bsdtar -C tree --format=mtree --options 'mtree:all' -cf b.mtree .
same_items b.mtree tree $all 0 not-root -o format=mtree
expect_status 2 "$SOURCE" list archive:b.mtree	# never by chance
same_text err <<< 'source: archive: no archive of a kind that is known'
head -c 5000 short/random | gzip > disk.img.gz
expect_status 2 "$SOURCE" list archive:disk.img.gz
has_text "a disk image must be unpacked first" err
(cd short && bsdtar --format=ar -cf ../b.ar plain random program)
"$SOURCE" list archive:b.ar | cut -d ' ' -f 1,5,7- > out
same_text <<-END
	f 6 /plain
	f 100000 /random
	f 10 /program
END
about ar b.ar

echo "== cpio"
for f in newc crc odc bin; do
	(cd short && find . -print0 | cpio -0 -o --quiet -H $f) > $f.cpio
	same_items $f.cpio short $all 0 all
done
gzip < newc.cpio > newc.cpio.gz
about cpio.gz newc.cpio.gz

echo "== zip"
(cd files && zip -qry ../z.zip .)
same_items z.zip files fdl 0 not-root
about zip z.zip

echo "== 7z"
(cd files && 7z a -bd -snl ../z.7z .) > out
same_items z.7z files fdl 7 none

echo "== iso"
genisoimage -quiet -R -J -o rock.iso short 2> err || fail "$(cat err)"
same_items rock.iso short $all 0 all
mkdir joliet
cp short/plain short/random joliet
echo j > 'joliet/größe with a longer name.txt'
genisoimage -quiet -J -o joliet.iso joliet 2> err || fail "$(cat err)"
"$SOURCE" list archive:joliet.iso | awk '$1 == "f" {
    print $5, substr($0, index($0, "/")) }' | LC_ALL=C sort > out
same_text <<-END
	100000 /random
	2 /größe with a longer name.txt
	6 /plain
END

echo "== names of bytes that are no UTF-8"
mkdir latin
echo 1 > "$(printf 'latin/gr\xf6\xdfe')"
echo 2 > "$(printf 'latin/\xff\xfe\x80')"
for f in v7 ustar gnu posix; do
	tar -C latin --format=$f -cf latin.tar .
	LC_ALL=C same_items latin.tar latin fd 0 all
done
(cd latin && find . | cpio -o --quiet -H newc) > latin.cpio
same_items latin.cpio latin fd 0 all
bsdtar -C latin --format=pax -cf latin.pax . 2> /dev/null
same_items latin.pax latin fd 0 all
(cd latin && zip -qr ../latin.zip .)
same_items latin.zip latin fd 0 not-root
(cd latin && 7z a -bd ../latin.7z .) > out
same_items latin.7z latin fd 7 none
genisoimage -quiet -R -input-charset iso8859-1 -output-charset iso8859-1 \
    -o latin.iso latin 2> err || fail "$(cat err)"
same_items latin.iso latin fd 0 all

echo "== packages"
python3 - newc.cpio.gz newc.rpm <<-'END'
	import struct, sys
	def header():
	    return b"\x8e\xad\xe8\x01" + bytes(4) + struct.pack(">II", 0, 0)
	lead = struct.pack(">IBBHH66sHH16s", 0xedabeedb, 3, 0, 0, 1, b"newc-1-1",
	    1, 5, b"")
	with open(sys.argv[2], "wb") as f:
	    f.write(lead + header() + header() + open(sys.argv[1], "rb").read())
END
same_items newc.rpm short $all 0 all
about rpm newc.rpm
mkdir -p package/DEBIAN package/usr/share
printf 'Package: p\nVersion: 1\nArchitecture: all\nMaintainer: m <m@example.org>\nDescription: d\n' \
    > package/DEBIAN/control
echo x > package/usr/share/x
dpkg-deb --root-owner-group -b package p.deb > out
"$SOURCE" list archive:p.deb | sed 's,.*/,/,;s,\..z.*\|\.zst,,' > out
same_text <<-END
	/debian-binary
	/control.tar
	/data.tar
END
about deb p.deb
