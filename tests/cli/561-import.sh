#!/bin/bash
# lindex import: what names say, the order of dates, again and again, files that
# are bad, lists and mtree.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires jq bsdtar
cat > lindex.conf <<-END
	host = here
	store = $T/store
END
import() { lindex import --config lindex.conf "$@"; }

# FILE LINE...: an mlocate.db of "d /path", "f /path", "x /path"
mlocate_of()
{
	local db=$1
	shift
	printf '%s\n' "$@" | sed 's/ /\t\t\t/' > db.tsv
	"$HELPERS/mlocatedb" "$db" db.tsv
}
snapshots()	# [STORE]: SERIES NUMBER DATE ENTRIES COMPLETE FIELDS
{
	lindex snapshots --store "${1:-store}" --jsonl | jq -r '[.series, .number,
	    .date[:16], .entries, .complete,
	    ([.observed | to_entries[] | select(.value).key] | join("+"))] |
	    map(tostring) | join(" ")'
}
echo "== years of nights, in the order of their dates"
mkdir index
base=('d /etc' 'f /etc/fstab' 'd /home' 'd /home/alice' 'd /srv')
mlocate_of index/131120-web01.db "${base[@]}" 'f /home/alice/report.ods'
mlocate_of index/131122-web01.db "${base[@]}" 'f /srv/new'
mlocate_of index/990131-web01.db 'd /etc' 'f /etc/first'
mlocate_of index/131120-db-1.x.db "${base[@]}"
expect_status 0 import index/131122* index/990131* index/131120*
same_text <<< '4 imported, 0 already there'
[ ! -s err ]
snapshots > got
same_text got <<-'END'
	db-1.x/import 1 2013-11-20T00:00 6 true type
	web01/import 1 1999-01-31T00:00 3 true type
	web01/import 2 2013-11-20T00:00 7 true type
	web01/import 3 2013-11-22T00:00 7 true type
END
lindex snapshots --store store --host db-1.x --jsonl | jq -r .origin > got
has_text "locatedb://here$T/index/131120-db-1.x.db?size=" got
lsearch --store store report.ods > out
has_text 'web01/import:/home/alice/report.ods'
has_text '2013-11-20'
has_text 'deleted'

echo "== again is nothing, later ones are added"
expect_status 0 import index/*.db
same_text <<< '0 imported, 4 already there'
mlocate_of index/131123-web01.db "${base[@]}"
touch -d 2013-11-24 index/131120-web01.db	# a copy without -p
expect_status 0 import index/*.db
same_text <<< '1 imported, 4 already there'
mv index moved
expect_status 0 import moved/*.db
same_text <<< '0 imported, 5 already there'
mv moved index

echo "== what is refused, by name, while the rest goes on"
mlocate_of index/131121-web01.db "${base[@]}"
mlocate_of index/131124-web01.db "${base[@]}"
mkdir other
mlocate_of other/131123-web01.db "${base[@]}" 'f /srv/elsewhere'
echo none > index/131125-web01.db
cp index/131124-web01.db index/mlocate.db
mlocate_of other/371126-web01.db "${base[@]}"
expect_status 3 import index/*.db other/*.db index/131126-gone.db
same_text <<< '1 imported, 5 already there, 6 not or not whole'
has_text "371126-web01.db: dated 2037-11-26 00:00:00, which is still to come" err
has_text "131121-web01.db: is of 2013-11-21 00:00:00, older than the newest" err
has_text "131125-web01.db: locatedb: no database that is known" err
has_text "other/131123-web01.db: web01/import has another one of" err
has_text "index/mlocate.db: its name is not as %y%m%d-{host}.db" err
has_text "131126-gone.db: No such file" err
rm index/{131121-web01,131125-web01,mlocate}.db other/371126-web01.db
clean_store store
expect_status 2 import other/*.db
same_text <<< '0 imported, 0 already there, 1 not or not whole'

echo "== other names"
mkdir -p far/h-1
mlocate_of far/h-1/2013-11-20T0130.plocate "${base[@]}"
expect_status 0 import --name '{host}/%Y-%m-%dT%H%M.plocate' far/h-1/*
expect_status 0 import --name 'mlocate.{date}' --host h-2 \
    "$(cp index/131120-web01.db mlocate.20131120; echo mlocate.20131120)"
snapshots | grep ^h- > got
same_text got <<-'END'
	h-1/import 1 2013-11-20T01:30 6 true type
	h-2/import 1 2013-11-20T00:00 7 true type
END
expect_status 2 import --name '{hots}.db' index/*
has_text '{hots}' err
expect_status 2 import --name '{host}.db' index/131120-web01.db
has_text 'neither its name nor --date says a date' err
expect_status 2 import --name '%y%m%d-*.db' index/131120-web01.db
has_text 'neither its name nor --host says a host' err
expect_status 2 import --date today index/131120-web01.db index/131122-web01.db
has_text '--date is for one file' err
expect_status 2 import --host a/b --date today index/131120-web01.db
expect_status 2 import --date never index/131120-web01.db
expect_status 2 import --format odd index/131120-web01.db
expect_status 2 import
has_text 'no file' err

echo "== one file by hand, and again"
expect_status 0 import --host one --date 2014-01-01 index/131120-web01.db
same_text <<< '1 imported, 0 already there'
expect_status 0 import --host one --date 2014-01-02 index/131120-web01.db
same_text <<< '0 imported, 1 already there'

echo "== what nobody looked into is unseen, what is cut off stays"
mlocate_of 140101-cut.db "${base[@]}" 'f /srv/a' 'f /home/alice/b' 'd /var' 'f /var/c'
mlocate_of 140102-cut.db 'd /etc' 'f /etc/fstab' 'd /home' 'd /home/alice' \
    'x /srv' 'd /var' 'f /var/c'
expect_status 0 import 140101-cut.db 140102-cut.db
lsearch --store store /srv/a > out
has_text unseen
lsearch --store store alice/b > out
has_text deleted
mlocate_of 140103-cut.db "${base[@]}" 'f /home/alice/b' 'f /srv/a' 'd /var' 'f /var/c'
expect_status 0 import 140103-cut.db
head -c -20 140103-cut.db > 140104-cut.db
expect_status 3 import 140104-cut.db
has_text "140104-cut.db" err
has_text "cut short at byte $(stat -c %s 140104-cut.db)" err
same_text <<< '1 imported, 0 already there, 1 not or not whole'
lsearch --store store --host cut / > out || [ $? = 3 ]
[ "$(grep -c present out)" = 10 ] || fail "what was behind the cut is gone"
lacks_text deleted
lacks_text unseen
expect_status 0 import 140104-cut.db

echo "== lists"
printf '/etc\n/etc/fstab\n./x\n' > 140101-list.db
printf '/etc\0/etc/two\nlines\0' > 140102-list.db
: > 140103-list.db
expect_status 2 import --format list 140103-list.db
has_text 'locatedb: an empty file' err
expect_status 2 import 140101-list.db
has_text 'no database that is known' err
expect_status 0 import --format list 14010{1,2}-list.db
snapshots | grep ^list > got
same_text got <<-'END'
	list/import 1 2014-01-01T00:00 4 true 
	list/import 2 2014-01-02T00:00 3 true 
END
lsearch --store store --jsonl two | jq -r '.path // empty' > got
printf '/etc/two\nlines\n' | same_text got
expect_status 2 import --format plocate --host m --date today index/131120-web01.db
has_text 'not a database of plocate' err

echo "== mtree"
mkdir -p tree/etc
echo hello > tree/etc/motd
bsdtar -C tree --format=mtree -cf 140101-mt.db etc
expect_status 0 import --format mtree 140101-mt.db
snapshots | grep ^mt > got
has_text 'mt/import 1 2014-01-01T00:00 3 true' got
has_text 'size' got

clean_store store
