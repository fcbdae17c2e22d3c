#!/bin/bash
# A plugin is found where its program lies, in a build and installed, and
# nowhere else; the installed headers are all that one needs to write another.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires cc make
unset MAKEFLAGS MFLAGS MAKELEVEL LD_LIBRARY_PATH
kind=$(basename "${BIN%-*/bin}")
[ "$kind" != build ] || kind=release

make -s --no-print-directory -C "$TOP" KIND="$kind" DESTDIR="$T" install
mkdir bin
cp "$HELPERS/load_plugin" usr/bin/load_plugin
cp "$HELPERS/load_plugin" bin/load_plugin

# Installed, also through a link to the program and from any directory.
expect_status 0 usr/bin/load_plugin lab-null
same_text out <<< 'lab-null 1: builds nothing and records what it was asked'
ln -s ../usr/bin/load_plugin bin/link
expect_status 0 bin/link lab-null

# A stranger's plugin, as doc/hacking.md says.
sed -n 's/^    \(cc -shared .*\)/\1/p' "$TOP/doc/hacking.md" > build.sh
[ -s build.sh ] || fail "no command in doc/hacking.md"
sed 's/"lab-null"/"mine"/' "$TOP/plugins/lab-null/lab_null.c" > mine.c
sed -i "s,NAME,mine,g; s,-Iinclude,-I$T/usr/include," build.sh
expect_status 0 sh -e build.sh

# Not from where we are, nor from where a variable says.
LD_LIBRARY_PATH=$T expect_status 2 bin/load_plugin mine
same_text err <<< "no plugin mine: no mine.so in $T/plugins or $T/lib/lookback/plugins"
# Beside the program, and first there.
mkdir plugins
mv mine.so plugins
expect_status 0 bin/load_plugin mine
same_text out <<< 'mine 1: builds nothing and records what it was asked'
mkdir -p lib/lookback/plugins
echo junk > lib/lookback/plugins/mine.so
expect_status 0 bin/load_plugin mine
rm plugins/mine.so
expect_status 2 bin/load_plugin mine
same_text err <<< "$T/lib/lookback/plugins/mine.so: file too short"
# Or as a file.
expect_status 0 bin/load_plugin ./usr/lib/lookback/plugins/lab-null.so
