#!/bin/bash
# lindex repo where backups moved, the machine has another name, snapshots were
# pruned, another run is at it, or one was killed: nothing is indexed twice, and
# nothing is lost.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires tar jq flock

S=$T/store R=$T/repo
mkdir -p "$R" src/etc
patterns=(--pattern '**{set}-{date}.tar' --host web01)
told()	# STATUS INDEXED KNOWN INCOMPLETE REFUSED FAILED GONE [OPTION...]
{
	expect_status "$1" lindex repo --store "$S" "${patterns[@]}" "${@:8}" "$R"
	printf '%s: %d indexed, %d known, 0 not kept, %d incomplete, %d refused, %d failed, %d gone\n' \
	    "$R" "${@:2:6}" | same_text
}
snapshots()	# [SERIES]: lines of DATE FILE
{
	lindex snapshots --store "$S" --jsonl |
	    jq -r --arg s "${1:-web01/backup/etc}" 'select(.series == $s) |
	    "\(.date) \(.origin | sub("[?].*"; "") | sub("archive://[^/]*"; ""))"'
}
night()	# DAY: one more archive
{
	echo "$1" > "src/etc/of-$1"
	tar -C src -cf "$R/etc-2026-10-$1.tar" etc
	touch -d "2026-10-$1 03:00" "$R/etc-2026-10-$1.tar"
}

for day in 01 02 03 04; do
	night $day
done
told 0 4 0 0 0 0 0
snapshots > first

# ---- a year that nobody has seen yet ends no series ----

ahead=etc-$(date -d '3 days' +%Y-%m-%d)
cp "$R/etc-2026-10-04.tar" "$R/$ahead.tar"
told 3 0 4 0 1 0 0
has_text "$R/$ahead.tar: dated ${ahead#etc-} 00:00:00, which is still to come" err
told 3 4 0 0 1 0 0 --rebuild
rm "$R/$ahead.tar"
snapshots | same_text first

# ---- moved: known, but lget has to learn where ----

mkdir "$R/old"
mv "$R/etc-2026-10-02.tar" "$R/old"
told 0 0 4 0 0 0 1
has_text "moved since it was indexed, so that lget does not find it: $R/old/etc" err
snapshots | same_text first
told 0 4 0 0 0 0 0 --rebuild
sed 's,repo/etc-2026-10-02,repo/old/etc-2026-10-02,' first > want
snapshots | same_text want
mv "$R" "$T/elsewhere"
R=$T/elsewhere
told 0 0 4 0 0 0 0
has_text "find it: $R/etc-2026-10-01.tar and others" err
told 0 4 0 0 0 0 0 --rebuild
sed -i 's,/repo/,/elsewhere/,' want
snapshots | same_text want
told 0 0 4 0 0 0 0
# A copy is no move, and another file in its place is another file.
cp -p "$R/etc-2026-10-04.tar" "$R/old"
rm "$R/etc-2026-10-03.tar"
night 03
touch -d '2026-10-03 04:00' "$R/etc-2026-10-03.tar"
mv "$R/etc-2026-10-03.tar" "$R/old"
told 3 1 3 0 1 0 1
has_text 'old/etc-2026-10-03.tar: older than the newest' err
clean_store "$S"

# ---- another name of the machine ----

if [ "$(id -u)" = 0 ] && unshare --uts true 2> /dev/null; then
	S=$T/named
	told 0 5 0 0 0 0 0
	snapshots > want
	# shellcheck disable=SC2016	# for the shell in there
	expect_status 0 unshare --uts sh -c 'hostname another; exec "$@"' - \
	    "$BIN/lindex" repo --store "$S" "${patterns[@]}" "$R"
	has_text ': 0 indexed, 5 known'
	has_text 'so that lget does not find it' err
	snapshots | same_text want
	# shellcheck disable=SC2016
	expect_status 0 unshare --uts sh -c 'hostname another; exec "$@"' - \
	    "$BIN/lindex" repo --store "$S" "${patterns[@]}" --rebuild "$R"
	snapshots | same_text want
	lindex snapshots --store "$S" > out
	has_text "archive://another$R/"
	lacks_text "archive://$(uname -n | cut -d. -f1)/"
	S=$T/store
fi

# ---- pruned: what the retention does not keep is not asked for again ----

cat > server.conf <<- END
	store = $T/pruned
	[Retention]
	keep-last = 2
END
pruned()	# STATUS
{
	expect_status "$1" lindex repo --config server.conf "${patterns[@]}" "$R"
}
pruned 0
lindex prune --store "$T/pruned" --keep-last 2 > out
has_text '3 snapshots dropped, 2 kept'
pruned 0
has_text ': 0 indexed, 2 known, 3 not kept, 0 incomplete, 0 refused'
same_text err < /dev/null
sed -i 's/keep-last = 2/keep-last = 4/' server.conf
pruned 3
has_text ': 0 indexed, 2 known, 0 not kept, 0 incomplete, 3 refused'

# ---- one at a time ----

exec 7> "$S/series/backup repositories.lock"
flock 7
expect_status 2 lindex repo --store "$S" "${patterns[@]}" "$R"
has_text "store $S: backup repositories is being recorded by another process" err
exec 7>&-
# A rebuild and whoever records the series.
exec 7> "$S/series/web01+backup+etc.lock"
flock 7
snapshots > want
expect_status 2 lindex repo --store "$S" "${patterns[@]}" --rebuild "$R"
has_text 'web01/backup/etc is being recorded by' err
exec 7>&-
snapshots | same_text want

# ---- killed while it indexes anew ----

for n in {10..28}; do
	cp "$R/etc-2026-10-01.tar" "$R/etc-2025-10-$n.tar"
done
expect_status 0 lindex repo --store "$S" "${patterns[@]}" --rebuild "$R"
snapshots > want
left=no
for _ in {1..10}; do
	lindex repo --store "$S" "${patterns[@]}" --rebuild "$R" > /dev/null 2>&1 &
	pid=$!
	while [ -z "$(snapshots web01/backup/etc.rebuild)" ] &&
	    kill -0 $pid 2> /dev/null; do
		:
	done
	kill -KILL $pid 2> /dev/null || true
	wait $pid 2> /dev/null || true
	clean_store "$S"
	snapshots | same_text want
	[ -z "$(snapshots web01/backup/etc.rebuild)" ] || left=yes
done
[ $left = yes ] || fail "never killed in the middle"
# The next run takes it away, also one that indexes nothing anew.
expect_status 0 lindex repo --store "$S" "${patterns[@]}" "$R"
[ -z "$(snapshots web01/backup/etc.rebuild)" ] || fail "half a series is left"
snapshots | same_text want
clean_store "$S"
# So no backup is called that.
mkdir "$T/named-so"
cp "$R/etc-2026-10-01.tar" "$T/named-so/etc.rebuild-2026-10-01.tar"
expect_status 2 lindex repo --store "$S" "${patterns[@]}" "$T/named-so"
has_text '"web01/backup/etc.rebuild" is no name of a series' err

# ---- what could not be read whole, and is gone, is copied so ----

R=$T/cut S=$T/cutstore
mkdir "$R"
night 01
head -c 300000 /dev/urandom > src/etc/noise
tar -C src -cf whole.tar etc
head -c 200000 whole.tar > "$R/etc-2026-10-02.tar"
night 03
told 3 3 0 1 0 0 0
lindex snapshots --store "$S" --jsonl | jq -c '[.date, .complete, .entries, .digest]' > want
rm "$R/etc-2026-10-02.tar"
told 0 2 0 0 0 0 1 --rebuild
lindex snapshots --store "$S" --jsonl | jq -c '[.date, .complete, .entries, .digest]' |
    same_text want
clean_store "$S"

# ---- a series that its host pushes ----

make_central
make_host web01
lindex repo --store web01/store "${patterns[@]}" "$R" > /dev/null
host_push web01
snapshots_of "$CENTRAL" web01 > want
expect_status 2 lindex repo --store "$CENTRAL" "${patterns[@]}" "$R"
has_text 'web01/backup/etc is pushed to this store' err
expect_status 2 lindex repo --store "$CENTRAL" "${patterns[@]}" --rebuild "$R"
snapshots_of "$CENTRAL" web01 | same_text want
