#!/bin/bash
# make install puts everything in place, keeps an administrator's files, and
# uninstall takes away what it brought.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires make
unset MAKEFLAGS MFLAGS MAKELEVEL
kind=$(basename "${BIN%-*/bin}")
[ "$kind" != build ] || kind=release

in_tree()	# make in the source tree, of the build under test
{
	make -s --no-print-directory -C "$TOP" KIND="$kind" DESTDIR="$T/root" "$@"
}

in_tree install
for f in usr/bin/{lindex,lsearch,lget,labrouter} \
    usr/lib/systemd/system/{lindex-run,lindex-repo,lookback-server}.{service,timer} \
    usr/lib/systemd/system/labrouter@.service \
    etc/lookback/{lindex,server}.conf etc/cron.d/{lindex,lindex-repo,lookback-server} \
    usr/lib/{sysusers,tmpfiles}.d/lookback.conf \
    usr/lib/lookback/plugins/{archive,fs,image,locatedb,sftp,lab-nft,lab-null}.so \
    usr/include/lookback/{lab,plan,plugin,source}.h \
    usr/share/bash-completion/completions/{lindex,lsearch,lget,labrouter} \
    usr/share/zsh/vendor-completions/_{lindex,lsearch,lget,labrouter} \
    usr/share/fish/vendor_completions.d/{lindex,lsearch,lget,labrouter}.fish; do
	[ -s "root/$f" ] || fail "no $f"
done
for f in "$TOP"/man/*.[158]; do
	[ -s "root/usr/share/man/man${f##*.}/${f##*/}" ] || fail "no $f"
done
for f in "$TOP"/etc/labs/*.lab; do
	cmp "$f" "root/etc/lookback/labs/${f##*/}.sample"
done
expect_status 0 root/usr/bin/lindex --version
# What is installed finds its plugins.
printf '[Lab]\nPlugin = lab-null\n' | cat - "$TOP/etc/labs/simple.lab" > null.lab
expect_status 1 root/usr/bin/labrouter status null.lab
same_text <<< 'null: down'
expect_status 0 root/usr/bin/lindex scan --store store --host me \
    --source "file:$T/root/usr/bin"
expect_status 0 root/usr/bin/lget --store store -O me/file/bin:/lget
cmp out root/usr/bin/lget

# Another installation keeps the administrator's files.
echo '# mine' > root/etc/lookback/lindex.conf
echo '# mine' > root/etc/cron.d/lindex
in_tree install
same_text root/etc/lookback/lindex.conf <<< '# mine'
same_text root/etc/cron.d/lindex <<< '# mine'
cmp root/etc/lookback/lindex.conf.sample "$TOP/etc/lindex.conf"
[ ! -e root/etc/lookback/server.conf.sample ] || fail "a needless sample"

# Units and cron lines name the programs where PREFIX puts them, and systemd
# takes the units as they are.
in_tree install DESTDIR= PREFIX="$T/local" SYSCONFDIR="$T/local/etc"
if command -v systemd-analyze > /dev/null; then
	expect_status 0 systemd-analyze verify --man=no \
	    local/lib/systemd/system/*
	same_text err < /dev/null
fi
has_text "$T/local/bin/lindex run" local/etc/cron.d/lindex

if command -v systemd-sysusers > /dev/null && [ "$(id -u)" = 0 ]; then
	systemd-sysusers --root="$T/root" - \
	    < root/usr/lib/sysusers.d/lookback.conf > out 2>&1
	has_text ':/var/lib/lookback:/bin/sh' root/etc/passwd
fi

# The host's service sees the host's files: nothing that gives it mounts of
# its own, or a private view.
own_mounts='^(Protect|Private|(Read|Inaccess|Exec|NoExec).*Paths|Bind|Temporary|Root|DynamicUser|StateDirectory)'
! grep -E "$own_mounts" root/usr/lib/systemd/system/lindex-run.service ||
    fail "lindex-run.service hides files from the index"
# The host's ip netns sees what a lab's service mounts in /run/netns.
! grep -E "$own_mounts" root/usr/lib/systemd/system/labrouter@.service ||
    fail "labrouter@.service hides namespaces from the host"

in_tree uninstall > /dev/null
find root -type f ! -path 'root/etc/*' ! -path 'root/var/*' > left
same_text left < /dev/null
[ -e root/etc/lookback/server.conf ] || fail "uninstall took the configuration"

# Completions offer what --help lists.
bash -c '. "$1/etc/completions/lindex.bash"
    COMP_WORDS=(lindex sc) COMP_CWORD=1
    _lindex lindex sc; echo "${COMPREPLY[@]}"
    COMP_WORDS=(lindex prune --keep-d) COMP_CWORD=2
    _lindex lindex --keep-d; echo "${COMPREPLY[@]}"
    . "$1/etc/completions/labrouter.bash"
    COMP_WORDS=(labrouter rel) COMP_CWORD=1
    _labrouter labrouter rel; echo "${COMPREPLY[@]}"
    COMP_WORDS=(labrouter plan --st) COMP_CWORD=2
    _labrouter labrouter --st; echo "${COMPREPLY[@]}"
    COMP_WORDS=(labrouter attach lo) COMP_CWORD=2
    _labrouter labrouter lo plan; echo "${COMPREPLY[0]}"
    COMP_WORDS=(labrouter route --os w) COMP_CWORD=3
    _labrouter labrouter w --os; echo "${COMPREPLY[@]}"
    . "$1/etc/completions/lget.bash"
    _lget lget --host; echo "${COMPREPLY[@]}"' bash "$TOP" > out
same_text <<< $'scan\n--keep-daily\nreload\n--stop\nlo\nwindows\n--host-key-alias'
