#!/bin/bash
# What a retention drops of a repository, or of databases that were imported, is
# not indexed again the night after, nor refused; what is late still is.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires tar jq

S=$T/store R=$T/repo
mkdir -p "$R/web01" src
cat > conf <<- EOF
	store = $S
	[Repository "$R"]
	pattern = {host}/{set}-{date}.tar
	[Retention]
	keep-daily = 3
	keep-monthly = 2
EOF

night()	# DATE...
{
	local d
	for d; do
		echo "$d" > src/file
		tar -C src -cf "$R/web01/etc-$d.tar" file
	done
}

repo()	# STATUS INDEXED KNOWN NOT-KEPT REFUSED [OPTION...]
{
	expect_status "$1" lindex repo --config conf "${@:6}"
	has_text "$2 indexed, $3 known, $4 not kept, 0 incomplete, $5 refused, 0 failed"
}

dates()	# of the snapshots that there are
{
	lindex snapshots --store "$S" --host "$1" --jsonl | jq -r '.date[5:10]'
}

prune()
{
	lindex prune --config conf --store "$S" > pruned || fail "$(cat pruned)"
	clean_store "$S"
}

# ---- a month's nights, pruned; the next nights go on ----

night 2026-0{8-20,9-10,9-30} 2026-10-{01,28,29} 2026-11-{01,02,03}
repo 0 9 0 0 0

prune
[ "$(dates web01 | xargs)" = "10-29 11-01 11-02 11-03" ] || fail "$(dates web01)"
repo 0 0 4 5 0
[ ! -s err ] || fail "it says something of what is not kept"
repo 0 0 4 5 0 -v
has_text "web01/etc-2026-09-30.tar: no snapshot of 2026-09-30" err
night 2026-11-04
repo 0 1 4 5 0
prune
repo 0 0 4 6 0
[ "$(dates web01 | xargs)" = "10-29 11-02 11-03 11-04" ] || fail "$(dates web01)"

# ---- what is late, and would be kept, is refused until it is put in order ----

rm "$R/web01/etc-2026-11-03.tar"
night 2026-10-31
repo 3 0 3 6 1
has_text "etc-2026-10-31.tar: older than the newest, 2026-11-04" err
repo 0 10 0 0 0 --rebuild
prune
[ "$(dates web01 | xargs)" = "10-31 11-02 11-03 11-04" ] || fail "$(dates web01)"
repo 0 0 3 7 0

# A retention that keeps more wants back what an earlier one dropped.
sed -i 's/keep-monthly.*/keep-monthly = 3/' conf
repo 3 0 3 1 6
has_text "etc-2026-09-30.tar: older than the newest" err
lacks_text "etc-2026-11-01.tar" err
repo 0 10 0 0 0 --rebuild

# ---- one that never could be read keeps nobody from putting things in order ----

echo rubbish > "$R/web01/etc-2026-11-05.tar"
night 2026-11-06
repo_broken()	# INDEXED KNOWN OPTION...
{
	expect_status 3 lindex repo --config conf "${@:3}"
	has_text "$1 indexed, $2 known"
	has_text "etc-2026-11-05.tar" err
	clean_store "$S"
}
repo_broken 1 10
repo_broken 11 0 --rebuild
lacks_text "stays as it is" err

# ---- databases: the same ----

mkdir db
for d in 261101 261102 261103; do
	printf '/a\n/a/%s\n' $d > "db/$d-old.db"
done
expect_status 0 lindex import --format list --store "$S" db/*
has_text "3 imported, 0 already there"
expect_status 0 lindex prune --store "$S" --series 'old/*' --keep-last 1
cat > lindex.conf <<- EOF
	host = me
	[Local]
	keep-last = 1
	keep-daily = 0
EOF
expect_status 0 lindex import --config lindex.conf --format list --store "$S" db/*
has_text "0 imported, 1 already there, 2 not kept"
printf '[Local]\nkeep-daily = 30\n' > lindex.conf
expect_status 3 lindex import --config lindex.conf --format list --store "$S" db/*
has_text "0 imported, 1 already there, 2 not or not whole"
clean_store "$S"
exit 0
