#!/bin/bash
# Archives that mean harm: bombs, endless streams, compression without end, lying
# sizes, names that lead elsewhere, a million names in one directory, and bytes
# that changed by chance. Each ends soon, in bounded memory, with words.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/archives.sh"

requires tar bsdtar cpio zip 7z zstd gzip xz genisoimage python3

make()	# FILE: what the python on stdin writes to `out`
{
	{
		printf '%s\n' 'import sys' "sys.path.insert(0, '$TOP/tests/cli')" \
		    'sys.dont_write_bytecode = True' 'from tars import *' \
		    'out = sys.stdout.buffer.write'
		cat
	} > make.py
	python3 make.py > "$1"
}

refused()	# ARCHIVE WORDS: it ends by our own limits
{
	expect_status 2 timeout 100 "$SOURCE" list "archive:$1"
	has_text "$2" err
}

echo "== names"
make names.tar <<-'END'
	out(member(b"../../etc/passwd", b"x") + member(b"/etc/shadow", b"y\n"))
	out(member(b"a/../../b") + member(b"..") + member(b"////x//y"))
	out(member(b"./././z/.") + member(b"new\nline\x1b[31m"))
	out(member(b"twice", b"1") + member(b"twice/", kind=b"5", mode=0o755))
	out(member(b"link", kind=b"2", link=b"../../../etc"))
	out(member(b"self", kind=b"1", link=b"self") + end)
END
"$SOURCE" -0 list archive:names.tar | tr '\n\033\0' '?E\n' |
    sed -E 's,^(\S+)( \S+){5},\1,' > out
same_text <<-'END'
	f /../../etc/passwd
	f /etc/shadow
	f /a/../../b
	f /..
	f /x/y
	f /z
	f /new?lineE[31m
	f /twice
	d /twice
	l /link -> ../../../etc
	f /self
END
"$SOURCE" cat archive:names.tar /../../etc/passwd /etc/shadow > out
same_text <<< xy
expect_status 1 "$SOURCE" cat archive:names.tar /self
has_text "hard link" err

# Too long, too deep: told by the part that is not; what follows is listed.
make long.tar <<-'END'
	out(member(b"a/" * 100000 + b"deep") + member(b"n" * 66000))
	out(member(b"dir/" + b"n" * 66000) + member(b"plain") + end)
END
"$SOURCE" list archive:long.tar | sed 's,^unread: \(/a\)*:,unread: /a...:,' > out
sed 's/^f.* //' out > names
same_text names <<-'END'
	unread: /a...: a path that is too long
	unread: /: a path that is too long
	unread: /dir: a path that is too long
	/plain
END
make longer.tar <<< 'out(member(b"n" * 2000000) + member(b"plain") + end)'
refused longer.tar "too large"

echo "== sizes"
make huge.tar <<< 'out(member(b"first") + header(b"huge", 2**63 - 513) + end)'
refused huge.tar "cut off"
has_text /first
# 8 EiB of holes, and a byte.
make sparse.tar <<-'END'
	n = 2**63 - 1024
	rest = b"\0" * (386 - 265) + number(n, 12) + number(512, 12)
	rest += b"\0" * (24 * 3) + b"\0" + number(n + 512, 12)
	out(header(b"sparse", 512, b"S", rest=rest) + body(b"x" * 512) + end)
END
"$SOURCE" list archive:sparse.tar | cut -d ' ' -f 1,5,7- > out
same_text <<< "f $(((1 << 62) * 2 - 512)) /sparse"
# A file of many holes' descriptions that overlap, or lead back.
make back.tar <<-'END'
	rest = b"\0" * (386 - 265) + b"".join(number(4096 - 512 * i, 12) +
	    number(4096, 12) for i in range(4)) + b"\0" + number(8192, 12)
	out(header(b"back", 16384, b"S", rest=rest) + b"x" * 16384 + end)
END
run_status timeout 100 "$SOURCE" cat archive:back.tar /back
lacks_text died err

echo "== bombs"
# 64 MiB of zeros in a few bytes, often.
head -c 64M /dev/zero | zstd -q > zeros.zst
{
	make head.tar <<< 'out(header(b"huge", 2**62))'
	zstd -q < head.tar
	for _ in {1..200}; do cat zeros.zst; done
} > bomb.tar.zst
refused bomb.tar.zst "a bomb"
has_text /huge
expect_status 2 timeout 100 "$SOURCE" cat archive:bomb.tar.zst /other
has_text "a bomb" err
zstd -q < bomb.tar.zst > bomb.tar.zst.zst
refused bomb.tar.zst.zst "a bomb"
# Only zeros, for ever, is no empty tar.
for _ in {1..200}; do cat zeros.zst; done > zeros.tar.zst
refused zeros.tar.zst "begins with zeros"
# Compressed again and again; a file that unpacks to itself is as this one.
tar -cf in.tar head.tar
for _ in {1..4}; do
	gzip -c in.tar > in.gz
	mv in.gz in.tar
done
refused in.tar "compression in compression"
for _ in {1..40}; do
	gzip -c in.tar > in.gz
	mv in.gz in.tar
done
refused in.tar "too many filters"
# A zip in a zip in a zip is a member, and no more.
cp head.tar inner
for i in 1 2 3; do
	zip -q $i.zip inner
	mv $i.zip inner
done
cp inner nested.zip
"$SOURCE" list archive:nested.zip | sed 's,.*/,,' > out
same_text <<< inner

echo "== a million names"
make million.tar <<-'END'
	h = header(b"dir/0000000")
	base = sum(h[:148]) + 8 * 32 + sum(h[156:]) - 7 * 48
	for i in range(1000000):
	    n = b"%07d" % i
	    out(h[:4] + n + h[11:148] + b"%06o\0 " % (base + sum(n)) + h[156:])
	out(end)
END
zstd -q million.tar
rm million.tar
cat > bounded.py <<-'END'
	import resource, subprocess, sys
	p = subprocess.run(sys.argv[2:], stdout=open("out", "w"))
	kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
	if p.returncode or kib > int(sys.argv[1]):
	    sys.exit("status %d, %d KiB" % (p.returncode, kib))
END
# Sanitizers take several times the memory.
python3 bounded.py 800000 "$SOURCE" list archive:million.tar.zst
[ "$(wc -l < out)" = 1000000 ] || fail "not a million names"
rm out

echo "== bytes that changed"
mkdir -p files/sub
for i in {1..6}; do
	seq $((i * 300)) > "files/sub/file-$i"
done
ln files/sub/file-1 files/hard
ln -s sub files/link
(
	cd files
	tar --format=posix -cf ../c.pax .
	tar --format=gnu -S -cf ../c.gnu .
	tar --listed-incremental=../snap -cf ../c.incremental .
	xz -c ../c.pax > ../c.xz
	gzip -c ../c.pax > ../c.gz
	zstd -q -c ../c.pax > ../c.zst
	find . | cpio -o --quiet -H newc > ../c.newc
	zip -qry ../c.zip .
	7z a -bd ../c.7z . > ../out
	bsdtar --format=xar -cf ../c.xar .
	bsdtar --format=ar -cf ../c.ar sub/file-1 sub/file-2
)
genisoimage -quiet -R -J -o c.iso files 2> err || fail "$(cat err)"
cat > flip.py <<-'END'
	import random, subprocess, sys
	source, names = sys.argv[1], sys.argv[2:]
	random.seed(533)
	bad = 0
	for name in names:
	    data = open(name, "rb").read()
	    # What comes before an ISO is nothing.
	    first = 32768 if name.endswith("iso") else 0
	    for i in range(40):
	        b = bytearray(data)
	        for k in range(random.choice([1, 1, 3, 30])):
	            at = random.choice([random.randrange(first, len(b)),
	                min(first + random.randrange(600), len(b) - 1),
	                len(b) - 1 - random.randrange(min(300, len(b)))])
	            b[at] = random.choice([b[at] ^ 1 << random.randrange(8), 0,
	                255, random.randrange(256)])
	        open("flipped", "wb").write(b)
	        for args in ["list"], ["cat", "/sub/file-3", "/hard"]:
	            p = subprocess.run([source, args[0], "archive:flipped"] +
	                args[1:], capture_output=True, timeout=100)
	            if p.returncode > 2 or p.returncode < 0 or \
	                    b"died" in p.stderr or b"nonsense" in p.stderr or \
	                    (p.returncode and not p.stderr):
	                print(name, i, args, p.returncode, p.stderr)
	                open("bad-%s-%d" % (name, i), "wb").write(b)
	                bad = 1
	sys.exit(bad)
END
python3 flip.py "$SOURCE" c.* >&2 || fail "not every damage ends well"
