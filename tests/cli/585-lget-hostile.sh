#!/bin/bash
# Nothing that an index, an archive or whoever shares the target does makes lget
# write outside the target, or leave half a file under its name: hostile names,
# links, a target that changes, kills, a full disk, pushes that lie.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/mounts.sh"
. "$(dirname "$0")/lib.sh"
requires python3 tar

echo 'host = srv' > conf
mkdir b back outside
S=$T/store
get()	# STATUS ARGUMENT...
{
	expect_status "$1" lget --config conf --store "$S" "${@:2}"
}
fresh()
{
	rm -rf back
	mkdir back
}
nothing_outside()
{
	find outside -mindepth 1 > left
	same_text left < /dev/null
	[ ! -e evil ] && [ ! -e /evil ] && [ ! -e ../evil ] ||
	    fail "something outside the target"
}

# ---- names ----

python3 - "$T" <<'END'
import io, sys, tarfile
top = sys.argv[1]
def add(t, name, data=None, link=None):
    i = tarfile.TarInfo(name)
    i.mtime = 1700000000
    if link is not None:
        i.type, i.linkname = tarfile.SYMTYPE, link
    elif data is None:
        i.type, i.mode = tarfile.DIRTYPE, 0o755
    else:
        i.size = len(data)
    t.addfile(i, io.BytesIO(data or b""))
with tarfile.open("b/hostile.tar", "w") as t:
    add(t, "good", b"good")
    add(t, "../../evil", b"evil")
    add(t, "a/../../evil", b"evil")
    add(t, "a/./fine", b"fine")
    add(t, "..", b"evil")
    add(t, top + "/outside/evil", b"evil")
    add(t, "to", link=top + "/outside")
    add(t, "to/evil", b"evil")
    add(t, "up", link="../outside")
    add(t, "up/sub")
    add(t, "up/sub/evil", b"evil")
    add(t, "x" * 200 + "/" + "y" * 255, b"long")
    add(t, "z" * 256, b"too long")
    for i in range(300):
        add(t, "d/" * i + "deep", b"deep")
END
lindex scan --config conf --source archive:b/hostile.tar --series srv/h \
    --store "$S" 2> /dev/null || [ $? = 3 ]
status=0
lget --config conf --store "$S" -r srv/h:/ --to back > out 2> err || status=$?
[ $status = 3 ] || fail "status $status of a hostile archive"
nothing_outside
[ "$(cat back/good)" = good ] || fail "what is good did not come"
[ "$(readlink back/to)" = "$T/outside" ] || fail "the link is not as it was"
has_text 'its name has a part ".."' err
has_text 'srv/h:/to/evil: to is there already' err
[ "$(find back -name deep | wc -l)" = 300 ] || fail "deep directories"
[ -z "$(find back -name evil -not -path "back$T/*")" ] || fail "evil came"
for ref in 'srv/h:/../../evil' 'srv/h:/a/../../evil' 'srv/h:/..'; do
	get 2 "$ref" --to back
	has_text 'such names are not brought back' err
done
nothing_outside
# By a link that stands there before, and with force as well.
fresh
ln -s ../outside back/d
get 2 -r --force srv/h:/d --to back
nothing_outside
ln -s ../outside/evil back/good
get 2 srv/h:/good --to back
get 0 --force srv/h:/good --to back
nothing_outside
[ "$(cat back/good)" = good ] && [ ! -L back/good ] || fail "through a link"

# ---- a target that changes meanwhile ----

mkdir -p tree/d
for i in {1..300}; do
	echo "$i" > "tree/d/evil$i"
done
tar -cf b/d.tar -C tree d
lindex scan --config conf --source archive:b/d.tar --series srv/d --store "$S" \
    2> /dev/null
cat > swap.py <<'END'
import ctypes, os
libc = ctypes.CDLL(None)
while True:	# a directory and a link to elsewhere change places
    libc.renameat2(-100, b"back/d", -100, b"swap", 2)
END
ln -s "$T/outside" swap
fresh
mkdir back/d
daemon python3 swap.py
for _ in {1..25}; do
	status=0
	lget --config conf --store "$S" -qr --force srv/d:/d --to back \
	    2> /dev/null || status=$?
	[ $status -le 3 ] || fail "status $status"
	nothing_outside
done
end_daemon "${DAEMONS[-1]}"

# ---- killed, and stopped ----

python3 -c '
import random
b = random.Random(1).randbytes(1 << 20)
f = open("tree/big", "wb")
for i in range(96):
    f.write(b[i:] + b[:i])
'
tar -czf b/big.tar.gz -C tree big
lindex scan --config conf --source archive:b/big.tar.gz --series srv/big \
    --store "$S" 2> /dev/null
begun()
{
	compgen -G 'back/.lget-*' > /dev/null
}
end_by()	# SIGNAL: in the middle, once at least of ten times
{
	local pid
	for _ in {1..10}; do
		fresh
		# as on a terminal, also where CI runs by nohup
		env --default-signal=HUP lget --config conf --store "$S" \
		    srv/big:/big --to back 2> err &
		pid=$!
		until begun || [ -e back/big ]; do
			kill -0 $pid
		done
		kill -"$1" $pid 2> /dev/null || true
		status=0
		wait $pid || status=$?
		if [ ! -e back/big ]; then
			return
		fi
		cmp back/big tree/big
	done
	fail "never in the middle"
}
children()	# of no lget: what it started ended with it
{
	! grep -lsaF "$T/b/big.tar.gz" /proc/[0-9]*/cmdline
}
end_by KILL
[ $status = 137 ] || fail "status $status of a kill"
[ "$(find back -type f -not -name '.lget-*' | wc -l)" = 0 ] ||
    fail "a name after a kill"
end_by INT
[ $status = 130 ] || fail "status $status of SIGINT"
end_by HUP
[ $status = 129 ] || fail "status $status of SIGHUP"
fresh
end_by TERM
[ $status = 143 ] || fail "status $status of SIGTERM"
[ -z "$(ls -A back)" ] || fail "left after SIGTERM: $(ls -A back)"
has_text 'nothing half done was left' err
wait_until 60 children

# ---- no room ----

if [ "$(id -u)" = 0 ]; then
	mkdir small
	mount -t tmpfs -o size=4m none small
	get 2 srv/big:/big --to small
	has_text 'No space left on device' err
	[ -z "$(ls -A small)" ] || fail "left of a full disk: $(ls -A small)"
	get 2 -r srv/d:/d srv/big:/big --to small
	[ -z "$(find small -name '.lget-*')" ] || fail "left of a full disk"
	TMPDIR=$T/small get 2 -O srv/big:/big
	[ ! -s out ] || fail "half a file on stdout"
	umount small
	# Who may not give files away says so.
	if getent passwd nobody > /dev/null; then
		chmod 777 back
		fresh && chmod 777 back
		chmod -R a+rX "$S" b conf
		run_status as_ids 65534 65534 "$BIN/lget" --config conf \
		    --store "$S" --owner srv/h:/good --to back
		[ $status = 2 ] || fail "--owner without the right: $status"
		has_text 'good: cannot give it to' err
		[ -z "$(ls -A back)" ] || fail "left: $(ls -A back)"
	fi
fi

# ---- a push that lies ----

make_central
make_host web01
# Of itself web01 says that its files lie on srv, the server.
mkdir secret
echo secret > secret/file
lindex scan --config conf --host web01 --source "file:$T/secret" \
    --series web01/file/secret --store web01/store 2> /dev/null
lindex scan --config conf --host web01 --source archive:b/hostile.tar \
    --series web01/archive/h --store web01/store 2> /dev/null || [ $? = 3 ]
host_scan web01 2> /dev/null
host_push web01
fresh
expect_status 1 lget --config conf --store "$CENTRAL" --to back \
    web01/file/secret:/file web01/archive/h:/good
has_text 'it lies on web01, and this is srv' err
[ -z "$(ls -A back)" ] || fail "a host had the server's file read"
# On that host they can be had.
echo 'host = web01' > conf.web01
expect_status 0 lget --config conf.web01 --store "$CENTRAL" --to back \
    web01/archive/h:/good
