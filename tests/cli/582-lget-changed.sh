#!/bin/bash
# A file that changed and kept its size is not taken for the version of the index,
# wherever it lies: it comes from another place, or is kept as NAME.partial.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
requires python3 tar cpio mke2fs debugfs mkfs.vfat mcopy

echo 'host = h1' > conf
S=$T/store
mkdir b tree
OLD='2024-02-03 04:05:06.123456789' NEW='2024-02-03 05:05:06.123456789'
old()
{
	echo old > tree/file
	touch -d "$OLD" tree/file
}
new()
{
	echo new > tree/file
	touch -d "${1:-$NEW}" tree/file
}
scan()	# SERIES SOURCE [OPTION...]
{
	expect_status 0 lindex scan --config conf --store "$S" --host "${1%%/*}" --series "$1" \
	    --source "$2" "${@:3}"
}
get()	# STATUS REF [OPTION...]
{
	rm -rf back
	mkdir back
	expect_status "$1" lget --config conf --store "$S" --to back \
	    "${@:2}"
}
is_old()
{
	[ "$(ls -A back) $(cat back/file)" = 'file old' ] ||
	    fail "not the old one: $(ls -A back), $(cat err)"
}
is_partial()	# [TIME]: with the new one's time
{
	[ "$(ls -A back) $(cat back/file.partial)" = 'file.partial new' ] ||
	    fail "what is kept: $(ls -A back), $(cat err)"
	has_text 'file was modified 2024-02-03T05:05:0' err
	has_text ' there, and by the index 2024-02-03T04:05:0' err
	has_text 'is kept as back/file.partial' err
	[ "$(stat -c %Y back/file.partial)" = "$(date -d "$NEW" +%s)" ] ||
	    fail "time of what is kept: $(stat -c %y back/file.partial)"
}
like()	# FILE COMMAND...: makes it anew, of the same size and time
{
	local size time
	size=$(stat -c %s "$1") time=$(stat -c %y "$1")
	"${@:2}"
	[ "$(stat -c %s "$1")" = "$size" ] || fail "$1: this wants one size"
	touch -d "$time" "$1"
}

# ---- archives ----

pack()	# FORMAT: tree/file as b/a.FORMAT, the name `hard` with it
{
	rm -f "b/a.$1"
	ln -f tree/file tree/hard
	case $1 in
	tar | ustar) tar -C tree --format="${1/#tar/posix}" -cf "b/a.$1" \
	    file hard ;;
	cpio) (cd tree && printf 'file\nhard\n' |
	    cpio --quiet -o -H newc > ../b/a.cpio) ;;
	zip) python3 - <<-END
		import zipfile, os, time
		t = time.gmtime(os.stat("tree/file").st_mtime)[:6]
		with zipfile.ZipFile("b/a.zip", "w") as z:
		    for n in "file", "hard":
		        z.writestr(zipfile.ZipInfo(n, t), open("tree/file").read())
		END
	    ;;
	esac
}
for format in tar ustar cpio zip; do
	old
	pack $format
	scan $format/a "archive:b/a.$format"
	get 0 $format/a:/file
	is_old
	get 0 $format/a:/hard
	[ "$(cat back/hard)" = old ] || fail "a hard link"
	new
	like b/a.$format pack $format
	get 1 $format/a:/file
	is_partial
	expect_status 1 lget --config conf --store "$S" -O $format/a:/file
	same_text < /dev/null
	has_text 'file was modified 2024-02-03T05:05:0' err
	get 1 $format/a:/hard
	[ "$(ls -A back)" = hard.partial ] || fail "a hard link of another time"
done
rm tree/hard

# What differs by less than a second differs, where both know that.
old
pack tar
scan ns/a archive:b/a.tar
new '2024-02-03 04:05:06.123456788'
like b/a.tar pack tar
get 1 ns/a:/file
has_text 'modified 2024-02-03T04:05:06.123456788Z there' err
has_text 'by the index 2024-02-03T04:05:06.123456789Z' err

# The same night in two archives: the one that changed is passed over.
old
pack tar
touch -d 2024-03-02 b/a.tar
cp b/a.tar b/kept.tar
touch -d 2024-03-01 b/kept.tar
scan twice/a archive:b/kept.tar
scan twice/a archive:b/a.tar
new
like b/a.tar pack tar
get 0 twice/a:/file
is_old
has_text "from archive:$T/b/a.tar: file was modified" err
has_text "from archive:$T/b/kept.tar" err

# ---- live files ----

old
expect_status 0 lindex scan --config conf -U "$T/tree" --prunepaths= \
    --prunefs= --store "$S"
lsearch --store "$S" --series h1 --regex '/file$' > line
get 0 - < line
is_old
new
get 1 - < line
has_text 'it has changed, on 2024-02-03 05:05:06' err
[ -z "$(ls -A back)" ] || fail "something of a file that changed"
# Then from an archive.
old
tar -C / -cf b/live.tar "${T#/}/tree/file"
scan h1/live archive:b/live.tar
new
get 0 - < line
is_old
has_text "from archive:$T/b/live.tar" err

# ---- images ----

image()	# TYPE
{
	rm -f "b/$1.img"
	truncate -s 8M "b/$1.img"
	if [ "$1" = ext4 ]; then
		mke2fs -q -t ext4 -d tree b/ext4.img
	else
		mkfs.vfat -F 12 b/fat.img > /dev/null
		mcopy -m -i b/fat.img tree/file ::/file
	fi
}
rm -f tree/hard
for type in ext4 fat; do
	old
	image $type
	scan $type/i image:b/$type.img
	get 0 $type/i:/file
	is_old
	new
	like b/$type.img image $type
	get 1 $type/i:/file
	is_partial
done

# ---- files on another machine ----

start_sshd "Subsystem sftp internal-sftp"
make_key me
cat keys/me.pub >> "$AUTHORIZED_KEYS"
login=(--identity "$T/keys/me" --known-hosts "$KNOWN_HOSTS")
uri=sftp://$SSHD_USER@127.0.0.1:$SSHD_PORT$T/tree
old
scan h2/sftp "$uri" "${login[@]}"
get 0 "h2/sftp:$T/tree/file" "${login[@]}"
is_old
new
get 1 "h2/sftp:$T/tree/file" "${login[@]}"
is_partial
# A place of whole seconds holds a version that has more.
old
tar -C / -cf b/sftp.tar --format=posix "${T#/}/tree/file"
scan h2/exact archive:b/sftp.tar
rm b/sftp.tar
get 0 "h2/exact:$T/tree/file" "${login[@]}"
is_old
