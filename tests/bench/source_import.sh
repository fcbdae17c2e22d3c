# 30 nights of mlocate.db of one host into a store; sourced by run.sh.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # run.sh's

note "making 30 nights of mlocate.db"
rm -rf "$work/nights" "$work/import"
mkdir -p "$work/nights"
import_day=$(date -d 2013-11-01T12:00 +%s)
for k in {0..29}; do
	mlocate_of "$corpus/v1/h000" "$k" \
	    "$work/nights/$(date -d "@$((import_day + k * 86400))" +%y%m%d)-h000.db"
done

note "importing them"
import_files=("$work"/nights/*.db)
lindex import --store "$work/import" "${import_files[0]}" > /dev/null
import_first=$(bytes "$work/import")
# shellcheck disable=SC2016 # the inner shell's
measure 3 "rm -rf $work/import" \
    lindex import --store "$work/import" "${import_files[@]}" \
    ::: "" bash -c 'out=$1; shift
	for f; do plocate-build "$f" "$out" || exit 1; done' \
    bash "$work/nights/plocate" "${import_files[@]}"
[ "$s1$s2" = 00 ] || { echo "import: status $s1, plocate-build: $s2" >&2; exit 1; }
row "import 30 mlocate.db of 1 M paths, s" plocate-build "$m1" "$m2" 0.7
row "the store of them, bytes" "the first night" "$(bytes "$work/import")" \
    "$import_first" 2
peak "import of 1 M paths" "$k1"
rm -rf "$work/nights" "$work/import"
