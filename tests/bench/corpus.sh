#!/bin/bash
# corpus.sh DIR: make the benchmarks' corpora there, from Debian's own lists of
# the files of its packages, brought by apt's ordinary client in a private
# directory. Some 2 GB.
#
#   ball.list   all paths of one suite, 8 million, sorted
#   v10/        10 hosts x 30 nights of 1 million paths each (corpus.py)
#   v1          the first of them: v1/h000
#
# SPDX-License-Identifier: BSD-2-Clause
set -euo pipefail

[ $# = 1 ] || { echo "usage: corpus.sh DIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
export LC_ALL=C
suite=bookworm

if [ ! -s ball.list ]; then
	uri=$(apt-get indextargets \
	    --format "\$(REPO_URI) \$(ORIGIN) \$(COMPONENT)" |
	    awk '$2 == "Debian" && $3 == "main" && $1 !~ /security/ \
		{ print $1; exit }')
	mkdir -p apt/lists/partial apt/cache/archives/partial
	echo "deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" \
	    > apt/sources.list
	cat > apt/apt.conf <<-END
		Dir::State::Lists "$PWD/apt/lists";
		Dir::Cache "$PWD/apt/cache";
		Dir::Etc::sourcelist "$PWD/apt/sources.list";
		Dir::Etc::sourceparts "-";
		APT::Sandbox::User "$(id -un)";
		Acquire::Languages "none";
		Acquire::IndexTargets::deb::Contents-deb {
			MetaKey "\$(COMPONENT)/Contents-\$(ARCHITECTURE)";
			ShortDescription "Contents";
			Description "Contents";
			KeepCompressed "true";
		};
	END
	APT_CONFIG=$PWD/apt/apt.conf apt-get -qq update
	for f in apt/lists/*Contents-{amd64,all}*; do
		/usr/lib/apt/apt-helper cat-file "$f"
	done | sed -E 's,^(\./)?,/,; s/[[:space:]]+[^[:space:]]+$//' |
	    sort -u > ball.tmp
	mv ball.tmp ball.list
fi
[ -e v10/h009/d029.delta ] ||
    python3 "$here/corpus.py" versions ball.list v10 10 30
[ -e v1/h000 ] || { mkdir -p v1; ln -s ../v10/h000 v1/h000; }
