#!/bin/bash
# lindex repo: backups by the names of their files, each a snapshot; what is
# known, changed, late, damaged and gone; a series indexed anew.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires tar gzip zstd cpio

S=$T/store R=$T/repo
mkdir -p "$R" src/etc

repo()	# STATUS [OPTION...]
{
	local status=$1
	shift
	expect_status "$status" lindex repo --store "$S" "$@" "$R"
}

# SERIES: its snapshots as lines of DATE ENTRIES FILE
snapshots()
{
	lindex snapshots --store "$S" --jsonl |
	    jq -r --arg s "$1" 'select(.series == $s) |
	    "\(.date[:16]) \(.entries) \(.origin | sub("[?].*"; "") | sub(".*/"; ""))"'
}

told()	# INDEXED KNOWN INCOMPLETE REFUSED FAILED GONE
{
	printf '%s: %d indexed, %d known, 0 not kept, %d incomplete, %d refused, %d failed, %d gone\n' \
	    "$R" "$@" | same_text
}

# ---- what names say ----

echo old > src/etc/fstab
echo passwd > src/etc/passwd
mkdir -p "$R"/{web01,db1/2026-11-18,img}
tar -C src -cf "$R/web01/etc-2026-11-17.tar" etc
rm src/etc/passwd
echo newer > src/etc/fstab
tar -C src --zstd -cf "$R/web01/etc-2026-11-18.tar.zst" ./etc
tar -C src -czf "$R/db1/2026-11-18/home.tgz" etc
(cd src && find etc | cpio -o --quiet) > "$R/db1/2026-11-18/etc.cpio"
echo > "$R/README"
echo > "$R/web01/.etc-2026-11-19.tar.part"
patterns=(--pattern '{host}/**{date}**')

repo 0 "${patterns[@]}"
told 4 0 0 0 0 0
same_text err < /dev/null
cat > want <<- 'EOF'
	2026-11-17T00:00 4 etc-2026-11-17.tar
	2026-11-18T00:00 3 etc-2026-11-18.tar.zst
EOF
snapshots web01/backup/etc | same_text want
snapshots db1/backup/home | same_text <(echo "2026-11-18T00:00 3 home.tgz")
snapshots db1/backup/etc | same_text <(echo "2026-11-18T00:00 3 etc.cpio")
clean_store "$S"

# What was found on one night and not on the next is deleted there.
expect_status 0 lsearch --store "$S" -E passwd
has_text "web01/backup/etc:/etc/passwd"
expect_status 1 lsearch --store "$S" --at 2026-11-18 passwd

# ---- again: nothing; a new night: that one ----

repo 0 "${patterns[@]}"
told 0 4 0 0 0 0
tar -C src -cf "$R/web01/etc-2026-11-19.tar" etc
repo 0 "${patterns[@]}" -v
told 1 4 0 0 0 0
has_text "web01/backup/etc, snapshot 3 of 2026-11-19" err

# ---- the newest is written again; an earlier one, and one that comes late ----

echo more > src/etc/more
tar -C src -cf "$R/web01/etc-2026-11-19.tar" etc
repo 0 "${patterns[@]}"
told 1 4 0 0 0 0
expect_status 0 lsearch --store "$S" -e /etc/more
tar -C src -cf "$R/web01/etc-2026-11-17.tar" etc
tar -C src -cf "$R/web01/etc-2026-11-16.tar" etc
repo 3 "${patterns[@]}"
told 0 4 0 2 0 0
has_text "etc-2026-11-17.tar: changed since it was indexed: lindex repo --rebuild" err
has_text "etc-2026-11-16.tar: older than the newest, 2026-11-19" err

# ---- anew: all in the order of dates, and what is gone is copied ----

rm "$R/web01/etc-2026-11-18.tar.zst"
repo 0 "${patterns[@]}" --rebuild -v
told 5 0 0 0 0 1
has_text "no longer there, of what was indexed: $R/web01/etc-2026-11-18.tar.zst" err
cat > want <<- 'EOF'
	2026-11-16T00:00 4 etc-2026-11-16.tar
	2026-11-17T00:00 4 etc-2026-11-17.tar
	2026-11-18T00:00 3 etc-2026-11-18.tar.zst
	2026-11-19T00:00 4 etc-2026-11-19.tar
EOF
snapshots web01/backup/etc | same_text want
expect_status 1 lsearch --store "$S" --at 2026-11-18 /etc/more
expect_status 0 lsearch --store "$S" --at 2026-11-17 /etc/more
clean_store "$S"
lindex compact --store "$S" > compacted
clean_store "$S"
snapshots web01/backup/etc | same_text want
touch "$R/web01/of-no-date.tar.gz"
repo 0 "${patterns[@]}"
told 0 5 0 0 0 1
# A timer's mail has what somebody should look at, and no more.
same_text err <<< "lindex: no pattern matches $R/web01/of-no-date.tar.gz"
rm "$R/web01/of-no-date.tar.gz"

# Where one cannot be read any more, the series stays as it is.
echo rubbish > "$R/web01/etc-2026-11-16.tar"
repo 3 "${patterns[@]}" --rebuild
has_text "web01/backup/etc stays as it is" err
snapshots web01/backup/etc | same_text want
lindex snapshots --store "$S" > all
! grep rebuild all || fail "half a series is left"
clean_store "$S"
rm "$R/web01/etc-2026-11-16.tar"

# ---- one bad backup stops no other ----

printf 'not an archive' > "$R/web01/etc-2026-11-20.tar"
head -c 400000 /dev/urandom > src/etc/noise
tar -C src -czf whole.tgz etc
head -c 300000 whole.tgz > "$R/web01/etc-2026-11-21.tar.gz"
tar -C src -cf "$R/web01/etc-2026-11-22.tar" etc
repo 3 "${patterns[@]}"
told 2 4 1 0 1 2
has_text "etc-2026-11-20.tar" err
has_text "etc-2026-11-21.tar.gz" err
snapshots web01/backup/etc | grep -q '^2026-11-22' || fail "the last is missing"
# What the cut one did not say is not gone.
expect_status 0 lsearch --store "$S" --at 2026-11-21 -e /etc/fstab
clean_store "$S"

# ---- incremental: declared, or recognised ----

mkdir "$R/inc"
patterns=(--pattern '{host}/{set}-full-%Y%m%d.tar'
    --incremental 'inc/*-diff-*')
mkdir -p tree/d
echo 1 > tree/d/one
echo 2 > tree/d/two
tar -C tree -cf "$R/inc/srv-full-20261101.tar" d
rm tree/d/one
echo 3 > tree/d/three
tar -C tree -cf "$R/inc/srv-diff-20261102.tar" d/three
cat > conf <<- EOF
	store = $S
	[Repository "$R/inc"]
	host = nas
	pattern = {set}-full-%Y%m%d.tar
	pattern = {set}-diff-%Y%m%d.tar
	pattern = {set}-snar-%Y%m%d.tar
	incremental = *-diff-*
EOF
expect_status 0 lindex repo --config conf
same_text <<< "$R/inc: 2 indexed, 0 known, 0 not kept, 0 incomplete, 0 refused, 0 failed, 0 gone"
expect_status 0 lsearch --store "$S" -e --series nas/backup/srv d/
cut -f 6 out > refs
printf 'nas/backup/srv:/d/%s\n' one three two | diff - refs ||
    fail "a declared incremental archive takes nothing away"
tar -C tree -g snar -cf /dev/null d
echo 4 > tree/d/four
tar -C tree -g snar -cf "$R/inc/srv-snar-20261103.tar" d
expect_status 0 lindex repo --config conf
expect_status 0 lsearch --store "$S" -e --series nas/backup/srv d/two
expect_status 0 lsearch --store "$S" -e --series nas/backup/srv d/four
clean_store "$S"

# A directory by its name is as its section says, and else as several patterns
# do; with -v all are named that none matches.
expect_status 0 lindex repo --config conf --rebuild "$R/./inc/"
same_text <<< "$R/inc: 3 indexed, 0 known, 0 not kept, 0 incomplete, 0 refused, 0 failed, 0 gone"
several=(--pattern 'full-{date}.tar' --pattern '{set}-{date}.tar.gz'
    --pattern '{set}-full-{date}.tar' --host other --store several)
expect_status 0 lindex repo "${several[@]}" --pattern '{set}-diff-{date}.tar' \
    --incremental 'x*' --incremental '*diff*' --incremental 'y*' "$R/inc"
same_text <<< "$R/inc: 2 indexed, 0 known, 0 not kept, 0 incomplete, 0 refused, 0 failed, 0 gone"
same_text err <<< "lindex: no pattern matches $R/inc/srv-snar-20261103.tar"
expect_status 0 lsearch --store several -e --series other/backup/srv d/one
expect_status 0 lindex repo "${several[@]}" -v "$R/inc"
[ "$(grep -c '^lindex: no pattern matches' err)" = 2 ] || fail "not all are named"

# ---- what is wrong ----

expect_status 2 lindex repo --store "$S" "$R"
has_text "no pattern says" err
expect_status 2 lindex repo --store "$S" --pattern '{hots}' "$R"
has_text '"{hots}"' err
expect_status 2 lindex repo --store "$S" --pattern '{host}.tar' "$T/nowhere"
has_text "$T/nowhere: No such file" err
expect_status 2 lindex repo --pattern x
has_text "for a DIR" err
printf '[Repository "rel/ative"]\npattern = x\n' > conf
expect_status 2 lindex repo --config conf
has_text "conf:1:" err
printf '[Repository "/x"]\npattern = {date}%%Y\n' > conf
expect_status 2 lindex repo --config conf
has_text "conf:2:" err
repo 0 --pattern '{host}/no-such-{date}'
told 0 0 0 0 0 2

# ---- no pattern says host or date: this machine, and the file's time ----

mkdir "$T/plain"
tar -C tree -cf "$T/plain/all.tar" d
touch -d '2026-01-02 03:04:05' "$T/plain/all.tar"
expect_status 0 lindex repo --store "$S" --pattern '*.tar' --host solo "$T/plain"
snapshots solo/backup/all | same_text <(echo "2026-01-02T03:04 5 all.tar")

# ---- Ctrl-C and kill -9: what is done is done, and nothing half ----

mkdir "$T/many"
for i in {10..29}; do
	cp "$R/inc/srv-full-20261101.tar" "$T/many/big-202610$i.tar"
done
n=0
for _ in {1..10}; do
	lindex repo --store "$S" --pattern '{set}-%Y%m%d.tar' --host many \
	    "$T/many" > /dev/null 2>&1 &
	pid=$!
	while [ "$(snapshots many/backup/big | wc -l)" -le "$n" ] &&
	    kill -0 $pid 2> /dev/null; do
		:
	done
	kill -KILL $pid 2> /dev/null || true
	wait $pid 2> /dev/null || true
	clean_store "$S"
	n=$(snapshots many/backup/big | wc -l)
	[ "$n" -lt 20 ] || break
done
expect_status 0 lindex repo --store "$S" --pattern '{set}-%Y%m%d.tar' --host many \
    "$T/many"
[ "$(snapshots many/backup/big | wc -l)" = 20 ] || fail "not all after kills"
clean_store "$S"
compgen -G "$S/tmp/*" && fail "a temporary is left"
exit 0
