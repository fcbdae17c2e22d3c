#!/bin/bash
# Makes DIR (default v1) with today's programs, found on PATH: once for each
# format that is released. tests/cli/700-golden.sh reads it forever.
#
# SPDX-License-Identifier: BSD-2-Clause
set -euo pipefail
cd "$(dirname "$0")"
dir=$PWD/${1:-v1}
tree=/var/tmp/golden
mkdir "$tree"
trap 'rm -rf "$tree"' EXIT
mkdir "$dir"

scan()	# HOST OPTION...
{
	local host=$1
	shift
	lindex scan --store "$dir/store" --host "$host" --prunefs= \
	    --prunenames=.git --prunepaths= -U "$tree" "$@" < /dev/null 2> /dev/null
}

mkdir -p "$tree"/{etc/app,home/ann/.git,srv/many}
echo one > "$tree/etc/app/app.conf"
echo gone > "$tree/etc/passwd.old"
printf 'x' > "$tree/home/ann/"$'odd \xff\n\x1b name'
printf 'y' > "$tree/home/ann/Äpfel.txt"
ln -s ../etc/app/app.conf "$tree/home/link"
mkfifo "$tree/srv/pipe"
(cd "$tree/srv/many" && seq -f 'file-%04.0f.so.1' 700 | xargs touch)
find "$tree" -print0 | xargs -0 touch -h -d '2026-01-02 03:04:05.123456789Z'
scan web01
scan db01 --names-only
rm "$tree/etc/passwd.old" "$tree/srv/many/file-0007.so.1"
echo two more > "$tree/etc/app/app.conf"
mkdir "$tree/home/ann/.git/objects"
find "$tree" -print0 | xargs -0 touch -h -d '2026-02-03 04:05:06Z'
scan web01
scan db01 --names-only
scan web01 --add-prunepaths "$tree/srv/many"
scan db01

cd "$dir"
lindex snapshots --store store --jsonl > snapshots
lsearch --store store --jsonl / | gzip -9n > all.gz
find store -mindepth 1 ! -path 'store/seg*' ! -name manifest.db -delete
