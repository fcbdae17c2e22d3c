# Sourced by run.sh: a member near the end of a tar.zst of 1 GB is brought back,
# against bsdtar's way to the same.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # of run.sh

note "a tar.zst of 1 GB"
mkdir -p "$work/lget"
python3 - <<-'END' | zstd -q -f -o "$work/lget/files.tar.zst"
	import io, random, sys, tarfile
	random.seed(5)
	words = [b"%06x" % random.randrange(1 << 24) for i in range(4096)]
	blocks = [b" ".join(random.choices(words, k=150000)) for i in range(64)]
	tar = tarfile.open(fileobj=sys.stdout.buffer, mode="w|")
	for i in range(1040):
	    data = b"%d " % i + blocks[i * 7 % 64]
	    member = tarfile.TarInfo("srv/file-%04d" % i)
	    member.size = len(data)
	    member.mtime = 1700000000 + i
	    tar.addfile(member, io.BytesIO(data))
	tar.close()
END
here=$(uname -n)
lindex scan --store "$work/lget/store" --series "${here%%.*}/lget" \
    --source "archive:$work/lget/files.tar.zst"
measure "$runs" "" lget -q --store "$work/lget/store" \
    -O "${here%%.*}/lget:/srv/file-1030" \
    ::: "" bsdtar -xOf "$work/lget/files.tar.zst" srv/file-1030
[ "$s1$s2" = 00 ] || { echo "lget: status $s1, bsdtar: $s2" >&2; exit 1; }
row "lget of one member near the end of a 1 GB tar.zst, s" "bsdtar -xOf" \
    "$m1" "$m2" 1.1
peak "lget from an archive" "$k1"
rm -rf "$work/lget"
