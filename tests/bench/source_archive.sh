# Sourced by run.sh: an archive of 200,000 files becomes a snapshot, against
# bsdtar's listing of it.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # of run.sh

note "a tar.zst of 200,000 files"
mkdir -p "$work/archive"
python3 - <<-'END' | zstd -q -f -o "$work/archive/files.tar.zst"
	import io, random, sys, tarfile
	random.seed(4)
	words = [b"%06x" % random.randrange(1 << 24) for i in range(4096)]
	tar = tarfile.open(fileobj=sys.stdout.buffer, mode="w|")
	for i in range(200000):
	    data = b" ".join(random.choices(words, k=random.randrange(400)))
	    member = tarfile.TarInfo("srv/data/part-%03d/unit-%02d/file-%06d.txt" %
	        (i // 1000, i // 50 % 20, i))
	    member.size = len(data)
	    member.mtime = 1700000000 + i
	    tar.addfile(member, io.BytesIO(data))
	tar.close()
END
measure "$runs" "rm -rf $work/archive/store" lindex scan --host h000 \
    --store "$work/archive/store" --source "archive:$work/archive/files.tar.zst" \
    ::: "" bsdtar -tf "$work/archive/files.tar.zst"
[ "$s1$s2" = 00 ] || { echo "scan: status $s1, bsdtar: $s2" >&2; exit 1; }
row "index of a tar.zst of 200,000 files, s" "bsdtar -tf" "$m1" "$m2" 1.2
peak "index of an archive" "$k1"
rm -rf "$work/archive"
